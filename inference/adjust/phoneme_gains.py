# SPDX-License-Identifier: GPL-3.0-or-later
"""Gains of phonemes: how far the mouth goes on each phoneme, and how hard lips press on p, b and m."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.channels import BILABIALS, PHONES
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.regions import scaled
from .sliders import closure
from .sliders.scale import SLIDERS

LARGEST = 2.0
SPOKEN = PHONES[:-1]  # all but silence
# Phonemes that look alike on the face, which an artist edits together. Every spoken phoneme is in exactly one group.
GROUPS: dict[str, tuple[str, ...]] = {
    "M B P": BILABIALS,
    "F V": ("F", "V"),
    "TH DH": ("TH", "DH"),
    "W UW": ("W", "UW", "UH", "OW", "OY", "AO"),
    "SH CH": ("SH", "CH", "JH", "ZH", "R", "ER"),
    "S Z": ("S", "Z"),
    "T D N L": ("T", "D", "N", "L"),
    "K G NG": ("K", "G", "NG", "HH", "Y"),
    "AA AE": ("AA", "AE", "AH", "AY", "AW"),
    "IY EH": ("IY", "IH", "EY", "EH"),
}
LABELS = {"W UW": "Rounded", "AA AE": "Open", "IY EH": "Spread", "K G NG": "Back"}
_CHANNELS = tuple(dict.fromkeys((*SLIDERS["articulation"].CHANNELS, *SLIDERS["rounding"].CHANNELS)))


def with_gains(motion: Motion, phones: Phonemes, gains: Mapping[str, float | np.ndarray]) -> Motion:
    """The motion with the mouth going further, or less far, on some phonemes.

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``.
    phones : Phonemes
        Posteriors of the same sound.
    gains : mapping of str to float or ndarray [shape=(F,)]
        By phoneme, in [0, 2]; 1 for those not given. For p, b and m it is how hard lips press: they meet in any case.

    Returns
    -------
    Motion
        The motion itself where every gain is 1.
    """
    gains = {phone: np.asarray(gain, np.float32) for phone, gain in gains.items() if np.any(np.asarray(gain) != 1)}
    if not gains:
        return motion
    posteriors = phones.at(motion.times)  # (F, 40)
    factor = np.ones(motion.frames, np.float32)
    firm, bilabial = np.zeros(motion.frames, np.float32), np.full(motion.frames, 1e-6, np.float32)
    for phone in BILABIALS:
        posterior = posteriors[:, PHONES.index(phone)]
        firm += posterior * (gains.get(phone, np.float32(1)) - 1)
        bilabial += posterior
    for phone, gain in gains.items():
        if phone not in BILABIALS:
            factor += posteriors[:, PHONES.index(phone)] * (gain - 1)
    motion = scaled(motion, _CHANNELS, factor)
    return motion if not firm.any() else closure.apply(motion, np.clip(1 + firm / bilabial, 0, LARGEST))


def spoken(phones: Phonemes, which: tuple[str, ...]) -> list[tuple[str, float, float]]:
    """When some phonemes are spoken, in order: the phoneme, and the first and last second it is the likeliest."""
    likeliest = phones.posteriors.argmax(axis=1)
    edges = np.flatnonzero(np.diff(likeliest)) + 1
    begins, ends = np.append(0, edges), np.append(edges, phones.frames)
    spans = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        name = PHONES[int(likeliest[begin])]
        if name in which:
            spans.append((name, phones.start + begin / phones.fps, phones.start + (end - 1) / phones.fps))
    return spans
