# SPDX-License-Identifier: GPL-3.0-or-later
"""How much brows, cheeks, nose and the muscles around the eyes move; blinks and gaze have sliders of their own."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 60, "Face", "Upper Face", ""
ABOUT = "How much brows, cheeks and nose move: 1 is as generated"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 4.0
CHANNELS = (
    *channels_of(("brows", "cheeks")), "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
)  # fmt: skip


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
