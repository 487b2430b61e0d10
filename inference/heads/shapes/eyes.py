# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of eyes and brows. Lids are built again from another opening, so that they always lie on the eyeball."""

from __future__ import annotations

import numpy as np

from ..parts import brows, lids
from ..rest import Rest
from .mouth import Move, stroked

MEET = 3.8  # where closed lids meet, mm below the line from corner to corner

# Opening of the lids (upper, lower, aside), curl of the lashes, depth of the crease.
LIDS = {
    "eyeBlink": ((-MEET, MEET, 0.0), -0.35, 0.25),
    "eyeWide": ((8.6, 5.9, 0.0), 0.15, 0.5),
    "eyeSquint": ((4.6, 2.5, 0.0), 0.5, 1.0),
    "eyeLookUp": ((7.7, 4.3, 0.0), 0.3, 0.7),
    "eyeLookDown": ((1.6, 6.6, 0.0), 0.1, 0.6),
    "eyeLookIn": ((6.1, 5.1, -0.7), 0.55, 1.0),
    "eyeLookOut": ((6.1, 5.1, 0.7), 0.55, 1.0),
}
# Turn of the left eyeball: degrees to the left, degrees up.
GAZE = {"eyeLookUp": (0, 25), "eyeLookDown": (0, -24), "eyeLookIn": (-30, 0), "eyeLookOut": (32, 0)}
STROKES: dict[str, tuple[Move, ...]] = {
    "eyeSquint": (((35, 79, -22), (22, 26, 14), (0, 1.2, 2.2)),),
    "eyeWide": (((32, 90, 22), (24, 30, 14), (0, 0, 1.0)),),
}
BROWS: dict[str, tuple[Move, ...]] = {
    "browDown": (((18, 97, 20), (26, 34, 20), (-2.2, 1.2, -6.0)), ((40, 87, 23), (26, 34, 16), (-1.0, 0.6, -3.4))),
    "browOuterUp": (((46, 84, 27), (33, 44, 30), (0.3, 0.4, 8.0)),),
}
INNER_UP: tuple[Move, ...] = (((11, 97, 23), (24, 38, 30), (0.6, 0.4, 8.5)),)


def shapes(rest: Rest) -> dict[str, np.ndarray]:
    """Offsets [each shape=(V, 3)], millimetres."""
    left = {}
    for name, (opening, curl, fold) in LIDS.items():
        left[name] = _lids(rest, opening, curl, fold) + stroked(rest, STROKES.get(name, ()))
        if name in GAZE:
            ball = rest.part["eye_left"]
            left[name][ball] = _turned(rest.points[ball], *GAZE[name])
    for name, strokes in BROWS.items():
        left[name] = stroked(rest, strokes)
    inner = stroked(rest, INNER_UP)
    result = {"browInnerUp": inner + rest.mirrored(inner)}
    for name, offset in left.items():
        result[f"{name}Left"] = offset
        result[f"{name}Right"] = rest.mirrored(offset)
    return result


def _lids(rest: Rest, opening: tuple[float, float, float], curl: float, fold: float) -> np.ndarray:
    """The left lids and lashes with another opening."""
    rim = rest.points[rest.skin.eye_rim]
    x, z = lids.opening(*opening)
    now = np.array(lids.rings(rest.form, rim, *lids.opening()))
    then = np.array(lids.rings(rest.form, rim, x, z, fold))
    offset = np.zeros_like(rest.points)
    offset[rest.skin.eyes[0]] = then - now
    lash = rest.part["lashes"]
    half = (lash.stop - lash.start) // 2
    grown = brows.lashes(then[lids.MARGIN], curl).points - brows.lashes(now[lids.MARGIN]).points
    offset[lash.start : lash.start + half] = grown
    return offset


def _turned(points: np.ndarray, aside: float, up: float) -> np.ndarray:
    a, b = np.radians(aside), np.radians(up)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    return (points - lids.CENTER) @ (about_z @ about_x).T + lids.CENTER - points
