# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions that begin and end at rest, and several of them laid out on one clock, such as the lines of a shot.

A face at rest has every channel at 0: lips closed, lids open, head and eyes straight ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.curves import smoothstep
from ..core.errors import MotionError
from ..core.motion import Motion

LEAD, TAIL = 0.25, 0.3  # s
LONGEST_BLEND = 0.3  # s over which one motion turns into the next where they overlap
_SAME = 1e-6  # of a frame


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


def laid(motions: Sequence[Motion]) -> Motion:
    """Several motions, each at its own start on one clock, as one.

    Where two overlap, the one that starts later is blended over the other, over the first 0.3 s of the overlap or all
    of it where that is less. Where it ends before the other, that one comes back in the same way. Where there is none,
    all is at rest; motions that begin and end elsewhere jump there (see `from_rest`).

    Parameters
    ----------
    motions : sequence of Motion
        At least one; of equal starts, the one named last counts as later. Channels that only some have are 0 where the
        others are. With another frame rate than the first, or between its frames, a motion is resampled.

    Returns
    -------
    Motion
        At the frame rate of the first and on its grid, from the first start of all to the last end.

    Raises
    ------
    MotionError
        When there is none.
    """
    if not motions:
        raise MotionError("Expected at least one motion to lay out, got none.")
    first, start, end = motions[0], min(one.start for one in motions), max(one.end for one in motions)
    # Whole frames of the first motion that cover all of them.
    earliest = int(np.floor((start - first.start) * first.fps + _SAME))
    latest = int(np.ceil((end - first.start) * first.fps - _SAME))
    channels = tuple(dict.fromkeys(name for one in motions for name in one.channels))
    values = np.zeros((latest - earliest + 1, len(channels)), np.float32)
    covered = -np.inf  # seconds up to which something lies there
    for motion in sorted(motions, key=lambda one: one.start):
        rows, new = _on_grid(motion, first, earliest)
        columns = [channels.index(name) for name in motion.channels]
        under = values[rows]
        over = np.zeros_like(under)
        over[:, columns] = new
        part = _share(first.start + (earliest + np.arange(rows.start, rows.stop)) / first.fps, motion, covered)
        values[rows] = np.where(part == 1, over, under + part * (over - under))
        covered = max(covered, motion.end)
    return Motion(values, channels, first.fps, first.start + earliest / first.fps)


def _ease(frames: int) -> np.ndarray:
    """Shares from 0 on, without the 1 that would follow [shape=(frames, 1), float32]."""
    return smoothstep(np.arange(frames, dtype=np.float32) / max(frames, 1))[:, None]


def _on_grid(motion: Motion, first: Motion, earliest: int) -> tuple[slice, np.ndarray]:
    """Rows of the whole that a motion fills, and its values there; as they are where its frames lie on the grid."""
    begin = (motion.start - first.start) * first.fps - earliest
    if motion.fps == first.fps and abs(begin - round(begin)) < _SAME * max(1.0, abs(begin)):
        return slice(round(begin), round(begin) + motion.frames), motion.values
    end = (motion.end - first.start) * first.fps - earliest
    lowest = int(np.ceil(begin - _SAME))
    rows = np.arange(lowest, int(np.floor(end + _SAME)) + 1)  # none for a single frame between two of the grid
    return slice(lowest, lowest + len(rows)), motion.at(first.start + (earliest + rows) / first.fps)


def _share(times: np.ndarray, motion: Motion, covered: float) -> np.ndarray:
    """How much of the motion is seen over what is covered up to some second [shape=(F, 1), float32]."""
    share = np.ones(len(times))
    inside = covered > motion.end
    blend = min(LONGEST_BLEND, covered - motion.start, (motion.end - motion.start) / (2 if inside else 1))
    if blend > 0:
        share = smoothstep((times - motion.start) / blend)
        if inside:
            share = np.minimum(share, smoothstep((motion.end - times) / blend))
    return share[:, None].astype(np.float32)
