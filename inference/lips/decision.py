# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether p, b or m is said in a frame: a decision from phoneme posteriors, which only spread out their doubt.

A posterior of 0.3 for p, b and m is much where nothing else has more than 0.1, and little where an n has 0.6 or nobody
speaks at all. So the three together are compared with the likeliest of all others, silence among them.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import BILABIALS, PHONES

BILABIAL_COLUMNS = sorted(PHONES.index(name) for name in BILABIALS)  # of posteriors
# Share of p, b and m against their strongest rival from which lips begin to close, and from which they are shut. Chosen
# on 11 voices of speechocean762 that no training used, so that lips are shut on at most 5 % of other consonants there,
# and on clips of s1 that are kept for choosing.
UNLIKELY, LIKELY = 0.30, 0.55
NEAR, FAR = 0.90, 0.72  # of that share 20 and 40 ms before and after: lips take about 60 ms to meet and to part
LOOK_AHEAD = 2  # frames after a frame that its decision depends on
_NONE = 1e-6
_PASSING = 0.1  # below `UNLIKELY`: over this range the posterior of p, b and m passes into the decision without a jump


def decide_bilabials(posteriors: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Smoothed posteriors, in which p, b and m have more than `UNLIKELY` only where lips are to close on them.

    Parameters
    ----------
    posteriors : ndarray [shape=(F, 40)]
        Phoneme posteriors, 50 frames per second, columns as in ``PHONES``; each row sums to 1.
    smooth : ndarray [shape=(F, 40)]
        The same, smoothed over time.

    Returns
    -------
    ndarray [shape=(F, 40), float32]
        Each row sums to 1; p, b and m together have `LIKELY` or more where lips are to be shut.
    """
    bilabial, closing = smooth[:, BILABIAL_COLUMNS].sum(axis=1), _closing(posteriors)
    doubt = np.minimum(bilabial, UNLIKELY)
    sure = np.clip((closing - UNLIKELY) / _PASSING + 1, 0, 1)
    shown = (doubt + sure * np.maximum(closing - doubt, 0))[:, None]
    out = smooth * (1 - shown) / np.maximum(1 - bilabial, _NONE)[:, None]
    out[:, BILABIAL_COLUMNS] = (smooth[:, BILABIAL_COLUMNS] + _NONE) / (bilabial + 3 * _NONE)[:, None] * shown
    return np.asarray(out / out.sum(axis=1, keepdims=True), dtype=np.float32)


def _closing(posteriors: np.ndarray) -> np.ndarray:
    """Share of p, b and m against their strongest rival, led up to and away from [shape=(F,)]."""
    before, at, after = (np.pad(posteriors, ((1, 1), (0, 0)), mode="edge")[k : k + len(posteriors)] for k in range(3))
    share = _against_rivals(before + 2 * at + after)
    # Shifted by two frames, a mean over three would look three frames away.
    gone, coming = _against_rivals(2 * at + after), _against_rivals(before + 2 * at)
    shifted = [(gone, 2, FAR), (share, 1, NEAR), (share, -1, NEAR), (coming, -2, FAR)]
    around = [part * np.minimum(_later(curve, frames), LIKELY) for curve, frames, part in shifted]
    return np.max([share, *around], axis=0)


def _later(curve: np.ndarray, frames: int) -> np.ndarray:
    """The curve, so many frames later or, below 0, earlier; 0 where there is nothing."""
    padded = np.pad(curve, abs(frames))
    begin = abs(frames) - frames
    return padded[begin : begin + len(curve)]


def _against_rivals(posteriors: np.ndarray) -> np.ndarray:
    """Share of p, b and m together in the sum of them and the likeliest other phoneme [shape=(F,)]."""
    together = posteriors[:, BILABIAL_COLUMNS].sum(axis=1)
    return together / (together + np.delete(posteriors, BILABIAL_COLUMNS, axis=1).max(axis=1))
