# SPDX-License-Identifier: GPL-3.0-or-later
"""The three distances by which a mouth is compared with a tracked one: lip opening, mouth width, jaw.

All are taken in the head's own axes (x to its left, y up, z forward), head motion taken out, and divided by the
distance between the outer eye corners of the face at rest, so that faces of any size compare:

========  =================================================================================================
opening   mean height (y) between the middle of the inner upper and lower lip, three pairs of points
width     distance in the frontal plane (x, y) between the outer mouth corners
jaw       height (y) between nose bridge and chin
========  =================================================================================================

The formulas use only indexing and arithmetic, so torch tensors work as well as arrays, and gradients flow.
"""

from __future__ import annotations

import numpy as np

from .landmarks import OUTER_EYES, Tracks

NAMES = ("opening", "width", "jaw")
LANDMARKS = {"upper": (82, 13, 312), "lower": (87, 14, 317), "corners": (61, 291), "jaw": (168, 152)}


def three(upper, lower, corners, jaw) -> tuple:
    """Opening, width and jaw from point groups of shape (..., n, 3)."""
    opening = (upper[..., 1] - lower[..., 1]).mean(-1)
    across = corners[..., 0, :2] - corners[..., 1, :2]
    width = (across * across).sum(-1) ** 0.5
    return opening, width, jaw[..., 0, 1] - jaw[..., 1, 1]


def from_landmarks(face: Tracks) -> np.ndarray:
    """Distances of a stabilised clip, (F, 3) in outer-eye distances."""
    return np.stack(three(*(face.at(group) for group in LANDMARKS.values())), axis=-1)


def landmark_eye_distance(points: np.ndarray, face: Tracks) -> float:
    """Outer-eye distance of tracked points (L, 3)."""
    right, left = points[face.columns(OUTER_EYES)]
    return float(np.linalg.norm(left - right))
