# SPDX-License-Identifier: GPL-3.0-or-later
"""How far lips part, spread and pull at their corners, apart from jaw and rounding."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 22, "Mouth", "Lips", ""
ABOUT = "How far the lips part and spread: 1 is as generated"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 2.0
_VISEMES = ("viseme_I", "viseme_SS", "viseme_TH", "viseme_DD", "viseme_kk", "viseme_nn")
CHANNELS = (*channels_of(("lips", "corners")), *_VISEMES)


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
