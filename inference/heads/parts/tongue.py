# SPDX-License-Identifier: GPL-3.0-or-later
"""The tongue: a flattened tube that rises from the floor of the mouth and ends in a rounded tip behind the teeth."""

from __future__ import annotations

import numpy as np

from ..piece import Piece, tube

# (forward, height of the middle, half width, half thickness) from the root to the tip, millimetres
SPINE = np.array([
    (44, -92, 13.0, 8.0), (48, -83.5, 16.0, 8.6), (54, -77, 18.3, 8.4), (60, -74.2, 19.4, 7.7), (66, -73.4, 19.2, 6.8),
    (71, -73.6, 17.9, 5.9), (75.5, -74.2, 15.6, 5.0), (79.2, -74.8, 12.8, 4.1), (82, -75.1, 9.8, 3.2),
    (83.8, -75.2, 6.6, 2.3), (84.8, -75.3, 3.0, 1.4),
])  # fmt: skip
AROUND = 18


def tongue() -> Piece:
    """The tongue at rest, millimetres."""
    around = 2 * np.pi * np.arange(AROUND) / AROUND
    side, up = np.sin(around), np.cos(around)
    groove = -0.9 * np.exp(-((side / 0.3) ** 2)) * (up > 0)
    forward, height, wide, thick = (column[:, None] for column in SPINE.T)
    x = wide * side
    z = height + thick * up + groove * np.clip(thick / 6, 0, 1) - 0.10 * thick * side**2
    rings = np.stack([x, -forward + 0 * x, z], axis=-1)
    return tube(rings, "tongue")
