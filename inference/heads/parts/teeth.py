# SPDX-License-Identifier: GPL-3.0-or-later
"""Teeth and gums: fourteen rounded teeth on a dental arch, and a gum that follows the arch."""

from __future__ import annotations

import numpy as np

from ..piece import Piece, joined, tube

# Width of each tooth from the middle outwards, height of its crown, depth, millimetres (after usual anatomical means).
UPPER = ((8.4, 9.8, 6.0), (6.6, 8.8, 5.6), (7.4, 9.6, 6.8), (6.8, 8.0, 8.4), (6.6, 7.4, 8.8), (9.4, 7.0, 10.0),
         (9.0, 6.4, 10.0))  # fmt: skip
LOWER = ((5.4, 8.8, 5.6), (5.8, 8.8, 5.8), (6.6, 9.4, 6.8), (6.8, 8.2, 7.8), (6.8, 7.6, 8.4), (10.0, 7.0, 9.6),
         (9.4, 6.4, 9.6))  # fmt: skip
EDGE = {True: -69.3, False: -67.6}  # height of the biting edges: the upper incisors overlap the lower ones
SINK = 3.0  # how much lower the last lower molar stands
FRONT, BACK, HALF = 91.0, 44.0, 27.0  # the arch is half an ellipse, forward mm
SQUARENESS = 0.82  # 1 is a true ellipse, less is squarer
AROUND = 12


def teeth(upper: bool) -> Piece:
    """One row of teeth with its gum, millimetres."""
    sizes = UPPER if upper else LOWER
    inset = 0.0 if upper else 2.6  # lower incisors bite behind the upper ones
    x, y, angle = _arch(inset)
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    pieces, position = [], 0.0
    for width, height, depth in sizes:
        place = np.interp(position + width / 2, along, np.arange(len(along)))
        center = np.array([np.interp(place, np.arange(len(x)), v) for v in (x, y, angle)])
        edge = EDGE[upper] - (0.0 if upper else SINK * (position / 48) ** 2)
        tooth = _tooth((width, height, depth), center, edge, upper)
        pieces += [tooth, tooth.mirrored()]
        position += width
    return joined([*pieces, _gum(x, y, angle, along, position, upper)])


def _arch(inset: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The left half of the arch: x, y and the angle of its outward normal from straight ahead."""
    t = np.linspace(0, np.pi / 2, 400)
    half, reach = HALF - inset * 0.8, FRONT - inset - BACK
    x, forward = half * np.sin(t) ** SQUARENESS, BACK + reach * np.cos(t) ** SQUARENESS
    return x, -forward, np.arctan2(-np.gradient(forward), np.gradient(x))


def _tooth(size: tuple[float, float, float], center: np.ndarray, edge: float, upper: bool) -> Piece:
    """A crown from gum to edge: rounded squares, thinner towards the edge for incisors.

    ``center`` is x, y and the angle of the arch; ``edge`` the height of the biting edge.
    """
    width, height, depth = size
    up = 1 if upper else -1
    around = 2 * np.pi * np.arange(AROUND) / AROUND
    cos, sin = np.cos(around), np.sin(around)
    square = np.stack([np.sign(cos) * np.abs(cos) ** 0.55, np.sign(sin) * np.abs(sin) ** 0.7], axis=1)
    front = depth < 7.5
    front_edge, back_edge = (0.66, 0.42), (0.92, 0.75)  # how thick the crown is near and at its edge
    near, at = front_edge if front else back_edge
    rings = []
    for level, wide, thick in (
        (1.35, 0.72, 0.75),
        (0.8, 0.92, 1),
        (0.45, 0.985, 0.92),
        (0.14, 0.97, near),
        (0.02, 0.88, at),
    ):
        local_x = square[:, 0] * width / 2 * wide
        local_y = square[:, 1] * depth / 2 * thick - depth / 2 + (0.35 if front else 0.0) * (1 - level)
        c, s = np.cos(center[2]), np.sin(center[2])
        # local_x runs along the arch, local_y outwards (towards the lips)
        x = center[0] + local_x * c + local_y * s
        y = center[1] + local_x * s - local_y * c
        rings.append(np.stack([x, y, np.full(AROUND, edge + up * level * height)], axis=1))
    return tube(np.array(rings), "teeth")


def _gum(x: np.ndarray, y: np.ndarray, angle: np.ndarray, along: np.ndarray, length: float, upper: bool) -> Piece:
    """A rounded bar along the roots of the teeth."""
    up = 1 if upper else -1
    places = np.linspace(-length - 1.0, length + 1.0, 33)
    px, py, pa = (np.interp(np.abs(places), along, v) for v in (x, y, angle))
    px, pa = px * np.sign(places), pa * np.sign(places)
    around = 2 * np.pi * np.arange(10) / 10
    depth = 4.2 + 1.2 * np.clip(np.abs(places) / length, 0, 1)
    sink = np.clip(np.abs(places) / length, 0, 1)
    out = depth[:, None] * np.cos(around) - depth[:, None] + 0.9
    high = (6.2 - 1.4 * sink)[:, None] * np.sin(around)
    middle = EDGE[upper] + up * (12.6 - 2.4 * sink)[:, None]
    rings = np.stack(
        [px[:, None] + out * np.sin(pa)[:, None], py[:, None] - out * np.cos(pa)[:, None], middle + high], axis=-1
    )
    return tube(rings, "gums")
