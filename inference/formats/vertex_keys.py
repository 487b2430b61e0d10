# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving vertices as few shape keys: principal components, as many as a stated worst error needs.

``vertices = rest + sum(weight * key)`` with weights in [-1, 1]. Components come from frames spread over the take (the
method of snapshots, Sirovich 1987, https://doi.org/10.1090/qam/910462) and are judged on every vertex of every frame;
the frames with the largest errors are added until all are within the error. Frames are read a few at a time, so that
memory does not grow with the length of a take.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.errors import MotionError

SNAPSHOTS, PART, ROUNDS = 256, 64, 40
WORST_ADDED = 24  # frames with the largest errors that are added in each round


@dataclass(frozen=True, eq=False)
class VertexKeys:
    """Moving vertices as shape keys.

    Parameters
    ----------
    rest : ndarray [shape=(V, 3), float32]
        The vertices where all weights are zero.
    offsets : ndarray [shape=(K, V, 3), float32]
        What each key adds at weight 1, most important first.
    weights : ndarray [shape=(F, K), float32]
        In [-1, 1].
    worst, typical : float
        Largest distance of any vertex in any frame from where it should be, and the root mean square of all; in the
        unit of the vertices.
    """

    rest: np.ndarray
    offsets: np.ndarray
    weights: np.ndarray
    worst: float
    typical: float


def fewest_keys(trajectory: np.ndarray, rest: np.ndarray, worst: float, most: int = 500) -> VertexKeys:
    """The fewest principal components that keep every vertex of every frame within `worst` of its place.

    Parameters
    ----------
    trajectory : ndarray [shape=(F, V, 3)]
        The vertices of each frame; may be a memory map.
    rest : ndarray [shape=(V, 3)]
        The vertices where all weights are zero.
    worst : float
        The largest error allowed, in the unit of the vertices, above 0.
    most : int
        Largest number of keys.

    Returns
    -------
    VertexKeys
        The keys, their weights in every frame, and the errors that are left.

    Raises
    ------
    MotionError
        When shapes do not fit, a frame is not finite, or more than `most` keys would be needed.
    """
    if trajectory.ndim != 3 or trajectory.shape[1:] != rest.shape or len(trajectory) == 0:
        raise MotionError(f"Expected frames of {rest.shape[0]} vertices, got an array {trajectory.shape}.")
    if not worst > 0:
        raise MotionError(f"Expected a largest error above 0, got {worst}.")
    rest = np.asarray(rest, np.float64)
    frames = len(trajectory)
    for _ in _parts(trajectory, rest):  # raises for a frame that is not finite, before the long work
        pass
    chosen = np.unique(np.linspace(0, frames - 1, min(frames, SNAPSHOTS)).astype(int))
    for _ in range(ROUNDS):
        basis = _components(np.asarray(trajectory[chosen], np.float64).reshape(len(chosen), -1) - rest.ravel())
        basis = basis[:most]
        errors = _errors(trajectory, rest, basis)  # (K + 1, F)
        enough = np.flatnonzero(errors.max(axis=1) <= worst)
        if len(enough):
            return _keys(trajectory, rest, basis[: enough[0]])
        bad = np.setdiff1d(np.argsort(errors[-1])[::-1][: 4 * WORST_ADDED], chosen)
        if len(basis) == most or len(bad) == 0:
            break
        chosen = np.union1d(chosen, bad[np.argsort(errors[-1][bad])[::-1]][:WORST_ADDED])
    raise MotionError(
        f"{len(basis)} shape keys still leave an error of {errors[-1].max():.3g} where {worst:.3g} is allowed. Allow a "
        "larger error, or use a vertex cache, which is exact."
    )


def _components(moves: np.ndarray) -> np.ndarray:
    """Orthonormal principal directions of moves [shape=(n, 3V)], most important first."""
    values, vectors = np.linalg.eigh(moves @ moves.T)
    order = np.argsort(values)[::-1]
    order = order[values[order] > max(values[-1], 1e-30) * 1e-13]
    return (vectors[:, order] / np.sqrt(values[order])).T @ moves


def _parts(trajectory: np.ndarray, rest: np.ndarray):
    """The offsets from rest a few frames at a time, each with the number of its first frame; raises MotionError."""
    for first in range(0, len(trajectory), PART):
        part = np.asarray(trajectory[first : first + PART], np.float64)
        if not np.isfinite(part).all():
            bad = first + int(np.argwhere(~np.isfinite(part).all(axis=(1, 2)))[0, 0])
            raise MotionError(f"Expected finite vertices, got NaN or infinity in frame {bad}. Repair or cut it first.")
        yield first, (part - rest).reshape(len(part), -1)


def _errors(trajectory: np.ndarray, rest: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Largest error in each frame with the first 0, 1, 2 ... components [shape=(len(basis) + 1, F)]."""
    errors = np.empty((len(basis) + 1, len(trajectory)))
    for first, left in _parts(trajectory, rest):
        codes = left @ basis.T
        for k in range(len(basis) + 1):
            offsets = left.reshape(len(left), -1, 3)
            errors[k, first : first + len(left)] = np.sqrt((offsets**2).sum(axis=2).max(axis=1))
            if k < len(basis):
                left = left - codes[:, k : k + 1] * basis[k]
    return errors


def _keys(trajectory: np.ndarray, rest: np.ndarray, basis: np.ndarray) -> VertexKeys:
    """The keys of these components, scaled so that weights are in [-1, 1]."""
    codes = np.concatenate([left @ basis.T for _, left in _parts(trajectory, rest)])
    size = np.maximum(np.abs(codes).max(axis=0, initial=0), 1e-12)
    offsets = (basis * size[:, None]).reshape(-1, *rest.shape).astype(np.float32)
    weights = (codes / size).astype(np.float32)
    worst = squares = 0.0
    for first, left in _parts(trajectory, rest):  # errors of the rounded numbers that are returned
        moved = weights[first : first + len(left)] @ offsets.reshape(len(offsets), rest.size)
        off = ((left - moved).reshape(len(left), -1, 3) ** 2).sum(axis=2)
        worst, squares = max(worst, float(off.max())), squares + float(off.sum())
    typical = np.sqrt(squares / (len(trajectory) * len(rest)))
    return VertexKeys(rest.astype(np.float32), offsets, weights, float(np.sqrt(worst)), float(typical))
