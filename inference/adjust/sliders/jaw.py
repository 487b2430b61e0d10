# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the jaw moves, and mouthClose with it: what shuts the lips again grows with what parts them."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 21, "Mouth", "Jaw", ""
ABOUT = "How far the jaw moves: 1 is as generated"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 2.0
CHANNELS = (*channels_of(["jaw"]), "viseme_aa", "viseme_E")


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
