# SPDX-License-Identifier: GPL-3.0-or-later
"""Box-constrained least squares over a whole clip: weights in [0, 1] that explain measured movement, smooth in time.

Minimise over all frames t at once, with every weight in [0, 1],

    w_t' G w_t / 2 - p_t' w_t + smooth / 2 * |w_t-1 - 2 w_t + w_t+1|^2

where G = A'A + priors and p_t = A'd_t - priors for shapes A and measured movement d_t. G is the same for all frames, so
accelerated projected gradient steps (FISTA, Beck & Teboulle 2009, https://doi.org/10.1137/080716542, with restarts,
O'Donoghue & Candes 2015, https://doi.org/10.1007/s10208-013-9150-3) run on all of them together.
"""

from __future__ import annotations

import numpy as np


def box_least_squares(gram: np.ndarray, projected: np.ndarray, smooth: float = 0.0, steps: int = 400) -> np.ndarray:
    """Solve the problem in this module's docstring.

    Parameters
    ----------
    gram : ndarray [shape=(C, C)]
        G, symmetric and positive semidefinite with a positive diagonal.
    projected : ndarray [shape=(F, C)]
        p of every frame.
    smooth : float
        Cost of bending over time, 0 or more.
    steps : int
        Gradient steps.

    Returns
    -------
    ndarray [shape=(F, C), float64]
        Weights in [0, 1].
    """
    scale = 1 / np.sqrt(np.diag(gram) + 6 * smooth)
    hessian = gram * scale * scale[:, None]
    target = projected * scale
    bend = smooth * scale**2
    step = 1 / (np.linalg.eigvalsh(hessian)[-1] + 16 * bend.max())
    top = 1 / scale
    current = ahead = np.zeros_like(target)
    t = 1.0
    for _ in range(steps):
        gradient = ahead @ hessian - target + bend * bending(ahead)
        new = np.clip(ahead - step * gradient, 0, top)
        if ((ahead - new) * (new - current)).sum() > 0:
            t = 1.0
        t_new = (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead = new + (t - 1) / t_new * (new - current)
        current, t = new, t_new
    return current * scale


def bending(w: np.ndarray) -> np.ndarray:
    """Gradient of half the sum of squared second differences over time [shape=(F, C)]."""
    out = np.zeros_like(w)
    if len(w) > 2:
        second = w[:-2] - 2 * w[1:-1] + w[2:]
        out[:-2] += second
        out[1:-1] -= 2 * second
        out[2:] += second
    return out
