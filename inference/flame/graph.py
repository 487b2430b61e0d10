# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes as graphs: normals, distances along edges, and which lip a vertex belongs to."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np

LIP_REACH = 14.0  # millimetres from the lip lines at which skin no longer belongs to a lip


def triangles(faces: np.ndarray) -> np.ndarray:
    """Quads (N, 4), in which -1 pads a triangle, as triangles (M, 3)."""
    if faces.shape[1] == 3:
        return faces
    quads = faces[faces[:, 3] >= 0]
    return np.concatenate([faces[:, :3], quads[:, [0, 2, 3]]])


def normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals of the vertices [shape=(V, 3)], weighted by area; zero where no face is."""
    faces = triangles(faces)
    a, b, c = (points[faces[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    total = np.stack(
        [sum(np.bincount(faces[:, k], flat[:, axis], len(points)) for k in range(3)) for axis in range(3)], axis=1
    )
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def edges(faces: np.ndarray) -> np.ndarray:
    """Every edge once in each direction [shape=(E, 2)]."""
    sides = [faces[:, [k, (k + 1) % 3]] for k in range(3)] if faces.shape[1] == 3 else _quad_sides(faces)
    both = np.concatenate([*sides, *(side[:, ::-1] for side in sides)])
    return np.unique(both, axis=0)


def _quad_sides(faces: np.ndarray) -> list[np.ndarray]:
    last = np.where(faces[:, 3] >= 0, faces[:, 3], faces[:, 2])
    full = np.column_stack([faces[:, :3], last])
    sides = [full[:, [k, (k + 1) % 4]] for k in range(4)]
    return [side[side[:, 0] != side[:, 1]] for side in sides]


def distances(points: np.ndarray, links: np.ndarray, seeds: Iterable[int], reach: float) -> np.ndarray:
    """Length of the shortest path along edges from seeds to each vertex [shape=(V,)], inf beyond reach (Dijkstra)."""
    length = np.linalg.norm(points[links[:, 0]] - points[links[:, 1]], axis=1)
    first = np.searchsorted(links[:, 0], np.arange(len(points) + 1))
    ends, length = links[:, 1].tolist(), length.tolist()
    far = [float("inf")] * len(points)
    heap = [(0.0, int(seed)) for seed in seeds]
    for _, seed in heap:
        far[seed] = 0.0
    while heap:
        way, vertex = heapq.heappop(heap)
        if way > far[vertex]:
            continue
        for k in range(first[vertex], first[vertex + 1]):
            neighbour, total = ends[k], way + length[k]
            if total < far[neighbour] and total <= reach:
                far[neighbour] = total
                heapq.heappush(heap, (total, neighbour))
    return np.array(far)


def lip_side(points: np.ndarray, links: np.ndarray, upper: Iterable[int], lower: Iterable[int]) -> np.ndarray:
    """1 on the upper lip, -1 on the lower, fading to 0 at the corners and in the skin around [shape=(V,)].

    Closed lips lie on each other, so that positions alone cannot tell them apart; distances along the skin can.
    """
    above, below = (distances(points, links, lip, 4 * LIP_REACH) for lip in (upper, lower))
    near = np.minimum(above, below)
    above, below = np.minimum(above, 1e3), np.minimum(below, 1e3)
    return np.clip(1 - near / LIP_REACH, 0, 1) * (below - above) / np.maximum(above + below, 1e-9)


def lip_share(points: np.ndarray, links: np.ndarray, border: Iterable[int], inner: Iterable[int]) -> np.ndarray:
    """1 on both lips, up to as far from their inner lines as the borders are, fading to 0 in the skin around (V,)."""
    way = distances(points, links, inner, 4 * LIP_REACH)
    return np.clip(1 - (way - np.quantile(way[list(border)], 0.9)) / LIP_REACH, 0, 1)
