# SPDX-License-Identifier: GPL-3.0-or-later
"""Pitch of a voice, 50 times a second: the autocorrelation method of Boersma.

P. Boersma 1993, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
sampled sound", https://www.fon.hum.uva.nl/paul/papers/Proceedings_1993.pdf: candidates are peaks of a frame's
autocorrelation over that of its window, and the path through them is the cheapest one.
"""

from __future__ import annotations

import numpy as np

from ..core.audio import RATE
from ..core.spool import Spool, blocks
from ..core.timing import MOTION_FPS

LOWEST, HIGHEST = 70.0, 500.0  # Hz
CANDIDATES = 5
VOICED, QUIET = 0.45, 0.03  # what a peak must have, and what a frame must have of the loudest, to be a voice
OCTAVE = 0.03  # per octave, in favour of the higher of two equal peaks
BELOW, ABOVE = 0.7, 2.0  # of the quartiles of a voice: beyond them it hardly goes (De Looze and Hirst 2008)
JUMP, CHANGE = 0.6, 0.3  # cost of an octave from frame to frame, and of a voice that begins or ends, per 10 ms frame

_RATE = 4000  # Hz: harmonics above 2 kHz are mostly noise
_HOP = _RATE // MOTION_FPS
_FRAME = 3 * round(_RATE / LOWEST)  # samples: three of the longest periods
_FFT = 512
_BLOCK = 1000  # frames at once
_READ = 1 << 20  # samples at once


def pitch(samples: np.ndarray) -> np.ndarray:
    """Pitch around the beginning of every frame [shape=(F,), float32, Hz]; 0 where there is no voice.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        Mono at 16 kHz, of any loudness.
    """
    frames = max(1, -(-len(samples) // (RATE // MOTION_FPS)))
    padded, loudest = _resampled(samples)
    if loudest == 0:
        return np.zeros(frames, np.float32)
    views = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP][:frames]
    found = [_candidates(part, loudest) for part in blocks(views, _BLOCK)]
    hertz, strength = (np.concatenate(column) for column in zip(*found, strict=True))
    return _path(hertz, np.where(_plausible(hertz, strength), strength, -1.0))


def _resampled(samples: np.ndarray) -> tuple[np.ndarray, float]:
    """The sound at 4 kHz with silence around it, so that there is a frame around its ends, and its loudest sample."""
    import soxr

    resampler, made, loudest = soxr.ResampleStream(RATE, _RATE, 1, dtype="float32", quality="LQ"), Spool(), 0.0
    made.append(np.zeros(_FRAME // 2, np.float32))
    for part in blocks(samples, _READ):
        made.append(resampled := resampler.resample_chunk(part))
        loudest = max(loudest, float(np.abs(resampled).max(initial=0.0)))
    made.append(resampled := resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    made.append(np.zeros(_FRAME + _HOP, np.float32))
    return made.array(), max(loudest, float(np.abs(resampled).max(initial=0.0)))


def _plausible(hertz: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Which candidates are within the range of this voice [shape=(F, 1 + CANDIDATES), bool], no voice among them."""
    best = hertz[np.arange(len(hertz)), strength.argmax(axis=1)]
    if not best.any():
        return np.ones(hertz.shape, bool)
    low, high = np.percentile(best[best > 0], (25, 75))
    return (hertz == 0) | ((hertz > BELOW * low) & (hertz < ABOVE * high))


def _candidates(views: np.ndarray, loudest: float) -> tuple[np.ndarray, np.ndarray]:
    """Hertz, 0 for no voice, and strength of some candidates of each frame [both shape=(F, 1 + CANDIDATES)]."""
    window = np.hanning(_FRAME).astype(np.float32)
    centred = views - views.mean(axis=1, keepdims=True)
    heard = _autocorrelation(centred * window) / np.maximum(_autocorrelation(window), 0.05)
    first, last = int(_RATE / HIGHEST), int(np.ceil(_RATE / LOWEST))
    near = heard[:, first - 1 : last + 2]
    middle, before, after = near[:, 1:-1], near[:, :-2], near[:, 2:]
    peaks = np.where((middle > before) & (middle >= after), middle, -1.0)
    best = np.argsort(-peaks, axis=1)[:, :CANDIDATES]  # (F, CANDIDATES)
    rows = np.arange(len(views))[:, None]
    a, b, c = before[rows, best], middle[rows, best], after[rows, best]
    shift = (0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6)).clip(-0.5, 0.5)  # of the parabola's top
    hertz = _RATE / (first + best + shift)
    strength = np.where(peaks[rows, best] > 0, b - 0.25 * (a - c) * shift + OCTAVE * np.log2(hertz / LOWEST), -1.0)
    level = np.abs(centred).max(axis=1) / loudest
    silent = VOICED + np.maximum(0.0, 2.0 - level / QUIET)
    return np.hstack([np.zeros((len(views), 1)), hertz]), np.hstack([silent[:, None], strength])


def _autocorrelation(frames: np.ndarray) -> np.ndarray:
    """Normalised to 1 at lag 0."""
    power = np.abs(np.fft.rfft(frames, _FFT, axis=-1)) ** 2
    whole = np.fft.irfft(power, _FFT, axis=-1)
    return whole / np.maximum(whole[..., :1], 1e-12)


def _path(hertz: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The candidates of the cheapest path [shape=(F,), float32]."""
    octaves = np.log2(np.maximum(hertz, 1.0))
    voiced = hertz > 0
    scale = 0.01 * MOTION_FPS  # costs are per 10 ms
    came = np.zeros(hertz.shape, np.int8)
    best = strength[0]
    for k in range(1, len(hertz)):
        jump = np.abs(octaves[k][None] - octaves[k - 1][:, None])
        both, one = voiced[k - 1][:, None] & voiced[k][None], voiced[k - 1][:, None] ^ voiced[k][None]
        total = best[:, None] - scale * np.where(both, JUMP * jump, CHANGE * one)  # from each, to each
        came[k] = total.argmax(axis=0)
        best = strength[k] + total.max(axis=0)
    at = int(best.argmax())
    out = np.empty(len(hertz), np.float32)
    for k in range(len(hertz) - 1, -1, -1):
        out[k] = hertz[k, at]
        at = came[k, at]
    return out
