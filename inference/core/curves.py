# SPDX-License-Identifier: GPL-3.0-or-later
"""Small functions on curves that many packages share: eased steps, runs of booleans, Gaussian windows."""

from __future__ import annotations

import numpy as np


def smoothstep(values: np.ndarray, low: float | np.ndarray = 0.0, high: float | np.ndarray = 1.0) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, and between them a cubic that is level at both ends.

    Parameters
    ----------
    values : ndarray [any shape]
        Of floats; the result has their type.
    low, high : float or ndarray
        Where the step begins and ends, in the unit of `values`.
    """
    part = np.clip((values - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)


def runs(mask: np.ndarray) -> np.ndarray:
    """Begin and end of each run of True in a row of booleans [shape=(R, 2), intp]; the end is the index after it."""
    edges = np.diff(np.concatenate([[False], np.asarray(mask, bool), [False]]))
    return np.flatnonzero(edges).reshape(-1, 2)


def gaussian_window(sigma: float, reach: int) -> np.ndarray:
    """Weights of a Gaussian [shape=(2 * reach + 1,), float64] that sum to 1; `sigma` in frames, above 0."""
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return weights / weights.sum()
