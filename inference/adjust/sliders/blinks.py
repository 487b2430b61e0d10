# SPDX-License-Identifier: GPL-3.0-or-later
"""How often lids blink. Half a blink looks wrong, so whole ones go or come.

Which ones is settled once for all values: those that stay at 0.3 also stay at 0.6, and 2 keeps all of 1.
"""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.curves import runs
from ...core.motion import Motion

ORDER, GROUP, LABEL, UNIT = 71, "Face", "Blinks", ""
ABOUT = "How often the lids blink: 1 is as generated, 0 never, 2 twice as often"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 2.0
CHANNELS = ("eyeBlinkLeft", "eyeBlinkRight")

_CLOSED, _OPEN = 0.3, 0.03  # a blink goes above the first; it begins and ends where the lids are below the second
_GOLDEN = 0.6180339887498949  # its multiples, without their whole part, fill [0, 1) evenly


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """Take blinks out below 1, and put copies of them between them above 1."""
    often = np.broadcast_to(np.asarray(value, np.float32), motion.frames)
    if (often == 1).all() or any(name not in motion.channels for name in CHANNELS):
        return motion
    lids = motion.select(CHANNELS).values
    spans = blinks(lids.max(axis=1))
    ranks = (np.arange(1, len(spans) + 1) * _GOLDEN) % 1  # of each blink, in [0, 1)
    result = lids.copy()
    for number, ((first, last), rank) in enumerate(zip(spans, ranks.tolist(), strict=True)):
        if often[(first + last) // 2] <= rank:
            part = np.linspace(0, 1, last - first + 1, dtype=np.float32)[:, None]
            result[first : last + 1] = lids[first] + part * (lids[last] - lids[first])
        begin = spans[number + 1][0] if number + 1 < len(spans) else motion.frames
        length, room = last - first + 1, begin - last - 1
        at = last + 1 + (room - length) // 2
        if room >= length and often[at + length // 2] > 1 + rank:
            into = result[at : at + length]
            np.maximum(into, lids[first : last + 1], out=into)
    return motion.with_channels(CHANNELS, result)


def blinks(shut: np.ndarray) -> list[tuple[int, int]]:
    """First and last frame of every blink in a curve of the lids [shape=(F,)]."""
    touched = [(begin, end) for begin, end in runs(shut > _OPEN).tolist() if shut[begin:end].max() > _CLOSED]
    return [(max(begin - 1, 0), min(end, len(shut) - 1)) for begin, end in touched]
