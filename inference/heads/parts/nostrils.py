# SPDX-License-Identifier: GPL-3.0-or-later
"""The left nostril: rings from the underside of the nose into a dark hollow; the right is its mirror image."""

from __future__ import annotations

import numpy as np

WIDE, HIGH = 3, 3
COUNT = 2 * (WIDE + HIGH)
# (size, then the way inwards: to the left, forward, up, mm)
PROFILE = ((0.80, 0.0, 0.0, -0.15), (0.66, 0.0, 0.2, 0.6), (0.56, -0.2, 0.6, 2.6), (0.42, -0.6, 1.0, 5.5))


def rings(rim_points: np.ndarray) -> list[np.ndarray]:
    """All rings of the left nostril [each shape=(COUNT, 3)], millimetres."""
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    middle = rim_points.mean(axis=0)
    wide, long = np.ptp(rim_points[:, 0]) / 2, np.ptp(rim_points[:, 1]) / 2
    # A drop shape, narrower in front, that turns its front end towards the middle of the nose. The bottom edge of the
    # hole is the one towards the lip.
    x, y = wide * np.sin(angle), long * np.cos(angle)
    x = x * (1 + 0.15 * np.cos(angle)) + 0.18 * y
    height = np.linalg.lstsq(np.c_[rim_points[:, :2], np.ones(COUNT)], rim_points[:, 2], rcond=None)[0]
    oval = np.stack([middle[0] + x, middle[1] + y, np.zeros(COUNT)], axis=1)
    oval[:, 2] = np.c_[oval[:, :2], np.ones(COUNT)] @ height
    result = []
    for size, left, forward, up in PROFILE:
        result.append(middle + size * (oval - middle) + (left, -forward, up))
    return result
