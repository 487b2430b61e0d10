# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lips meet: the moments of a motion that no thinning of keys may blur.

Lips that should touch and almost do are what viewers forgive least. p, b and m are heard; where a motion carries no
visemes, a mouth that was open and comes to a close is taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .layers.closure import HEARD, LIKELY, UNLIKELY
from .motion import Motion

HALF_SHUT = (UNLIKELY + LIKELY) / 2  # what is heard where the rule shuts the lips by half
SHUT, OPEN = 0.03, 0.10  # opening below which lips meet, and above which the mouth was open before and after
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
    opening = _opening(motion)
    closed = motion.channel(HEARD) >= HALF_SHUT if HEARD in motion.channels else opening <= SHUT
    edges = np.flatnonzero(np.diff(np.concatenate([[False], closed, [False]])))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if HEARD not in motion.channels:  # a mouth that rests is not a closure
        reach = max(round(0.2 * motion.fps), 1)
        runs = [
            (b, e)
            for b, e in runs
            if e - b <= motion.fps
            and min(opening[max(b - reach, 0) : b].max(initial=0.0), opening[e : e + reach].max(initial=0.0)) >= OPEN
        ]
    moments = [begin + int(np.argmin(opening[begin:end])) for begin, end in runs]
    times = motion.times
    first, last = [begin for begin, _ in runs], [end - 1 for _, end in runs]
    return Closures(*(times[np.asarray(some, np.intp)] for some in (moments, first, last)))


def _opening(motion: Motion) -> np.ndarray:
    """How far lips are apart, roughly, in units of jawOpen [shape=(F,)]."""
    parts = {"jawOpen": 1.0, "mouthClose": -1.0}
    parts |= {f"mouth{way}{side}": 0.15 for way in ("LowerDown", "UpperUp") for side in ("Left", "Right")}
    have = [name for name in parts if name in motion.channels]
    return motion.select(have).values @ np.array([parts[name] for name in have], np.float32)
