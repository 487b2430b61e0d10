# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the eyes wander."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 72, "Face", "Gaze", ""
ABOUT = "How far the eyes wander: 1 is as generated, 0 looks straight ahead"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 3.0
CHANNELS = channels_of(["gaze"])


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
