# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lips meet: the moments of a motion that no thinning of keys may blur.

Lips that should touch and almost do are what viewers forgive least. p, b and m are heard; where a motion carries no
visemes, a mouth that was open and comes to a close is taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..core.channels import MOUTH, VISEMES
from ..core.curves import runs
from ..core.motion import Motion
from .closing import BILABIAL_VISEME
from .decision import LIKELY, UNLIKELY

HALF_SHUT = (UNLIKELY + LIKELY) / 2  # what is heard where the rule shuts the lips by half
SHUT, OPEN = 0.03, 0.10  # opening below which lips meet, and above which the mouth was open before and after
LOST = 0.01  # opening that frames may add to a closure between them
GAP: tuple[str, ...] = (
    "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthPressLeft", "mouthPressRight", "viseme_PP",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Closures:
    """The closures of a motion.

    Parameters
    ----------
    moments : ndarray [shape=(E,), float64]
        Seconds at which the lips are closest, one for each closure.
    begins, ends : ndarray [shape=(E,), float64]
        Seconds of its first and last frame.
    """

    moments: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    def cover(self, times: np.ndarray, margin: float) -> np.ndarray:
        """Which of these seconds [shape=(n,)] lie in a closure, or within `margin` seconds of one."""
        edges = np.searchsorted(np.sort(self.begins - margin), times, side="right")
        return edges > np.searchsorted(np.sort(self.ends + margin), times, side="left")


def closures(motion: Motion) -> Closures:
    """Find where lips meet on p, b and m."""
    opening = lip_opening(motion)
    closed = motion.channel(BILABIAL_VISEME) >= HALF_SHUT if BILABIAL_VISEME in motion.channels else opening <= SHUT
    meetings = runs(closed).tolist()
    if BILABIAL_VISEME not in motion.channels:  # a mouth that rests is not a closure
        reach = max(round(0.2 * motion.fps), 1)
        meetings = [
            (b, e)
            for b, e in meetings
            if e - b <= motion.fps
            and min(opening[max(b - reach, 0) : b].max(initial=0.0), opening[e : e + reach].max(initial=0.0)) >= OPEN
        ]
    moments = [begin + int(np.argmin(opening[begin:end])) for begin, end in meetings]
    times = motion.times
    first, last = [begin for begin, _ in meetings], [end - 1 for _, end in meetings]
    return Closures(*(times[np.asarray(some, np.intp)] for some in (moments, first, last)))


def shut_on_frames(motion: Motion, seconds: np.ndarray, step: float) -> np.ndarray:
    """Values of a motion on frames, on which lips are as shut as they get between two.

    Lips meet for a few hundredths of a second, and at 24 frames per second both frames around may miss it. Then the
    mouth is on the nearer one as it is at that moment, at most half a frame away.

    Parameters
    ----------
    motion : Motion
        The whole take.
    seconds : ndarray [shape=(F,)]
        Some frames of a grid, any of them.
    step : float
        Seconds from one frame of the grid to the next.

    Returns
    -------
    ndarray [shape=(F, C), float32]
    """
    seconds = np.asarray(seconds, np.float64)
    values = motion.at(seconds)
    if len(seconds) == 0:
        return values
    offset = round(float(seconds[0] % step), 7) % step
    frames, shut, columns = _shut_between(motion, step, offset)
    spots = np.rint((seconds - offset) / step).astype(np.int64)
    found = np.clip(np.searchsorted(frames, spots), 0, max(len(frames) - 1, 0))
    rows = np.flatnonzero(frames[found] == spots) if len(frames) else np.zeros(0, np.intp)
    values[np.ix_(rows, columns)] = shut[found[rows]]
    return values


@lru_cache(maxsize=4)  # a preview asks at every frame
def _shut_between(motion: Motion, step: float, offset: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames [shape=(E,), ascending] that are to show a closure beside them, mouths [shape=(E, M)], and columns."""
    columns = np.flatnonzero([name in MOUTH or name in VISEMES for name in motion.channels])
    moments = closures(motion).moments
    at = (moments - offset) / step
    nearest = np.rint(at)
    other = np.where(at < nearest, nearest - 1, nearest + 1)
    here, *around = (
        lip_opening(replace(motion, values=motion.at(times))) if len(at) else at
        for times in (moments, nearest * step + offset, other * step + offset)
    )
    lost = np.minimum(*around) > here + LOST
    frames, which = np.unique(nearest[lost].astype(np.int64), return_index=True)
    return frames, motion.at(moments[lost][which])[:, columns], columns


def lip_opening(motion: Motion) -> np.ndarray:
    """How far lips are apart, roughly, in units of jawOpen [shape=(F,)]."""
    parts = {"jawOpen": 1.0, "mouthClose": -1.0}
    parts |= {f"mouth{way}{side}": 0.15 for way in ("LowerDown", "UpperUp") for side in ("Left", "Right")}
    have = [name for name in parts if name in motion.channels]
    return motion.select(have).values @ np.array([parts[name] for name in have], np.float32)
