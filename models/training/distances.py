# SPDX-License-Identifier: GPL-3.0-or-later
"""The three distances by which a mouth is compared with a tracked one: lip opening, mouth width, jaw.

All are taken in the head's own axes (x to its left, y up, z forward), head motion taken out, and divided by the
distance between the outer eye corners of the face at rest, so that faces of any size compare:

========  =================================================================================================
opening   mean height (y) between the middle of the inner upper and lower lip, three pairs of points
width     distance in the frontal plane (x, y) between the outer mouth corners
jaw       height (y) between nose bridge and chin
========  =================================================================================================

:func:`from_landmarks` reads them off MediaPipe points, :func:`from_mesh` off the ICT head. The formulas use only
indexing and arithmetic, so a torch tensor of vertices works as well as an array, and gradients flow.
"""

from __future__ import annotations

import numpy as np

from .landmarks import OUTER_EYES, Tracks

NAMES = ("opening", "width", "jaw")

# MediaPipe numbers, and the vertices of the ICT head at the same places.
LANDMARKS = {"upper": (82, 13, 312), "lower": (87, 14, 317), "corners": (61, 291), "jaw": (168, 152)}
VERTICES = {"upper": (5711, 5533, 6216), "lower": (5966, 5517, 6470), "corners": (5708, 6213), "jaw": (978, 966)}
EYE_VERTICES = (1507, 3721)

# All vertices that count, so that a caller need not move the other 26,000: see `IctHead.vertices(subset=...)`.
SUBSET = tuple(vertex for group in VERTICES.values() for vertex in group)


def _three(upper, lower, corners, jaw) -> tuple:
    """Opening, width and jaw from point groups of shape (..., n, 3)."""
    opening = (upper[..., 1] - lower[..., 1]).mean(-1)
    across = corners[..., 0, :2] - corners[..., 1, :2]
    width = (across * across).sum(-1) ** 0.5
    return opening, width, jaw[..., 0, 1] - jaw[..., 1, 1]


def from_landmarks(face: Tracks) -> np.ndarray:
    """Distances of a stabilised clip, (F, 3) in outer-eye distances."""
    return np.stack(_three(*(face.at(group) for group in LANDMARKS.values())), axis=-1)


def from_mesh(vertices, unit):
    """Distances of meshes that consist of the :data:`SUBSET` vertices in that order.

    Parameters
    ----------
    vertices : ndarray or tensor [shape=(..., len(SUBSET), 3)]
        Vertices of the ICT head.
    unit : float
        Outer-eye distance of the head at rest, see :func:`eye_distance`.

    Returns
    -------
    tuple of three ndarray or tensor [shape=(...)]
        Opening, width, jaw in outer-eye distances.
    """
    groups, start = [], 0
    for group in VERTICES.values():
        groups.append(vertices[..., start : start + len(group), :])
        start += len(group)
    return tuple(distance / unit for distance in _three(*groups))


def eye_distance(neutral: np.ndarray) -> float:
    """Outer-eye distance of the whole neutral ICT head (V, 3), in its unit."""
    return float(np.linalg.norm(neutral[EYE_VERTICES[1]] - neutral[EYE_VERTICES[0]]))


def landmark_eye_distance(points: np.ndarray, face: Tracks) -> float:
    """Outer-eye distance of tracked points (L, 3)."""
    right, left = points[face.columns(OUTER_EYES)]
    return float(np.linalg.norm(left - right))
