# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of the ICT head on which errors are taken, by geometry: no list of anybody's is needed.

``lips`` are the vertices of the skin that lie inside the outer edge of the lips as seen from the front. ``upper_face``
are those above the lower lids' edge and in front of the ears: lids, brows, forehead, temples.
"""

from __future__ import annotations

import numpy as np

from facewright.models.training.heads.ict import LIPS, IctHead

SKIN = 9409  # vertices 0 to 9408; sockets, teeth, eyes and lashes follow
# The outer edge, MediaPipe numbers, once around.
EDGE = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LOWER_LIDS = (1518, 1511, 3725, 3732)  # points 40, 41, 46, 47 of the 68
EARS = (1225, 3443)  # points 0 and 16: where the jaw meets the ears


def lips(head: IctHead) -> list[int]:
    """Vertex numbers of the lips."""
    edge = head.neutral[[LIPS[number] for number in EDGE], :2]
    points = head.neutral[:SKIN, :2]
    chosen = _inside(points, edge) & (head.neutral[:SKIN, 2] > 0)
    chosen[[LIPS[number] for number in EDGE]] = True
    return np.flatnonzero(chosen).tolist()


def upper_face(head: IctHead) -> list[int]:
    """Vertex numbers of the upper face."""
    skin = head.neutral[:SKIN]
    lowest, behind = head.neutral[list(LOWER_LIDS), 1].min(), head.neutral[list(EARS), 2].min()
    return np.flatnonzero((skin[:, 1] >= lowest) & (skin[:, 2] >= behind)).tolist()


def pupil_distance(head: IctHead) -> float:
    """Distance between the centres of the eyeballs, and so of pupils that look straight ahead, centimetres."""
    right, left = np.split(head.neutral[21451:24591], 2)
    return float(np.linalg.norm(left.mean(axis=0) - right.mean(axis=0)))


def _inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which points (N, 2) lie inside a polygon (P, 2), by counting the edges that a ray to the right crosses."""
    inside = np.zeros(len(points), dtype=bool)
    x, y = points.T
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside
