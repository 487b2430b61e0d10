# SPDX-License-Identifier: GPL-3.0-or-later
"""The tongue, by rule: between the teeth for th, its tip behind them for l, n, t and d, a little for s and z.

ARKit has one curve for it, ``tongueOut``, which is all of a tongue put out at 1. Places of articulation: International
Phonetic Association 1999, "Handbook of the International Phonetic Association", table of consonants.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import PHONES
from ..core.curves import smoothstep
from ..core.motion import Motion
from ..lips.closing import BILABIAL_VISEME, HELD_FROM
from ..lips.decision import UNLIKELY

OUT = {"TH": 0.4, "DH": 0.32, "L": 0.16, "N": 0.1, "T": 0.1, "D": 0.1, "S": 0.05, "Z": 0.05}  # tongueOut of a phoneme
BETWEEN = ("TH", "DH")  # are said with the tongue between the teeth, so that lips cannot be shut
APART = 0.2  # of the curves that lower the lower lip, at least, where one of these is said
DOUBTED, SURE = 0.15, 0.5  # posteriors: below the first nothing moves, from the second on all of it
ROOM = 0.08  # jawOpen from which the teeth leave the tongue all its room; a shut jaw leaves it none

LOWER = ("mouthLowerDownLeft", "mouthLowerDownRight")

_COLUMNS = [PHONES.index(phoneme) for phoneme in OUT]
_FAR = np.array([*OUT.values()], np.float32)
_BETWEEN = np.array([phoneme in BETWEEN for phoneme in OUT])


def with_tongue(motion: Motion, posteriors: np.ndarray) -> Motion:
    """The motion with ``tongueOut`` as phonemes have it, and lips apart where it is between the teeth.

    It stays in where lips meet, or it would part them.

    Parameters
    ----------
    motion : Motion
    posteriors : ndarray [shape=(F, 40)]
        Of phonemes in the motion's frames.
    """
    free = 1 - smoothstep(motion.channel(BILABIAL_VISEME), HELD_FROM, UNLIKELY)
    sure = smoothstep(posteriors[:, _COLUMNS], DOUBTED, SURE) * free[:, None]
    room = smoothstep(motion.channel("jawOpen"), 0.0, ROOM)
    out = np.maximum(motion.channel("tongueOut"), (sure * _FAR).max(axis=1) * room)
    apart = APART * sure[:, _BETWEEN].max(axis=1, keepdims=True)
    lips = np.maximum(motion.select(LOWER).values, apart)
    return motion.with_channels(("tongueOut", *LOWER), np.hstack([out[:, None], lips]))
