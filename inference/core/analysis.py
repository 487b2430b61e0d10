# SPDX-License-Identifier: GPL-3.0-or-later
"""What was heard in a sound, as curves: the phones and how loud the voice is. It is the same for every take of it.

Kept as a Motion, so that it travels and is stored as motion is. Numbers are rounded to a thousandth: nobody sees more.
"""

from __future__ import annotations

import numpy as np

from ..audio.loudness import loudness_curve
from .channels import PHONES
from .motion import Motion
from .phonemes import Phones

LOUDNESS = "loudness"
CHANNELS = (*PHONES, LOUDNESS)
_QUIETEST = -60.0  # dB
_BLOCK = 4096  # frames


def heard(phones: Phones, samples: np.ndarray) -> Motion:
    """Phones, and loudness in dB about its mean, of the same sound [shape=(F, 41)]."""
    loudness = loudness_curve(samples)[: phones.frames].clip(_QUIETEST)
    values = np.empty((len(loudness), len(CHANNELS)), np.float32)
    for begin in range(0, len(values), _BLOCK):  # half an hour at once would take 100 MB
        part = slice(begin, begin + _BLOCK)
        shares = phones.shares[: len(loudness)][part].astype(np.float32)
        values[part] = np.column_stack([shares, loudness[part]]).round(3)
    return Motion(values, CHANNELS, phones.fps, phones.start)


def phones_of(motion: Motion) -> Phones:
    """The phones in it."""
    return Phones(motion.select(PHONES).values, motion.fps, motion.start)


def voice_of(motion: Motion, times: np.ndarray) -> np.ndarray:
    """How loud the voice is at some seconds [shape=(n,), dB]."""
    return motion.select([LOUDNESS]).at(times)[:, 0]
