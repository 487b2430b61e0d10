# SPDX-License-Identifier: GPL-3.0-or-later
"""The mouth before or after the sound. Viewers forgive a mouth that is early, hardly one that is late.

Sound 45 ms before its picture is noticed as soon as sound 125 ms after it: ITU-R BT.1359
(https://www.itu.int/rec/R-REC-BT.1359).
"""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...core.regions import MOUTH_REGIONS, channels_of

ORDER, GROUP, LABEL, UNIT = 0, "Timing", "Lead", "ms"
ABOUT = "Above 0 the mouth moves before the sound, below 0 after it"
NEUTRAL, LOW, HIGH = 0.0, -200.0, 200.0
TIMING = True
CHANNELS = channels_of((*MOUTH_REGIONS, "visemes"))  # visemes go along: they say where lips are closed


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """Read mouth and visemes so many milliseconds later in the motion."""
    names = [name for name in CHANNELS if name in motion.channels]
    moved = np.broadcast_to(np.asarray(value, np.float64) != 0, motion.frames)
    if not names or not moved.any():
        return motion
    mouth = motion.select(names)
    values = mouth.values.copy()
    values[moved] = mouth.at((motion.times + np.asarray(value, np.float64) / 1000)[moved])
    return motion.with_channels(names, values)
