# SPDX-License-Identifier: GPL-3.0-or-later
"""The tongue: a flattened tube that rises from the floor of the mouth and ends in a rounded tip behind the teeth."""

from __future__ import annotations

import numpy as np

from .piece import Piece, tube

# (forward, height of the middle, half width, half thickness) from the root to the tip, millimetres
SPINE = np.array([
    (44, -92, 13.0, 8.0), (48, -84, 15.0, 8.5), (54, -78, 16.5, 8.2), (60, -75.5, 17.2, 7.4), (66, -74.8, 17.0, 6.4),
    (71, -74.8, 16.0, 5.5), (75.5, -75.0, 14.4, 4.7), (79.2, -75.2, 12.2, 3.9), (82, -75.3, 9.4, 3.1),
    (83.8, -75.3, 6.4, 2.3), (84.8, -75.3, 3.0, 1.4),
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
