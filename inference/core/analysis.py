# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech analysis: the phonemes of a sound and how loud its voice is, the same for every take of the sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .channels import PHONES
from .errors import MotionError
from .motion import Motion
from .phonemes import Phonemes

LOUDNESS = "loudness"
CURVES = (*PHONES, LOUDNESS)
_BLOCK = 4096  # frames


@dataclass(frozen=True, eq=False)
class SpeechAnalysis:
    """Phonemes and loudness of a sound, free of seed and style.

    Numbers are rounded to a thousandth, so that an analysis that was stored and read back gives the same curves.

    Parameters
    ----------
    phonemes : Phonemes
        F frames of posteriors.
    loudness : ndarray [shape=(F,), float32]
        Of the voice, dB about its mean.

    Raises
    ------
    MotionError
        When the two are not of the same length.
    """

    phonemes: Phonemes
    loudness: np.ndarray

    def __post_init__(self) -> None:
        loudness = np.asarray(self.loudness, dtype=np.float32)
        if loudness.shape != (self.phonemes.frames,):
            raise MotionError(
                f"Expected loudness for each of {self.phonemes.frames} frames of phonemes, got {loudness.shape}."
            )
        loudness = loudness.round(3)
        loudness.flags.writeable = False
        given, posteriors = self.phonemes, np.empty_like(self.phonemes.posteriors)
        for begin in range(0, given.frames, _BLOCK):  # half an hour at once would take 100 MB
            part = slice(begin, begin + _BLOCK)
            posteriors[part] = given.posteriors[part].astype(np.float32).round(3)
        object.__setattr__(self, "loudness", loudness)
        object.__setattr__(self, "phonemes", Phonemes(posteriors, given.fps, given.start))

    @classmethod
    def from_curves(cls, curves: Motion) -> SpeechAnalysis:
        """The analysis that `curves` turned into a motion.

        Raises
        ------
        MotionError
            When one of `CURVES` is missing.
        """
        phonemes = Phonemes(curves.select(PHONES).values, curves.fps, curves.start)
        return cls(phonemes, curves.channel(LOUDNESS))

    def curves(self) -> Motion:
        """The analysis as a motion of 41 channels, `CURVES`, so that it is sent and stored as takes are."""
        values = np.empty((self.phonemes.frames, len(CURVES)), np.float32)
        values[:, :-1], values[:, -1] = self.phonemes.posteriors, self.loudness
        return Motion(values.round(3), CURVES, self.phonemes.fps, self.phonemes.start)

    def loudness_at(self, times: ArrayLike) -> np.ndarray:
        """How loud the voice is at some seconds [shape=(n,), dB]."""
        curve = Motion(self.loudness[:, None], (LOUDNESS,), self.phonemes.fps, self.phonemes.start)
        return curve.at(times)[:, 0]
