# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations: axis-angle vectors as FLAME keeps them, matrices, and this project's yaw, pitch and roll.

Axes are FLAME's: x to the head's own left, y up, z forward. Positive yaw turns to the own right, positive pitch down,
positive roll tilts the top towards the own right shoulder; roll first, then pitch, then yaw.
"""

from __future__ import annotations

import numpy as np


def matrices(vectors: np.ndarray) -> np.ndarray:
    """Matrices [shape=(..., 3, 3), float64] of axis-angle vectors [shape=(..., 3)], radians (Rodrigues)."""
    vectors = np.asarray(vectors, np.float64)
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    small = angle < 1e-8
    safe = np.where(small, 1.0, angle)
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    first = np.where(small, 1.0, np.sin(safe) / safe)
    second = np.where(small, 0.5, (1 - np.cos(safe)) / safe**2)
    return np.eye(3) + first * cross + second * (cross @ cross)


def vectors(matrix: np.ndarray) -> np.ndarray:
    """Axis-angle vectors [shape=(..., 3), float64] of matrices [shape=(..., 3, 3)], angles below pi."""
    matrix = np.asarray(matrix, np.float64)
    axis = np.stack(
        [
            matrix[..., 2, 1] - matrix[..., 1, 2],
            matrix[..., 0, 2] - matrix[..., 2, 0],
            matrix[..., 1, 0] - matrix[..., 0, 1],
        ],
        axis=-1,
    )
    sin = np.linalg.norm(axis, axis=-1, keepdims=True) / 2
    cos = (np.trace(matrix, axis1=-2, axis2=-1)[..., None] - 1) / 2
    angle = np.arctan2(sin, cos)
    return axis / 2 * np.where(sin < 1e-8, 1.0, angle / np.where(sin < 1e-8, 1.0, sin))


def from_angles(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Matrices [shape=(F, 3, 3)] of yaw, pitch and roll [each shape=(F,)], radians: Ry(-yaw) Rx(pitch) Rz(roll)."""
    zero = np.zeros_like(yaw)
    turn, nod, tilt = (np.stack(v, axis=-1) for v in ((zero, -yaw, zero), (pitch, zero, zero), (zero, zero, roll)))
    return matrices(turn) @ matrices(nod) @ matrices(tilt)


def angles(matrix: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll [shape=(F, 3)], radians, of matrices [shape=(F, 3, 3)]: the inverse of `from_angles`."""
    yaw = -np.arctan2(matrix[:, 0, 2], matrix[:, 2, 2])
    pitch = -np.arcsin(np.clip(matrix[:, 1, 2], -1, 1))
    roll = np.arctan2(matrix[:, 1, 0], matrix[:, 1, 1])
    return np.stack([yaw, pitch, roll], axis=1)


def rigid(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (F, 3, 3) and shifts (F, 3) that lay source (n, 3) on target (F, n, 3): ``target = R source + t``.

    Kabsch 1976, https://doi.org/10.1107/S0567739476001873.
    """
    middle, middles = source.mean(axis=0), target.mean(axis=1)
    u, _, vt = np.linalg.svd(np.einsum("fni,nj->fij", target - middles[:, None], source - middle))
    sign = np.ones((len(u), 3))
    sign[:, 2] = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    turn = np.einsum("fij,fj,fjk->fik", u, sign, vt)
    return turn, middles - turn @ middle
