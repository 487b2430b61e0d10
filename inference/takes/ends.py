# SPDX-License-Identifier: GPL-3.0-or-later
"""A take that comes out of the face at rest and goes back into it: no frame around a line holds an open mouth.

A face at rest has every channel at 0: lips closed, lids open, head and eyes straight ahead.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.curves import smoothstep
from ..core.errors import MotionError
from ..core.motion import Motion

LEAD, TAIL = 0.25, 0.3  # s


def from_rest(motion: Motion, lead: float = LEAD, tail: float = TAIL) -> Motion:
    """The motion with an ease from rest before it and one back to rest after it.

    Parameters
    ----------
    motion : Motion
        Any channels; its frames stay as they are, bit for bit.
    lead, tail : float
        Seconds of the eases, at least 0; rounded to whole frames of the motion, so that they lie on its grid.

    Returns
    -------
    Motion
        It starts `lead` seconds earlier with every channel at 0, and ends so `tail` seconds later.

    Raises
    ------
    MotionError
        When `lead` or `tail` is below 0 or no number.
    """
    if not (np.isfinite([lead, tail]).all() and min(lead, tail) >= 0):
        raise MotionError(f"Expected eases of 0 s or more before and after a motion, got {lead} and {tail}.")
    before, after = round(lead * motion.fps), round(tail * motion.fps)
    rises, falls = _ease(before), _ease(after)[::-1]
    values = np.concatenate([rises * motion.values[0], motion.values, falls * motion.values[-1]])
    return replace(motion, values=values, start=motion.start - before / motion.fps)


def _ease(frames: int) -> np.ndarray:
    """Shares from 0 on, without the 1 that would follow [shape=(frames, 1), float32]."""
    return smoothstep(np.arange(frames, dtype=np.float32) / max(frames, 1))[:, None]
