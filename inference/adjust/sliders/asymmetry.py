# SPDX-License-Identifier: GPL-3.0-or-later
"""A lopsided face: one side moves more, the other as much less. Nobody speaks evenly with both halves."""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.channels import mirrored
from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 50, "Face", "Asymmetry", ""
ABOUT = "Above 0 the character's left side moves more and the right as much less, below 0 the other way round"
NEUTRAL, LOW, HIGH = 0.0, -1.0, 1.0
# Shifts of the whole jaw or mouth have no half.
_PAIRED = [n for n in channels_of(("lips", "corners", "pressing", "cheeks", "brows")) if mirrored(n) != n]
LEFT = tuple(name for name in _PAIRED if "Left" in name and name != "mouthLeft")
RIGHT = tuple(mirrored(name) for name in LEFT)
CHANNELS = LEFT + RIGHT


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """The left side times 1 + value, the right side times 1 - value."""
    lean = np.asarray(value, np.float32)
    return scaled(scaled(motion, LEFT, 1 + lean), RIGHT, 1 - lean)
