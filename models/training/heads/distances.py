# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening, width and jaw of the ICT head, as `inference/capture/distances.py` defines them for tracked faces.

Torch tensors of vertices work as well as arrays, and gradients flow.
"""

from __future__ import annotations

import numpy as np

from facewright.inference.capture.distances import LANDMARKS, NAMES, from_landmarks, landmark_eye_distance, three

__all__ = [
    "EYE_VERTICES", "LANDMARKS", "NAMES", "SUBSET", "VERTICES", "eye_distance", "from_landmarks", "from_mesh",
    "landmark_eye_distance",
]  # fmt: skip

# The vertices of the ICT head at the places of LANDMARKS.
VERTICES = {"upper": (5711, 5533, 6216), "lower": (5966, 5517, 6470), "corners": (5708, 6213), "jaw": (978, 966)}
EYE_VERTICES = (1507, 3721)

# All vertices that count, so that a caller need not move the other 26,000: see `IctHead.vertices(subset=...)`.
SUBSET = tuple(vertex for group in VERTICES.values() for vertex in group)


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
    return tuple(distance / unit for distance in three(*groups))


def eye_distance(neutral: np.ndarray) -> float:
    """Outer-eye distance of the whole neutral ICT head (V, 3), in its unit."""
    return float(np.linalg.norm(neutral[EYE_VERTICES[1]] - neutral[EYE_VERTICES[0]]))
