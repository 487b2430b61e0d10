# SPDX-License-Identifier: GPL-3.0-or-later
"""Other voices, rooms and microphones out of the recordings at hand.

What needs the waveform (playing faster or slower, which moves pitch, formants and tempo together; tempo alone; rooms;
band limits; codecs) is done once per clip and cached as a *variant*. What can be done on the log-mel (vocal-tract
length, equaliser, level, noise, SpecAugment, https://arxiv.org/abs/1904.08779) is drawn anew in every training step.
"""

from __future__ import annotations

import io

import numpy as np
import soxr
from scipy.signal import fftconvolve

from facewright.inference.audio.mel import BANDS, FLOOR, hertz_to_mel, log_mel, mel_to_hertz
from facewright.inference.core.audio import RATE

LEVEL = 0.1  # root mean square of the loud tenth of every clip before random gain
RATES = (0.8, 1.3)
TEMPOS = (0.75, 1.3)
# libsndfile's formats, and its compression levels: about 8 to 45 kbit/s of Opus, 18 to 35 of MP3 (which refuses 1)
CODECS = {"opus": ("OGG", "OPUS", (0.85, 1.0)), "mp3": ("MP3", "MPEG_LAYER_III", (0.6, 0.99))}
TELEPHONE = 8_000  # samples per second of mu-law
DECIBEL = np.log(10.0) / 10.0  # natural log of power per dB


def levelled(samples: np.ndarray) -> np.ndarray:
    """The clip with its loudest tenth (of 20 ms frames) at ``LEVEL``."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    loudness = np.sqrt((frames**2).mean(axis=1))
    return samples * (LEVEL / max(np.quantile(loudness, 0.9), 1e-5))


def varied(samples: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """The clip ``rate`` times as fast (voice and all, perhaps its tempo besides), perhaps in a room, over a narrow band
    or through a codec.
    """
    rate = float(np.exp(rng.uniform(*np.log(RATES))))
    samples = soxr.resample(samples, RATE * rate, RATE)
    if rng.random() < 0.3:
        tempo = float(np.exp(rng.uniform(*np.log(TEMPOS))))
        samples, rate = at_tempo(samples, tempo), rate * tempo
    if rng.random() < 0.4:
        samples = in_room(samples, rng)
    if rng.random() < 0.2:
        narrow = rng.uniform(7_000, 14_000)
        samples = soxr.resample(soxr.resample(samples, RATE, narrow), narrow, RATE)
    if rng.random() < 0.25:
        samples = coded(samples, str(rng.choice([*CODECS, "mulaw"])), rng)
    return samples.astype(np.float32), rate


def at_tempo(samples: np.ndarray, tempo: float) -> np.ndarray:
    """The clip ``tempo`` times as fast at its own pitch, right to 8 ms.

    Overlapping windows, each taken where it goes on best from the last (WSOLA: Verhelst and Roelands, 1993,
    https://doi.org/10.1109/ICASSP.1993.319366).
    """
    size, hop, search = 480, 240, 128
    count = int(len(samples) / tempo) // hop + 2
    ends = np.zeros(search + size, dtype=samples.dtype)
    source = np.concatenate([ends, samples, ends, ends, ends])
    out, window = np.zeros(count * hop + size), np.hanning(size + 1)[:-1]
    start = search + size - hop  # of the segment chosen last, in `source`
    for k in range(count):
        middle = search + size - hop + round(k * hop * tempo)
        nearby = source[middle - search : middle + search + size]
        going_on = source[start + hop : start + hop + size]
        if k and len(going_on) == size and len(nearby) == 2 * search + size:
            energy = np.convolve(nearby**2, np.ones(size), "valid")
            likeness = np.correlate(nearby, going_on, "valid") - 0.5 * energy  # least squared difference
            middle += int(likeness.argmax()) - search
        start = middle
        segment = source[start : start + size]
        out[k * hop : k * hop + len(segment)] += window[: len(segment)] * segment
    return out[hop : hop + int(len(samples) / tempo)]


def coded(samples: np.ndarray, codec: str, rng: np.random.Generator) -> np.ndarray:
    """The clip after a round trip through "opus" or "mp3" at few kbit/s, or a telephone's "mulaw"."""
    import soundfile

    file, loudest = io.BytesIO(), max(float(np.abs(samples).max()), 1e-5)
    samples = samples * (0.5 / loudest)
    if codec == "mulaw":
        soundfile.write(file, soxr.resample(samples, RATE, TELEPHONE), TELEPHONE, format="WAV", subtype="ULAW")
    else:
        container, subtype, levels = CODECS[codec]
        level = float(rng.uniform(*levels))
        soundfile.write(file, samples, RATE, format=container, subtype=subtype, compression_level=level)
    file.seek(0)
    decoded, rate = soundfile.read(file, dtype="float32")
    decoded = soxr.resample(decoded, rate, RATE) if rate != RATE else decoded
    return np.resize(decoded, len(samples)) * (loudest / 0.5)


def in_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Direct sound plus a tail of decaying noise, 0.1 to 0.6 s to -60 dB."""
    seconds = rng.uniform(0.1, 0.6)
    n = int(seconds * RATE)
    tail = rng.standard_normal(n) * 10.0 ** (-3.0 * np.arange(n) / n)
    tail *= rng.uniform(0.1, 0.6) / np.sqrt((tail**2).sum())
    tail[0] += 1.0
    return fftconvolve(samples, tail)[: len(samples)]


def noises(seconds: float, rng: np.random.Generator, voices: list[np.ndarray]) -> list[np.ndarray]:
    """Log-mels of white, pink and brown noise, of a hum and of many voices at once, all at ``LEVEL``."""
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hertz = np.fft.rfftfreq(n, 1 / RATE) + 20.0
    coloured = [np.fft.irfft(spectrum / hertz**power, n) for power in (0.0, 0.5, 1.0)]
    t = np.arange(n) / RATE
    hum = sum(np.sin(2 * np.pi * 50.0 * k * t + k) / k for k in range(1, 9)) + 0.05 * rng.standard_normal(n)
    babble = np.zeros(n)
    for voice in voices:
        babble += np.resize(np.roll(voice, int(rng.integers(len(voice)))), n)
    return [log_mel(levelled(sound.astype(np.float32))).astype(np.float32) for sound in (*coloured, hum, babble)]


class MelAugment:
    """Random changes to a batch of log-mel windows, one draw per window; `gain` is the lowest and highest in dB."""

    def __init__(self, noise: list[np.ndarray], seed: int, gain: tuple[float, float]) -> None:
        self.noise = noise
        self.gain = gain
        self.rng = np.random.default_rng(seed)
        self.factors = np.linspace(0.84, 1.2, 25)
        self.warps = np.stack([_warp(factor) for factor in self.factors])  # (25, 80, 80)

    def __call__(self, mel: np.ndarray) -> np.ndarray:
        """``(B, T, 80)`` float32 to the same shape."""
        batch, frames, _ = mel.shape
        rng = self.rng
        warp = self.warps[rng.integers(len(self.warps), size=batch)]
        mel = mel @ warp  # (B, T, 80) @ (B, 80, 80)
        mel += self._equaliser(batch)[:, None]
        mel += (rng.uniform(*self.gain, batch) * DECIBEL)[:, None, None]
        for window in mel:
            if rng.random() < 0.6:
                self._add_noise(window, frames)
        np.maximum(mel, np.log(FLOOR), out=mel)
        for window in mel:
            self._mask(window)
        return mel.astype(np.float32)

    def _equaliser(self, batch: int) -> np.ndarray:
        """Tilt of up to +-8 dB over all bands plus slow waves [shape=(B, 80)]."""
        position = np.linspace(-1.0, 1.0, BANDS)
        curve = self.rng.uniform(-8.0, 8.0, (batch, 1)) * position
        for waves in (1, 2, 3):
            phase = self.rng.uniform(0, 2 * np.pi, (batch, 1))
            curve += self.rng.normal(0.0, 2.0, (batch, 1)) * np.cos(np.pi * waves * position + phase)
        return curve * DECIBEL

    def _add_noise(self, window: np.ndarray, frames: int) -> None:
        kind = self.rng.integers(len(self.noise))
        lowest = 10.0 if kind == len(self.noise) - 1 else 3.0  # babble is speech: keep it below
        noise = self.noise[kind]
        start = self.rng.integers(len(noise) - frames)
        loudness = np.quantile(window.max(axis=1), 0.9) - np.quantile(noise.max(axis=1), 0.9)
        ratio = self.rng.uniform(lowest, 40.0) * DECIBEL
        np.logaddexp(window, noise[start : start + frames] + loudness - ratio, out=window)

    def _mask(self, window: np.ndarray) -> None:
        """Up to two bands of frequencies and two short times replaced by the window's mean."""
        fill = window.mean()
        for _ in range(self.rng.integers(3)):
            low, size = self.rng.integers(BANDS - 12), self.rng.integers(1, 12)
            window[:, low : low + size] = fill
        for _ in range(self.rng.integers(3)):
            begin, size = self.rng.integers(len(window) - 10), self.rng.integers(1, 10)
            window[begin : begin + size] = fill


def _warp(factor: float) -> np.ndarray:
    """Matrix that reads band b of the new voice at ``factor`` times its frequency [shape=(80, 80)].

    Bands are almost logarithmic in frequency above 1 kHz and linear below, so the reading point is found in hertz.
    """
    edges = np.linspace(0.0, hertz_to_mel(RATE / 2), BANDS + 2)
    centres = mel_to_hertz(edges)[1:-1]
    position = np.interp(centres * factor, centres, np.arange(BANDS))
    low = np.minimum(position.astype(int), BANDS - 2)
    part = position - low
    matrix = np.zeros((BANDS, BANDS), dtype=np.float32)
    matrix[low, np.arange(BANDS)] = 1.0 - part
    matrix[low + 1, np.arange(BANDS)] += part
    return matrix
