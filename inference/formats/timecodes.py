# SPDX-License-Identifier: GPL-3.0-or-later
"""Timecodes of recorded rows as seconds: ``hh:mm:ss:ff``, with fractions of a frame or without, or with milliseconds.

How many frames count a second, nobody writes down: Apple's phones count 60, whatever they record, others 24, 25, 30 or
120. It is the number with which the rows follow each other most evenly. With a semicolon before the frames it is drop
frame (SMPTE ST 12-1): 29.97 or 59.94 frames a second, and two or four numbers left out each minute but every tenth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

USUAL = 60  # frames in a second, as in the app's own recordings
_COUNTS = (USUAL, 24, 25, 30, 48, 50, 90, 100, 120, 240)
_TEXT = re.compile(r"\s*(\d{1,3})[:;.](\d{1,2})[:;.](\d{1,2})(?:([:;.,])(\d{1,4}(?:[.,]\d+)?))?\s*")
_DAY = 86_400.0


def seconds_of(texts: Sequence[str]) -> np.ndarray:
    """The seconds of timecodes, beyond midnight where they go on after it.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    ndarray [shape=(n,), float64]

    Raises
    ------
    ValueError
        When one is no timecode; it says which.
    """
    found = [_TEXT.fullmatch(text) for text in texts]
    for row, (match, text) in enumerate(zip(found, texts, strict=True)):
        if match is None:
            raise ValueError(f"'{text[:40]}' in row {row + 1} is no timecode")
    parts = [match.groups() for match in found if match is not None]
    whole = np.array([int(h) * 3600 + int(m) * 60 + int(s) for h, m, s, _, _ in parts], float)
    frames = np.array([float((f or "0").replace(",", ".")) for *_, f in parts])
    if any(separator in (".", ",") for *_, separator, _ in parts):  # 00:00:01.250
        digits = max(len(f or "") for *_, f in parts)
        return np.unwrap(whole + frames / 10**digits, period=_DAY)
    dropping = any(separator == ";" for *_, separator, _ in parts)
    candidates = [count for count in _COUNTS if count > np.floor(frames).max() and (not dropping or count in (30, 60))]
    if not candidates:
        raise ValueError(f"its timecodes count {frames.max():.0f} frames in a second")
    times = [_times(whole, frames, count, dropping=dropping) for count in candidates]
    return min(times, key=_unevenness)  # the first of several that are alike: the usual one


def _times(whole: np.ndarray, frames: np.ndarray, count: int, *, dropping: bool) -> np.ndarray:
    if dropping:
        minutes = whole // 60
        left_out = count // 15 * (minutes - minutes // 10)
        return np.unwrap((whole * count + frames - left_out) * 1.001 / count, period=_DAY)
    return np.unwrap(whole + frames / count, period=_DAY)


def _unevenness(times: np.ndarray) -> float:
    """How unlike the steps between rows are: 0 for none, 1 for those that are lost or go back."""
    steps = np.diff(times)
    if not len(steps):
        return 0.0
    usual = float(np.median(steps))
    if usual <= 0:
        return 1.0
    return round(float(np.minimum(np.abs(steps / usual - 1), 1).mean()), 6)
