# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of what was saved by an earlier version: a voice that says about 'mama pimi bubu', made by sums alone.

Recipes hold the SHA-256 of their sound, so it must be the same to the last bit on every computer. Files written with
it are in `tests/saved/`; it must never change, or their takes could not be made again.
"""

import math
import wave
from pathlib import Path

RATE = 16_000  # what the model hears, so that nothing is resampled
SECONDS = 2.0
NAME = "mama pimi bubu.wav"

# When (s), how loud, and where the resonances of mouth and throat are (Hz): lips that meet are a quiet murmur.
_M, _A, _I, _U = (0.25, 250, 1000), (1.0, 750, 1200), (0.8, 300, 2250), (0.8, 320, 800)
_P, _SILENT = (0.0, 300, 900), (0.0, 500, 1500)
_SAYS = (
    (0.00, _SILENT), (0.20, _SILENT), (0.24, _M), (0.31, _M), (0.35, _A), (0.48, _A), (0.51, _M), (0.58, _M),
    (0.62, _A), (0.80, _A), (0.84, _P), (0.92, _P), (0.94, _I), (1.08, _I), (1.11, _M), (1.18, _M), (1.22, _I),
    (1.34, _I), (1.37, _P), (1.44, _P), (1.46, _U), (1.58, _U), (1.61, _M), (1.66, _M), (1.69, _U), (1.80, _U),
    (1.88, _SILENT), (2.00, _SILENT),
)  # fmt: skip


def write_line(folder) -> Path:
    """Write the WAV file (mono, 16 bit, 16 kHz, two seconds) into a folder."""
    path = Path(folder) / NAME
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in _samples()))
    return path


def _samples() -> list[int]:
    """Pulses and some noise through three resonances. Only sums and products: no computer rounds them otherwise."""
    memory = [[0.0, 0.0] for _ in range(3)]
    found, phase, noise, place, constants = [], 0.0, 1, 0, []
    for number in range(round(SECONDS * RATE)):
        now = number / RATE
        while _SAYS[place + 1][0] <= now:
            place += 1
        (begin, before), (end, after) = _SAYS[place : place + 2]
        part = (now - begin) / (end - begin)
        loud, first, second = (a + (b - a) * part for a, b in zip(before, after, strict=True))
        if number % 80 == 0:
            constants = [_resonance(first, 60), _resonance(second, 90), _resonance(2700, 160)]
        phase += (125 - 15 * now) / RATE
        noise = (noise * 1103515245 + 12345) % (1 << 31)
        value = (noise / (1 << 30) - 1) * 0.02
        if phase >= 1:
            phase, value = phase - 1, value + 1.0
        value *= loud
        total = 0.0
        for (a, b, c), held, share in zip(constants, memory, (1.0, 0.6, 0.25), strict=True):
            out = a * value + b * held[0] - c * held[1]
            held[:] = out, held[0]
            total += share * out
        found.append(max(min(round(total * 20_000), 32_767), -32_768))
    return found


def _resonance(hertz: float, width: float) -> tuple[float, float, float]:
    """Of y[n] = a x[n] + b y[n-1] - c y[n-2]; rounded, since cosines may differ in their last bit."""
    radius = math.exp(-math.pi * width / RATE)
    b, c = round(2 * radius * math.cos(2 * math.pi * hertz / RATE), 7), round(radius * radius, 7)
    return round(1 - b + c, 7), b, c
