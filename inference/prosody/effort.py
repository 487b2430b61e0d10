# SPDX-License-Identifier: GPL-3.0-or-later
"""Vocal effort, by rule: how hard a voice works, against people who read aloud to nobody.

A recording does not say how loud it was, but effort leaves traces that no volume knob removes: a voice is higher, moves
more in pitch, is harder (more of it above 1 kHz) and goes up and down in level more quickly. Effort: Traunmüller and
Eriksson 2000, "Acoustic effects of variation in vocal effort by men, women, and children",
https://doi.org/10.1121/1.429414. Measures: Eyben et al. 2016, "The Geneva Minimalistic Acoustic Parameter Set",
https://doi.org/10.1109/TAFFC.2015.2457417.
"""

from __future__ import annotations

import numpy as np

from ..core.audio import RATE
from ..core.curves import gaussian_window
from ..core.spool import release
from ..core.timing import MOTION_FPS

# Mean and standard deviation of 28 readers of LibriSpeech.
NORMS = {"height": (-0.2, 2.3), "liveliness": (3.2, 0.8), "hardness": (-13.9, 5.1), "attack": (2.02, 0.19)}
STRONGEST = 2  # of the four count: a cry is high, a growl is hard, and few voices are all of it
MOST = 2.0  # deviations, either way
REACH = 1.5  # s, standard deviation of the window: effort is a matter of phrases
HIGH_VOICE, TYPICAL = 160.0, (118.0, 207.0)  # Hz: what parts low and high voices, and what is usual for either
QUIET = -20.0  # dB about the voice's mean: below it is no speech to measure

_FRAME, _HOP, _FFT = 640, RATE // MOTION_FPS, 1024
_BLOCK = 1500  # frames


def effort(samples: np.ndarray, hertz: np.ndarray, loudness: np.ndarray) -> np.ndarray:
    """Effort in each frame, in deviations of readers [shape=(F,), float32, -2 to 2]; 0 is a usual reader's.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz, of any loudness.
    hertz, loudness : ndarray [shape=(F,)]
        Pitch as `pitch.pitch` gives it, and dB about the voice's mean.
    """
    found = measures(samples, hertz, loudness)
    if found is None:
        return np.zeros(len(hertz), np.float32)
    scores = np.stack([(found[name] - mean) / deviation for name, (mean, deviation) in NORMS.items()])
    strongest = np.sort(scores, axis=0)[-STRONGEST:].mean(axis=0)
    return strongest.clip(-MOST, MOST).astype(np.float32)


def measures(samples: np.ndarray, hertz: np.ndarray, loudness: np.ndarray) -> dict[str, np.ndarray] | None:
    """The four of ``NORMS`` around every frame [each shape=(F,)]; None without a voice.

    Height is in semitones about what is usual for a low or a high voice, liveliness in semitones, hardness and attack
    in dB.
    """
    voiced = (hertz > 0) & (loudness > QUIET)
    if not voiced.any():
        return None
    usual = TYPICAL[int(np.median(hertz[voiced]) > HIGH_VOICE)]
    semitones = 12 * np.log2(np.maximum(hertz, 1.0) / usual)
    level = loudness.clip(QUIET)
    change = np.abs(np.diff(level, prepend=level[0]))
    height = _around(semitones, voiced)
    spread = np.sqrt(np.maximum(_around(semitones**2, voiced) - height**2, 0.0))
    hard = _around(_hardness(samples, len(hertz)), voiced)
    return {"height": height, "liveliness": spread, "hardness": hard, "attack": _around(change, loudness > QUIET)}


def _hardness(samples: np.ndarray, frames: int) -> np.ndarray:
    """Level of 1 to 5 kHz over that of 50 Hz to 1 kHz [shape=(F,), dB]: the alpha ratio."""
    window = np.hanning(_FRAME).astype(np.float32)
    low, middle, high = (round(hertz * _FFT / RATE) for hertz in (50, 1000, 5000))
    ratio = np.empty(frames, np.float32)
    for first in range(0, frames, _BLOCK):  # a copy of an hour of sound would be 230 MB
        count = min(_BLOCK, frames - first)
        begin, end = first * _HOP - _FRAME // 2, (first + count - 1) * _HOP + _FRAME // 2
        part = np.pad(samples[max(begin, 0) : end], (max(-begin, 0), max(end - len(samples), 0)))
        views = np.lib.stride_tricks.sliding_window_view(part, _FRAME)[::_HOP]
        power = np.abs(np.fft.rfft(views * window, _FFT, axis=1)) ** 2
        below, above = power[:, low:middle].sum(axis=1), power[:, middle:high].sum(axis=1)
        ratio[first : first + count] = 10 * np.log10((above + 1e-9) / (below + 1e-9))
        release(samples)
    return ratio


def _around(curve: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Mean around every frame of those that count [shape=(F,)]; far from any, that of all of them."""
    sigma = REACH * MOTION_FPS
    window = gaussian_window(sigma, int(3 * sigma))
    total, weight = (_blurred(values, window) for values in (np.where(counted, curve, 0.0), counted.astype(float)))
    little = 0.02  # of the window: so much of the whole file's mean is mixed in
    return (total + little * curve[counted].mean()) / (weight + little)


def _blurred(values: np.ndarray, window: np.ndarray) -> np.ndarray:
    return np.convolve(values, window, mode="full")[len(window) // 2 :][: len(values)]
