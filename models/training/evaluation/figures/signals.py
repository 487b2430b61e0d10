# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing two curves: correlation, the lag at which they fit best, and how far apart their turning points lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facewright.inference.core.curves import gaussian_window

LAGS = np.arange(-0.2, 0.2001, 0.01)  # seconds tried for the best lag


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 where one does not move."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 1e-6 and b.std() > 1e-6 else 0.0


def best_lag(curve: Callable[[np.ndarray], np.ndarray], times: np.ndarray, truth: np.ndarray) -> float:
    """Seconds by which a curve has to be shifted to fit the truth best.

    Parameters
    ----------
    curve : callable
        Values at any seconds.
    times, truth : ndarray [shape=(F,)]
        What it is compared with, and when.

    Returns
    -------
    float
        In steps of 10 ms, in [-0.2, 0.2]; positive means that the curve comes too early.
    """
    return float(LAGS[int(np.argmax([correlation(curve(times - lag), truth) for lag in LAGS]))])


def smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of `sigma` frames [shape=(F,)], mirrored at the ends."""
    reach = int(4 * sigma + 0.5)
    return np.convolve(np.pad(values, reach, mode="symmetric"), gaussian_window(sigma, reach), mode="valid")


def turning_points(values: np.ndarray) -> dict[int, int]:
    """Frames at which a curve turns: 1 for a maximum, -1 for a minimum. Of a plateau the middle counts."""
    points: dict[int, int] = {}
    flat_from = 0
    for frame in range(1, len(values) - 1):
        if values[frame] != values[frame - 1]:
            flat_from = frame
        if values[frame] == values[frame + 1] or flat_from == 0:
            continue
        before, after = values[flat_from] - values[flat_from - 1], values[frame] - values[frame + 1]
        if before * after > 0:
            points[(flat_from + frame) // 2] = 1 if before > 0 else -1
    return points


def warp(a: np.ndarray, b: np.ndarray) -> list[tuple[int, int]]:
    """Frames of `a` and `b` that belong together by derivative dynamic time warping.

    Keogh and Pazzani (2001), "Derivative Dynamic Time Warping", with frame-to-frame differences as the derivative.
    """
    cost = np.abs(np.diff(a, prepend=a[0])[:, None] - np.diff(b, prepend=b[0])[None])  # (A, B)
    total = np.full((len(a) + 1, len(b) + 1), np.inf)
    total[0, 0] = 0.0
    for i, row in enumerate(cost):
        for j, step in enumerate(row):
            total[i + 1, j + 1] = step + min(total[i, j], total[i, j + 1], total[i + 1, j])
    path, i, j = [], len(a), len(b)
    while i and j:
        path.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda cell: total[cell])
    return path[::-1]


def mistimings(truth: np.ndarray, other: np.ndarray) -> list[int]:
    """Frames between turning points of `truth` and those of `other` that belong to them.

    They belong together when the warping path passes through both, both are of one kind, and the other's lies between
    the truth's neighbouring turning points.
    """
    of_truth, of_other = turning_points(truth), turning_points(other)
    frames = [0, *sorted(of_truth), len(truth) - 1]
    found = []
    for i, j in warp(truth, other):
        if i in of_truth and of_truth[i] == of_other.get(j):
            place = frames.index(i, 1)
            if frames[place - 1] <= j <= frames[place + 1]:
                found.append(abs(i - j))
    return found
