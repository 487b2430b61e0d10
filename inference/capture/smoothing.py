# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise taken off curves: a Gaussian and a median over time, with the ends held."""

from __future__ import annotations

import numpy as np

from ..core.curves import gaussian_window


def gaussian(values: np.ndarray, sigma: float) -> np.ndarray:
    """Weighted mean over neighbouring frames.

    Parameters
    ----------
    values : ndarray [shape=(F, C)]
        Curves.
    sigma : float
        Standard deviation in frames, above 0; the kernel ends at four of them.
    """
    reach = int(4 * sigma + 0.5)
    window = gaussian_window(sigma, reach)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, window, mode="valid") for column in padded.T], axis=1)


def median_of_three(values: np.ndarray) -> np.ndarray:
    """Median of each frame and its two neighbours [shape=(F, C)]: single outliers vanish."""
    padded = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
