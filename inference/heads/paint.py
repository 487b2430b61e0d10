# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials, and vertex colours with soft borders. All colours are linear RGB."""

from __future__ import annotations

import numpy as np

from ..core.curves import smoothstep
from .model import Material
from .parts import hair, lips
from .rest import Rest
from .skin import MOUTH, NOSTRIL

MATERIALS = (
    Material("skin", (0.68, 0.345, 0.215), 0.45),
    Material("lips", (0.50, 0.185, 0.15), 0.35),
    Material("mouth", (0.20, 0.045, 0.045), 0.5),
    Material("nostril", (0.16, 0.055, 0.045), 0.6),
    Material("sclera", (0.80, 0.77, 0.74), 0.12),
    Material("iris", (0.115, 0.19, 0.21), 0.1),
    Material("iris_rim", (0.03, 0.045, 0.05), 0.1),
    Material("pupil", (0.004, 0.004, 0.004), 0.08),
    Material("teeth", (0.92, 0.88, 0.81), 0.2),
    Material("gums", (0.44, 0.13, 0.125), 0.3),
    Material("tongue", (0.45, 0.13, 0.13), 0.35),
    Material("brows", (0.055, 0.03, 0.019), 0.7),
    Material("hair", (0.062, 0.036, 0.024), 0.8),
    Material("lashes", (0.012, 0.009, 0.008), 0.6),
)
NUMBER = {material.name: number for number, material in enumerate(MATERIALS)}
# How much skin shows through each ring of hair from the hairline on.
THIN = np.array([0.75, 0.45, 0.15])
# How red each mouth ring is, from the outermost: skin, the soft border, lips, then the inside.
REDNESS = np.array([0, 0, 0, 0, 0.06, 0.5, 0.9, *np.ones(lips.RINGS - 7)])


def colors(rest: Rest) -> np.ndarray:
    """Linear RGB of every vertex [shape=(V, 3)]."""
    result = np.zeros_like(rest.points)
    for name, piece in rest.pieces.items():
        part = result[rest.part[name]]
        for face_material in dict.fromkeys(piece.materials):
            used = piece.faces[piece.materials == face_material]
            part[used[used >= 0]] = _color(face_material)
    result[rest.part["skin"]] = _skin(rest)
    result[rest.part["hair"]][: len(THIN) * hair.AROUND] += np.repeat(THIN, hair.AROUND)[:, None] * (
        _color("skin") - _color("hair")
    )
    return result


def _color(name: str) -> np.ndarray:
    return np.array(MATERIALS[NUMBER[name]].color)


def _skin(rest: Rest) -> np.ndarray:
    count = len(rest.skin.points)
    result = np.tile(_color("skin"), (count, 1))
    warm = np.zeros(count)
    for center, radius, strength in (((42, 74, -36), 44, 0.4), ((0, 118, -38), 26, 0.45), ((78, -8, -8), 34, 0.55),
                                     ((0, 97, -101), 26, 0.25), ((28, 82, -8), 20, 0.25)):  # fmt: skip
        brush = rest.brush(center, radius)[:count]
        warm += strength * np.maximum(brush, brush[rest.skin.mirror])
    result *= 1 - np.clip(warm, 0, 1)[:, None] * (0.02, 0.26, 0.28)
    lip = np.zeros(count)
    lip[rest.skin.mouth] = REDNESS[:, None] * smoothstep(rest.fullness, -0.02, 0.12)
    result += lip[:, None] * (_color("lips") - result)
    inside = np.unique(rest.skin.quads[rest.skin.tags == MOUTH])
    result[inside] = _color("mouth")
    result[np.unique(rest.skin.quads[rest.skin.tags == NOSTRIL])[2 * 12 :]] = _color("nostril")
    return result
