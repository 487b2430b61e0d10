# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the head nods, turns and tilts while its owner speaks."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 70, "Face", "Head", ""
ABOUT = "How far the head nods, turns and tilts: 1 is as generated"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 5.0
CHANNELS = channels_of(["head"])


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
