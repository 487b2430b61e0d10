# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head posed and measured."""

import numpy as np

from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import lids, lips
from facewright.inference.heads.rest import head_at_rest

MM = 0.001
HEAD_MODEL = builtin_head()
REST = head_at_rest()
MOUTH, EYES = REST.skin.mouth, REST.skin.eyes
PLACE = np.arange(lips.COUNT)
UPPER = PLACE[lips.COUNT // 4 + 1 : 3 * lips.COUNT // 4]  # without the corners
LOWER = (lips.COUNT // 2 - UPPER) % lips.COUNT  # the place of the lower lip below each
MIDDLE = lips.COUNT // 2
LEFT_CORNER, RIGHT_CORNER = lips.COUNT // 4, 3 * lips.COUNT // 4


def posed(**weights: float) -> np.ndarray:
    """Vertices [shape=(V, 3)] in mm; a name without side moves both sides."""
    moved = HEAD_MODEL.neutral.astype(float)
    for name, weight in weights.items():
        for full in [name] if name in HEAD_MODEL.shapes else [f"{name}Left", f"{name}Right"]:
            moved = moved + weight * HEAD_MODEL.shapes[full]
    return moved / MM


def nearest(x: float, forward: float, up: float) -> int:
    """The skin vertex nearest to a place in mm."""
    skin = HEAD_MODEL.neutral[HEAD_MODEL.parts["skin"].vertices] / MM
    return int(((skin - (x, -forward, up)) ** 2).sum(axis=1).argmin())


def part(name: str, vertices: np.ndarray) -> np.ndarray:
    return vertices[HEAD_MODEL.parts[name].vertices]


def gap(vertices: np.ndarray, ring: int = lips.SEAM) -> np.ndarray:
    """Height of the opening between the lips at every place of a ring, corners left out, mm."""
    return vertices[MOUTH[ring, UPPER], 2] - vertices[MOUTH[ring, LOWER], 2]


def moved_by(name: str, vertex: int, weight: float = 1.0) -> np.ndarray:
    """Movement of a vertex in mm: x, forward, up."""
    return (posed(**{name: weight}) - posed())[vertex] * (1, -1, 1)


def lid_gap(vertices: np.ndarray, side: int = 0) -> np.ndarray:
    n = lids.COUNT
    upper = np.arange(n // 4 + 1, 3 * n // 4)
    lower = (n // 2 - upper) % n
    inner = EYES[side, lids.MARGIN + 1]
    return vertices[inner[upper], 2] - vertices[inner[lower], 2]


CHIN = nearest(0, 97, -101)
NOSE_TIP = nearest(0, 120, -38)
CORNERS = MOUTH[lips.SEAM, [LEFT_CORNER, RIGHT_CORNER]]
