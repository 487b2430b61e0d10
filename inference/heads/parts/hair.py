# SPDX-License-Identifier: GPL-3.0-or-later
"""Short hair: a thin closed cap over the skull whose rings follow the hairline and end in the crown."""

from __future__ import annotations

import numpy as np

from ..form import EGG_CENTER, EGG_HEIGHT, Form
from ..piece import Piece, tube

AROUND = 96
# Level of the hairline, mm, at azimuths from the front (0) round to the back (180 degrees).
HAIRLINE = np.array([
    (0, 73.5), (15, 74), (27, 73), (36, 66), (43, 54), (50, 45), (58, 38), (64, 30), (69, 16), (73, 2), (76, -6),
    (79.5, -9), (83, -4), (86, 12), (90, 24), (96, 27.5), (102, 23), (107, 8), (112, -10), (119, -28), (129, -41),
    (145, -49), (165, -52), (180, -52),
])  # fmt: skip
# (way up from the hairline in mm, height over the skin there); beyond the last the rings are spread to the crown.
EDGE = ((0.0, -1.0), (1.5, 0.3), (4.0, 1.3), (8.0, 2.0), (15.0, 2.6))
TOP = 7.5  # height over the skin at the crown
FRINGE = 5.0  # more of it over the forehead
STEPS = 13  # rings from the edge to the crown


def hair(form: Form) -> Piece:
    """The cap of hair [millimetres]."""
    half = AROUND // 2
    azimuth = np.interp(np.arange(half + 1), (0, 16, 34, half), (0, 60, 118, 180))
    line = _smoothed(azimuth)
    azimuth = np.radians(np.concatenate([azimuth, -azimuth[-2:0:-1]]))
    start = _way(np.concatenate([line, line[-2:0:-1]]))
    end = 0.96 * _way(np.array(EGG_CENTER + EGG_HEIGHT))
    forehead = np.exp(-((azimuth / 0.75) ** 2))
    rings = []
    for up, height in EDGE:
        rings.append(_lifted(form, azimuth, start + up, height))
    for share in np.linspace(0, 1, STEPS + 1)[1:]:
        full = EDGE[-1][1] + (TOP - EDGE[-1][1]) * share * (2 - share)
        height = full + FRINGE * forehead * np.exp(-(((share - 0.2) / 0.2) ** 2))
        rings.append(_lifted(form, azimuth, start + EDGE[-1][0] + share * (end - start - EDGE[-1][0]), height))
    return tube(np.array(rings), "hair")


def _smoothed(azimuth: np.ndarray) -> np.ndarray:
    """The hairline at these degrees, its corners rounded."""
    fine = np.arange(-30.0, 210.5, 0.5)
    level = np.interp(np.abs(np.where(fine > 180, 360 - fine, fine)), *HAIRLINE.T)
    bell = np.exp(-0.5 * (np.arange(-12, 13) * 0.5 / 1.8) ** 2)
    return np.interp(azimuth, fine, np.convolve(level, bell / bell.sum(), mode="same"))


def _way(level: np.ndarray) -> np.ndarray:
    """Length of the way up the primitive to a level; the inverse is in `_lifted`."""
    above = np.clip((level - EGG_CENTER) / EGG_HEIGHT, 0, 1)
    return np.minimum(level, EGG_CENTER) + EGG_HEIGHT * np.arcsin(above)


def _lifted(form: Form, azimuth: np.ndarray, way: np.ndarray, height: float | np.ndarray) -> np.ndarray:
    """A ring over the skin."""
    above = np.clip(way - EGG_CENTER, 0, None) / EGG_HEIGHT
    level = np.minimum(way, EGG_CENTER) + EGG_HEIGHT * np.sin(above)
    skin = form(azimuth, level)
    outward = skin - (0, 5, 15)
    return skin + np.reshape(height, (-1, 1)) * outward / np.linalg.norm(outward, axis=1, keepdims=True)
