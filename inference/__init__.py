# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to facial motion, without Blender and without torch.

>>> motion = animate(load_audio("line.wav"), fps=30, seed=0)
>>> export(motion, "line.csv")
"""

from .audio import Audio
from .dialled import Sliders
from .errors import FacewrightError
from .exporters import export
from .live import Live
from .load import load_audio
from .motion import Motion
from .pipeline import animate
from .predictor import Predictor, load_predictor
from .style import Style, blend, neutral

__all__ = [
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
