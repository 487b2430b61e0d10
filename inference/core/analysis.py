# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech analysis: phonemes of a sound, how loud its voice is and how hard it works, the same for all its takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .channels import PHONES
from .errors import MotionError
from .motion import Motion
from .phonemes import Phonemes
from .spool import Spool

LOUDNESS, EFFORT = "loudness", "effort"
CURVES = (*PHONES, LOUDNESS, EFFORT)
_BLOCK = 4096  # frames


@dataclass(frozen=True, eq=False)
class Voice:
    """How something is said in each of F frames of a motion, for sliders that go by it.

    Parameters
    ----------
    loudness : ndarray [shape=(F,), float32]
        dB about the voice's mean.
    effort : ndarray [shape=(F,), float32]
        How hard the voice works, from -2 to 2; 0 is a reader's.
    """

    loudness: np.ndarray
    effort: np.ndarray

    def __len__(self) -> int:
        return len(self.loudness)


@dataclass(frozen=True, eq=False)
class SpeechAnalysis:
    """Phonemes, loudness and vocal effort of a sound, free of seed and style.

    Numbers are rounded to a thousandth, so that an analysis that was stored and read back gives the same curves.

    Parameters
    ----------
    phonemes : Phonemes
        F frames of posteriors.
    loudness : ndarray [shape=(F,), float32]
        Of the voice, dB about its mean.
    effort : ndarray [shape=(F,), float32]
        How hard the voice works, from -2 to 2.

    Raises
    ------
    MotionError
        When they are not of the same length.
    """

    phonemes: Phonemes
    loudness: np.ndarray
    effort: np.ndarray

    def __post_init__(self) -> None:
        given, posteriors = self.phonemes, np.empty_like(self.phonemes.posteriors)
        for begin in range(0, given.frames, _BLOCK):  # half an hour at once would take 100 MB
            part = slice(begin, begin + _BLOCK)
            posteriors[part] = given.posteriors[part].astype(np.float32).round(3)
        for name in (LOUDNESS, EFFORT):
            curve = np.asarray(getattr(self, name), dtype=np.float32).round(3)
            if curve.shape != (given.frames,):
                raise MotionError(f"Expected {name} for each of {given.frames} frames of phonemes, got {curve.shape}.")
            curve.flags.writeable = False
            object.__setattr__(self, name, curve)
        object.__setattr__(self, "phonemes", Phonemes(posteriors, given.fps, given.start))

    @classmethod
    def from_curves(cls, curves: Motion) -> SpeechAnalysis:
        """The analysis that `curves` turned into a motion; one of before version 2 has no effort, which is 0 then.

        Raises
        ------
        MotionError
            When another of `CURVES` is missing.
        """
        phonemes = Phonemes(curves.select(PHONES).values, curves.fps, curves.start)
        effort = curves.channel(EFFORT) if EFFORT in curves.channels else np.zeros(curves.frames, np.float32)
        return cls(phonemes, curves.channel(LOUDNESS), effort)

    def curves(self) -> Motion:
        """The analysis as a motion of 42 channels, `CURVES`, so that it is sent and stored as takes are."""
        values = Spool(len(CURVES))
        for begin in range(0, self.phonemes.frames, _BLOCK):
            part = slice(begin, begin + _BLOCK)
            columns = self.phonemes.posteriors[part], self.loudness[part], self.effort[part]
            values.append(np.column_stack(columns).astype(np.float32).round(3))
        return Motion(values.array(), CURVES, self.phonemes.fps, self.phonemes.start)

    def voice_at(self, times: ArrayLike) -> Voice:
        """How something is said at some seconds [shape=(n,)]."""
        both = np.stack([self.loudness, self.effort], axis=1)
        loudness, effort = Motion(both, (LOUDNESS, EFFORT), self.phonemes.fps, self.phonemes.start).at(times).T
        return Voice(loudness, effort)
