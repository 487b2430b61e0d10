# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyebrows: two tapered strips that lie on the skin, and lashes that grow from the upper lids' edge."""

from __future__ import annotations

import numpy as np

from ..form import Form
from ..piece import Piece, tube
from . import lids

# (x, z of the middle line, half height) from the inner to the outer end, millimetres
LINE = np.array([
    (12.6, 19.2, 0.5), (14.0, 19.4, 2.0), (18.5, 20.1, 2.9), (25.5, 21.6, 2.9), (31, 22.9, 2.7), (37, 23.8, 2.3),
    (42.5, 23.7, 1.9), (47.5, 22.4, 1.5), (51.5, 20.4, 1.0), (54.5, 18.3, 0.4),
])  # fmt: skip
SECTION = np.array([(-1, -1.0), (-0.75, 0.45), (0, 0.9), (0.75, 0.45), (1, -1.0)])  # (height, stand-off)
STEPS = 22


def brow(form: Form) -> Piece:
    """The left brow [millimetres]."""
    at = np.linspace(0, len(LINE) - 1, STEPS)
    x, z, half = (_smooth(at, column) for column in LINE.T)
    tilt = np.gradient(z) / np.gradient(x)
    normal_x, normal_z = -tilt / np.hypot(1, tilt), 1 / np.hypot(1, tilt)
    rings = []
    for high, off in SECTION:
        px, pz = x + normal_x * half * high, z + normal_z * half * high
        skin = form.front(px, pz)
        outward = np.stack([0.35 * px / 40, -np.ones(STEPS), 0.15 + 0 * px], axis=1)
        rings.append(skin + (off * np.clip(half / 2.5, 0.3, 1))[:, None] * outward)
    rings = np.array(rings).transpose(1, 0, 2)
    return tube(rings, "brows")


def _smooth(at: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Cubic (Catmull-Rom) interpolation of a column at fractional rows."""
    padded = np.concatenate([2 * column[:1] - column[1:2], column, 2 * column[-1:] - column[-2:-1]])
    i = np.minimum(at.astype(int), len(column) - 2)
    t = at - i
    a, b, c, d = (padded[i + k] for k in range(4))
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


UPPER = np.arange(lids.COUNT // 4, 3 * lids.COUNT // 4 - 1)  # places of the upper lid, outer corner to near the inner


def lashes(margin: np.ndarray, curl: float = 0.55) -> Piece:
    """A tapered fringe along the left upper lid.

    Parameters
    ----------
    margin : ndarray [shape=(lids.COUNT, 3)]
        The outer edge of the lid margin, millimetres.
    curl : float
        How much they point up rather than away from the eye.
    """
    edge = margin[UPPER]
    share = np.linspace(1, 0, len(UPPER))  # 1 at the outer corner
    length = 3.2 * np.clip(
        np.minimum(share + 0.55, 1) * np.sqrt(np.clip(4 * share * (1 - share) + 0.35 * share, 0, 1)), 0.05, 1
    )
    outward = edge - lids.CENTER
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    direction = outward * 0.8 + np.array([0.0, 0.0, curl]) + np.outer(share - 0.35, [0.5, 0, 0])
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    up = np.array([0.0, 0.0, 0.22])
    tip = edge + length[:, None] * direction
    rings = np.stack([edge - 0.4 * outward + up, tip, edge - 0.4 * outward - up], axis=1)
    return tube(rings, "lashes")
