# SPDX-License-Identifier: GPL-3.0-or-later
"""How loud the speech in a sound is, and the gain that makes it as loud as what the model learned from.

How wide a mouth opens goes with how loud its owner speaks, so the model may go by loudness; how far a recording is
turned up must not matter. The measure is that of ITU-R BS.1770-5 (https://www.itu.int/rec/R-REC-BS.1770) on frames
of 20 ms, without its weighting of frequencies: pauses do not count, so a sound with little speech is not turned up.
"""

from __future__ import annotations

import numpy as np

from ..core.audio import RATE
from ..core.spool import blocks, release

SPEECH_LEVEL = 10 ** (-21.5 / 10)  # mean power of speech in the training clips, where full scale is 1
_ABSOLUTE_GATE = 10 ** (-70 / 10)
_RELATIVE_GATE = 0.1  # 10 dB below the mean of what passed the first gate
_LARGEST_GAIN = 100.0  # 40 dB: what is fainter is hiss
_FRAME = RATE // 50  # samples
_BLOCK = 3000  # frames, a minute
_FORGOTTEN = 60 * 50  # frames, a minute: speech before that no longer counts in a running gain
_DOUBT = 3 * 50  # frames of speech after which a running gain is half way from 1 to what was measured


def gain_to_speech_level(samples: np.ndarray) -> float:
    """Factor that brings the speech in a sound to the level of the training clips.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz.

    Returns
    -------
    float
        In (0, 100]; 1 for silence.
    """
    return _gain(_speech(_powers(samples)))


class RunningGain:
    """The gain of `gain_to_speech_level` for live sound: 1 at first, nearer to the measured one with more speech."""

    def __init__(self) -> None:
        self._powers = np.zeros(0, dtype=np.float32)  # of the last minute's frames
        self._rest = np.zeros(0, dtype=np.float32)  # samples that do not fill a frame yet

    def update(self, samples: np.ndarray) -> float:
        """Take in the next samples [shape=(n,), float32] and return the factor for them, in (0, 100]."""
        samples = np.concatenate([self._rest, samples])
        self._rest = samples[len(samples) // _FRAME * _FRAME :]
        self._powers = np.concatenate([self._powers, _powers(samples)])[-_FORGOTTEN:]
        speech = _speech(self._powers)
        return _gain(speech) ** (len(speech) / (len(speech) + _DOUBT))


def _powers(samples: np.ndarray) -> np.ndarray:
    """Mean power of every whole frame [shape=(frames,)]."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    powers = [np.einsum("ij,ij->i", part, part) / _FRAME for part in blocks(frames, _BLOCK)]
    return np.concatenate(powers) if powers else np.zeros(0, np.float32)


def _speech(powers: np.ndarray) -> np.ndarray:
    """The powers that pass both gates."""
    powers = powers[powers > _ABSOLUTE_GATE]
    return powers[powers > _RELATIVE_GATE * powers.mean()] if len(powers) else powers


def _gain(speech: np.ndarray) -> float:
    """Factor that brings these powers of speech to `SPEECH_LEVEL`; 1 where there is no speech."""
    return min(float(np.sqrt(SPEECH_LEVEL / speech.mean())), _LARGEST_GAIN) if len(speech) else 1.0


def loudness_curve(samples: np.ndarray) -> np.ndarray:
    """How loud the speech is in every frame of a motion at 50 frames per second, about its own mean.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz.

    Returns
    -------
    ndarray [shape=(F,), float32]
        dB: 0 is the mean of what is speech, averaged over 100 ms; frames without sound are far below.
    """
    powers = np.empty(-(-len(samples) // _FRAME), np.float32)
    for begin in range(0, len(powers), _BLOCK):  # a padded copy of half an hour would take 115 MB
        end = min(begin + _BLOCK, len(powers))
        first, last = (k * _FRAME - _FRAME // 2 for k in (begin, end))  # frame k of a motion is centred on k / 50 s
        piece = samples[max(first, 0) : last]
        powers[begin:end] = _powers(np.pad(piece, (max(-first, 0), last - max(first, 0) - len(piece))))
        release(samples)
    window = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    smooth = np.convolve(np.pad(powers, 2, mode="edge"), window, mode="valid")
    speech = _speech(powers)
    level = speech.mean() if len(speech) else 1.0
    return (10 * np.log10(np.maximum(smooth, 1e-10) / level)).astype(np.float32)
