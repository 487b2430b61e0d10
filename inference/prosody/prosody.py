# SPDX-License-Identifier: GPL-3.0-or-later
"""Prosody: pitch and loudness of a voice against its own middle, and its effort, 50 times a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..audio.loudness import loudness_curve
from .effort import effort
from .pitch import pitch

QUIETEST = -30.0  # dB about the voice's mean
BRIDGED = 0.25  # s without a voice that pitch is carried across


@dataclass(frozen=True, eq=False)
class Prosody:
    """How something is said, in F frames.

    Parameters
    ----------
    height : ndarray [shape=(F,), float32]
        Pitch in semitones about the voice's median; carried across consonants, 0 in pauses.
    voiced : ndarray [shape=(F,), bool]
        Where there is a voice.
    loudness : ndarray [shape=(F,), float32]
        dB about the voice's mean, -30 at least.
    effort : ndarray [shape=(F,), float32]
        How hard the voice works, from -2 to 2; 0 is a reader's (`effort.effort`).
    """

    height: np.ndarray
    voiced: np.ndarray
    loudness: np.ndarray
    effort: np.ndarray

    def __getitem__(self, rows: slice) -> Prosody:
        """That of some frames."""
        return Prosody(self.height[rows], self.voiced[rows], self.loudness[rows], self.effort[rows])


def prosody(samples: np.ndarray, fps: int) -> Prosody:
    """The prosody of a sound, mono at 16 kHz [shape=(n,), float32]; `fps` is that of `pitch.pitch`."""
    hertz = pitch(samples)
    voiced = hertz > 0
    loudness = loudness_curve(samples)[: len(hertz)].clip(QUIETEST)
    if not voiced.any():
        nothing = np.zeros(len(hertz), np.float32)
        return Prosody(nothing, voiced, loudness, nothing)
    semitones = 12 * np.log2(np.maximum(hertz, 1) / np.median(hertz[voiced]))
    at = np.flatnonzero(voiced)
    every = np.arange(len(hertz))
    height = np.interp(every, at, semitones[at])
    nearest = np.abs(every - at[np.searchsorted(at, every).clip(0, len(at) - 1)])
    before = np.abs(every - at[(np.searchsorted(at, every, side="right") - 1).clip(0)])
    spoken = np.minimum(nearest, before) <= BRIDGED * fps / 2
    return Prosody((height * spoken).astype(np.float32), voiced, loudness, effort(samples, hertz, loudness))
