# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations: matrices, axis-angle vectors, this project's yaw, pitch and roll, and fitting points to points.

Positive yaw turns to the head's own right, positive pitch down, positive roll tilts the top towards the own right
shoulder; roll first, then pitch, then yaw. Axes are those of a head as trackers and FLAME have them, x to its own left,
y up, z forward; only `upright` is in Blender's, x to its own left, -y forward, z up.
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


def upright(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """What `from_angles` gives, in Blender's axes [shape=(F, 3, 3), float64]: Rz(-yaw) Rx(pitch) Ry(-roll)."""
    return _about(2, -yaw) @ _about(0, pitch) @ _about(1, -roll)


def rigid(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (F, 3, 3) and shifts (F, 3) that lay source (n, 3) on target (F, n, 3): ``target = R source + t``.

    Kabsch 1976, https://doi.org/10.1107/S0567739476001873.
    """
    turn, _, middle, middles = _laid(source, target)
    return turn, middles - turn @ middle


def similarity(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scale (F,), rotation (F, 3, 3) and shift (F, 3) that lay source (n, 3) on target (F, n, 3).

    Umeyama 1991, https://doi.org/10.1109/34.88573.
    """
    turn, scale, middle, middles = _laid(source, target)
    return scale, turn, middles - scale[:, None] * (turn @ middle)


def mean(matrix: np.ndarray) -> np.ndarray:
    """The chordal mean [shape=(3, 3)] of rotations [shape=(F, 3, 3)]."""
    u, _, vt = np.linalg.svd(matrix.mean(0))
    return u @ np.diag((1, 1, np.linalg.det(u @ vt))) @ vt


def _laid(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rotation and scale that fit centred points to centred points, and the centres of both."""
    middle, middles = source.mean(axis=0), target.mean(axis=1)
    s, t = source - middle, target - middles[:, None]
    u, stretch, vt = np.linalg.svd(np.einsum("fni,nj->fij", t, s))
    sign = np.ones_like(stretch)
    sign[:, 2] = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    turn = np.einsum("fij,fj,fjk->fik", u, sign, vt)
    return turn, (stretch * sign).sum(axis=1) / (s**2).sum(), middle, middles


def _about(axis: int, angle: np.ndarray) -> np.ndarray:
    """Matrices [shape=(F, 3, 3)] that turn by these angles [shape=(F,)], radians, about one axis."""
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.zeros((len(cos), 3, 3), dtype=np.float64)
    j, k = (axis + 1) % 3, (axis + 2) % 3
    matrix[:, axis, axis] = 1
    matrix[:, j, j] = matrix[:, k, k] = cos
    matrix[:, k, j], matrix[:, j, k] = sin, -sin
    return matrix
