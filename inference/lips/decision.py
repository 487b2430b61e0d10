# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether p, b or m is being said: phone posteriors, in which doubt is spread out, to a decision.

A posterior of 0.3 for p, b and m is much where nothing else has more than 0.1, and little where an n has 0.6 or nobody
speaks at all. So the three together are compared with the likeliest of all others, silence among them.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import BILABIALS, PHONES

BILABIAL_COLUMNS = sorted(PHONES.index(phone) for phone in BILABIALS)  # of posteriors
# Share of p, b and m against their strongest rival from which lips begin to close, and from which they are shut. Chosen
# on 11 voices of speechocean762 that no training heard, so that lips are shut on at most 5 % of other consonants there,
# and on clips of s1 that are kept for choosing.
UNLIKELY, LIKELY = 0.30, 0.55
NEAR, FAR = 0.90, 0.72  # of that share 20 and 40 ms before and after: lips take about 60 ms to meet and to part
LOOK_AHEAD = 2  # frames after a frame that its decision depends on


def decide_bilabials(shares: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Smoothed posteriors, in which p, b and m have more than `UNLIKELY` only where lips are to close on them.

    Parameters
    ----------
    shares : ndarray [shape=(F, 40)]
        Phone posteriors, 50 frames per second, columns as in ``PHONES``; each row sums to 1.
    smooth : ndarray [shape=(F, 40)]
        The same, smoothed over time.

    Returns
    -------
    ndarray [shape=(F, 40), float32]
        Each row sums to 1; p, b and m together have `LIKELY` or more where lips are to be shut.
    """
    heard, closing = smooth[:, BILABIAL_COLUMNS].sum(axis=1), _closing(shares)
    doubt = np.minimum(heard, UNLIKELY)
    sure = np.clip((closing - UNLIKELY) / _PASSING + 1, 0, 1)
    shown = (doubt + sure * np.maximum(closing - doubt, 0))[:, None]
    out = smooth * (1 - shown) / np.maximum(1 - heard, _NONE)[:, None]
    out[:, BILABIAL_COLUMNS] = (smooth[:, BILABIAL_COLUMNS] + _NONE) / (heard + 3 * _NONE)[:, None] * shown
    return np.asarray(out / out.sum(axis=1, keepdims=True), dtype=np.float32)


def _closing(shares: np.ndarray) -> np.ndarray:
    """Share of p, b and m against their strongest rival, led up to and away from [shape=(F,)]."""
    before, here, after = (np.pad(shares, ((1, 1), (0, 0)), mode="edge")[k : k + len(shares)] for k in range(3))
    now = _against_rivals(before + 2 * here + after)
    gone, coming = _against_rivals(2 * here + after), _against_rivals(before + 2 * here)  # needs no third frame away
    led = [(gone, 2, FAR), (now, 1, NEAR), (now, -1, NEAR), (coming, -2, FAR)]
    return np.max([now, *(part * np.minimum(_later(curve, frames), LIKELY) for curve, frames, part in led)], axis=0)


def _later(curve: np.ndarray, frames: int) -> np.ndarray:
    """The curve, so many frames later or, below 0, earlier; 0 where there is nothing."""
    padded = np.pad(curve, abs(frames))
    begin = abs(frames) - frames
    return padded[begin : begin + len(curve)]


def _against_rivals(shares: np.ndarray) -> np.ndarray:
    together = shares[:, BILABIAL_COLUMNS].sum(axis=1)
    return together / (together + np.delete(shares, BILABIAL_COLUMNS, axis=1).max(axis=1))


_NONE = 1e-6
_PASSING = 0.1  # below `UNLIKELY`, in which what is shown goes from what is heard to how far lips close: nothing jumps
