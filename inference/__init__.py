# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to facial motion, without Blender and without torch.

>>> motion = animate(load_audio("line.wav"), fps=30, seed=0)
>>> export(motion, "line.csv")
"""

from .adjust.adjustments import Adjustments
from .audio.decode import load_audio
from .core.audio import Audio
from .core.errors import FacewrightError
from .core.motion import Motion
from .formats import export
from .pipeline.animate import animate
from .pipeline.streaming import Live
from .policy.predictor import Predictor, load_predictor
from .styles.style import Style, blend, neutral

Sliders = Adjustments  # as it was called before

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
