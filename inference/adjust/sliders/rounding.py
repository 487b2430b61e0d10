# SPDX-License-Identifier: GPL-3.0-or-later
"""How round lips become on oo, w, sh and r."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 23, "Mouth", "Rounding", ""
ABOUT = "How far the lips are pushed forward and rounded: 1 is as generated"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 3.0
CHANNELS = (*channels_of(["rounding"]), "viseme_O", "viseme_U", "viseme_CH", "viseme_RR")


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
