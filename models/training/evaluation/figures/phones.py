# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves compared between groups of phones."""

from __future__ import annotations

import numpy as np

MIDDLE = 0.5  # part of each phone, around its middle, over which a curve is averaged

PhoneCurve = tuple[list[tuple[str, float, float]], np.ndarray, np.ndarray]  # phones, times (F,), curve (F,)


def of_phones(clips: list[PhoneCurve], wanted: tuple[str, ...]) -> np.ndarray:
    """Mean of a curve over the middle of each phone that is wanted."""
    found = []
    for phones, times, curve in clips:
        for phone, begin, end in phones:
            if phone in wanted:
                cut = (1 - MIDDLE) / 2 * (end - begin)
                found.append(np.interp(np.linspace(begin + cut, end - cut, 5), times, curve).mean())
    return np.array(found)


def difference(spread: np.ndarray, rounded: np.ndarray) -> tuple[float, float]:
    """Difference of the means of two groups, and d': over the root of their mean variance."""
    by = float(spread.mean() - rounded.mean())
    within = float(np.sqrt((spread.var() + rounded.var()) / 2))
    return by, by / within if within > 1e-9 else 0.0
