# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to facial motion, without Blender and without torch.

>>> motion = animate(load_audio("line.wav"), fps=30, seed=0)
>>> export(motion, "line.csv")

Names are loaded when they are first used (https://peps.python.org/pep-0562/): nobody waits for what he does not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adjust.adjustments import Adjustments
    from .adjust.adjustments import Adjustments as Sliders
    from .audio.decode import load_audio
    from .core.audio import Audio
    from .core.errors import FacewrightError
    from .core.motion import Motion
    from .formats import export
    from .pipeline.animate import animate
    from .pipeline.streaming import Live
    from .policy.predictor import Predictor, load_predictor
    from .styles.style import Style, blend, neutral

__all__ = [
    "Adjustments",
    "Audio",
    "FacewrightError",
    "Live",
    "Motion",
    "Predictor",
    "Sliders",
    "Style",
    "animate",
    "blend",
    "export",
    "load_audio",
    "load_predictor",
    "neutral",
]

_HOMES = {
    "adjust.adjustments": ("Adjustments", "Sliders"),
    "audio.decode": ("load_audio",),
    "core.audio": ("Audio",),
    "core.errors": ("FacewrightError",),
    "core.motion": ("Motion",),
    "formats": ("export",),
    "pipeline.animate": ("animate",),
    "pipeline.streaming": ("Live",),
    "policy.predictor": ("Predictor", "load_predictor"),
    "styles.style": ("Style", "blend", "neutral"),
}
_FORMER = {"Sliders": "Adjustments"}  # as it was called before


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), _FORMER.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
