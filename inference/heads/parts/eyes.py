# SPDX-License-Identifier: GPL-3.0-or-later
"""The left eyeball: a sphere of rings round its gaze axis, with a slightly raised cornea over a painted iris."""

from __future__ import annotations

import numpy as np

from ..piece import Piece, tube
from .lids import CENTER, RADIUS

AROUND = 32
# Degrees from the gaze axis, and the material from each ring to the next.
ANGLES = (2.0, 5.0, 9.0, 12.0, 15.5, 19.0, 22.5, 24.5, 30, 40, 55, 75, 100, 130, 165)
BANDS = ("pupil", "pupil", "iris", "iris", "iris", "iris", "iris_rim", "sclera")


def eyeball() -> Piece:
    """The left eyeball, millimetres, looking straight ahead."""
    polar = np.radians(ANGLES)[:, None]
    around = 2 * np.pi * np.arange(AROUND)[None] / AROUND
    bulge = 0.45 * np.clip(1 - (np.degrees(polar) / 26) ** 2, 0, 1) ** 1.5
    radius = RADIUS + bulge
    flat = np.sin(polar)
    rings = np.stack([flat * np.sin(around), -np.cos(polar) + 0 * around, flat * np.cos(around)], axis=-1)
    piece = tube(CENTER + radius[..., None] * rings, "sclera")
    band = np.arange(len(piece.faces)) // AROUND
    names = np.array(BANDS)[np.minimum(band, len(BANDS) - 1)]
    names[-2 * AROUND : -AROUND] = "pupil"  # the fan in front
    return Piece(piece.points, piece.faces, names)
