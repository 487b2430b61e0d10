# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-mel spectrogram: the only view of the sound that training and inference share.

80 triangular bands of the Slaney mel scale (Auditory Toolbox, https://engineering.purdue.edu/~malcolm/interval/1998-010/),
25 ms Hann windows every 10 ms. Every frame depends on its own 400 samples and nothing else, no statistics of the file,
so a part of a sound gives the same frames as the whole of it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..core.audio import RATE

BANDS = 80
HOP = RATE // 100  # 10 ms
WINDOW = RATE // 40  # 25 ms
FFT = 512
FLOOR = 1e-9  # power; a full-scale sine has 0.25, digital silence becomes ln(FLOOR)
_BLOCK = 512  # frames transformed at once: 4 MB however long the sound


def motion_frames(sample_count: int) -> int:
    """Frames of features and motion, 50 per second, that cover this many samples; at least one."""
    return max(1, -(-sample_count // (2 * HOP)))


def log_mel(samples: np.ndarray, first: int = 0, count: int | None = None, *, gain: float = 1.0) -> np.ndarray:
    """Log power in 80 mel bands, 100 frames per second.

    Parameters
    ----------
    samples : ndarray [shape=(n,)]
        Mono at 16 kHz. Frame j is centred on sample 160 j; before the start and after the end there is silence.
    first, count : int
        The frames wanted; all ``2 * motion_frames(n)`` of them by default.
    gain : float
        Factor on the samples, see `loudness`.

    Returns
    -------
    ndarray [shape=(count, 80), float32]
        Natural logarithm, from ``log(FLOOR)`` = -20.7 for silence to about -1 for a full-scale tone.
    """
    if count is None:
        count = 2 * motion_frames(len(samples)) - first
    window = gain * _window()
    out = np.empty((count, BANDS), dtype=np.float32)
    for begin in range(0, count, _BLOCK):
        end = min(begin + _BLOCK, count)
        frames = _frames(samples, first + begin, end - begin)  # (frames, 400)
        spectrum = np.fft.rfft(frames * window, n=FFT)  # (frames, 257)
        power = spectrum.real**2 + spectrum.imag**2
        out[begin:end] = np.log(power @ _filters() + FLOOR)
    return out


def _frames(samples: np.ndarray, first: int, count: int) -> np.ndarray:
    """Overlapping windows [shape=(count, 400), float64], zeros outside the sound."""
    start = first * HOP - WINDOW // 2
    needed = (count - 1) * HOP + WINDOW
    inside = samples[max(start, 0) : max(start + needed, 0)]
    before = max(-start, 0)
    padded = np.zeros(needed)
    padded[before : before + len(inside)] = inside
    return np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Hann window scaled so that a sine of amplitude a has power a**2 / 4 in its bin [shape=(400,)]."""
    window = np.hanning(WINDOW + 1)[:-1]
    return window / window.sum()


@lru_cache(maxsize=1)
def _filters() -> np.ndarray:
    """Triangles with peak 1 [shape=(257, 80)]."""
    edges = mel_to_hertz(np.linspace(0.0, hertz_to_mel(RATE / 2), BANDS + 2))
    hertz = np.arange(FFT // 2 + 1) * RATE / FFT
    rise = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rise, fall), 0.0, None)


# The Slaney scale: linear below 1 kHz, 200/3 Hz per mel; logarithmic above, 27 mel for a factor of 6.4.
_LINEAR = 200.0 / 3.0
_STEP = np.log(6.4) / 27.0


def hertz_to_mel(hertz: float) -> float:
    """Place of a frequency on the scale, mel."""
    return hertz / _LINEAR if hertz < 1000.0 else 15.0 + np.log(hertz / 1000.0) / _STEP


def mel_to_hertz(mel: np.ndarray) -> np.ndarray:
    """Frequencies, Hz, of places on the scale [any shape]."""
    return np.where(mel < 15.0, mel * _LINEAR, 1000.0 * np.exp(np.minimum(_STEP * (mel - 15.0), 5.0)))
