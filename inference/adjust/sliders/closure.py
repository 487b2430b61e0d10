# SPDX-License-Identifier: GPL-3.0-or-later
"""How firmly lips meet on p, b and m: pressed and rolled in above 1, just touching below. They meet in any case."""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...core.regions import channels_of, within
from ...lips.closing import CLOSE
from ...lips.contacts import lip_contacts

ORDER, GROUP, LABEL, UNIT = 30, "Mouth", "Firmness", ""
ABOUT = "How firmly lips meet on p, b and m: above 1 they are pressed and rolled in, at 0 they just touch"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 2.0
# What is added at 2 while lips are shut. Chosen by eye on the built-in head.
FIRM = {"mouthPressLeft": 0.4, "mouthPressRight": 0.4, "mouthRollUpper": 0.5}
CHANNELS = (*channels_of(["pressing"]), "mouthClose", "viseme_PP")


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """More or less of the channels that press lips together, where lips are closed and only there."""
    firm = np.broadcast_to(np.asarray(value, np.float32), motion.frames)
    closing = lip_contacts(motion).strength  # (F,)
    more, less = closing * np.clip(firm - 1, 0, None), closing * np.clip(1 - firm, 0, None)
    names = [name for name in FIRM if name in motion.channels]
    if names:
        values = motion.select(names).values
        added = np.array([FIRM[name] for name in names], np.float32)
        motion = motion.with_channels(
            names, within(names, values + more[:, None] * added * (1 - values) - less[:, None] * values)
        )
    if "mouthClose" in motion.channels and "jawOpen" in motion.channels:
        close = motion.channel("mouthClose")
        lacking = np.clip(CLOSE * motion.channel("jawOpen") - close, 0, None)
        motion = motion.with_channels(["mouthClose"], (close + more * lacking)[:, None])
    if "viseme_PP" in motion.channels:
        bilabial = motion.channel("viseme_PP")
        motion = motion.with_channels(["viseme_PP"], (bilabial + more * (1 - bilabial))[:, None])
    return motion
