# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of lips and cheeks.

Most are sums of soft brushes over the neutral, in which the two lips share their seam: whatever a brush does to one lip
it does to the other, so such a shape can neither part nor cross them. Shapes that part or roll the lips use the weights
of one lip alone, and move it away from the other or inwards.
"""

from __future__ import annotations

import numpy as np

from ...core.curves import smoothstep
from ..parts import lips
from ..rest import BELONGS, Rest

Move = tuple[tuple[float, float, float], float | tuple[float, float, float], tuple[float, float, float]]

# Brush strokes of the left side: center and radius (x, forward, up), then the movement (x, forward, up).
LEFT: dict[str, tuple[Move, ...]] = {
    "mouthSmile": (
        ((25, 85, -67), (20, 26, 17), (6.5, -4.0, 8.0)),
        ((38, 78, -42), (25, 30, 25), (1.5, 3.6, 5.5)),
        ((25, 90, -55), (9, 20, 14), (0.5, -1.6, 1.0)),
        ((9, 100, -67), (20, 24, 20), (0.8, -0.8, 0.4)),
    ),
    "mouthFrown": (
        ((25, 85, -68), (19, 26, 17), (1.0, -1.0, -8.0)),
        ((22, 88, -86), (16, 26, 14), (0.5, 1.2, -2.0)),
    ),
    "mouthDimple": (((25, 85, -67), (18, 26, 15), (4.5, -5.0, 1.5)), ((38, 77, -66), (14, 24, 20), (1.0, 2.0, 0.5))),
    "mouthStretch": (
        ((25, 85, -68), (22, 28, 19), (9.0, -4.5, -3.0)),
        ((38, 72, -90), (22, 30, 24), (2.5, 0.5, -2.0)),
    ),
    "cheekSquint": (((38, 79, -28), (27, 30, 20), (0.5, 2.5, 6.0)),),
    "noseSneer": (
        ((15, 97, -40), (15, 24, 15), (1.5, 0.8, 5.5)),
        ((10, 98, -14), (13, 24, 18), (-0.5, 1.2, 2.0)),
        ((15, 95, -56), (16, 24, 14), (0.5, 0.5, 2.0)),
    ),
}
BOTH: dict[str, tuple[Move, ...]] = {
    "cheekPuff": (((42, 70, -62), (40, 48, 40), (7.0, 4.5, 0.0)), ((12, 96, -66), (26, 26, 22), (0.0, 1.5, 0.0))),
}
MIDDLE: dict[str, tuple[Move, ...]] = {
    "mouthLeft": (((0, 95, -67), (52, 60, 38), (9.0, 0.0, 0.0)), ((28, 85, -65), (22, 30, 20), (0, -2.5, 2.5))),
    "mouthShrugLower": (((0, 95, -92), (28, 34, 22), (0.0, 2.0, 4.5)), ((0, 99, -74), (36, 34, 18), (0.0, 2.5, 3.2))),
    "mouthShrugUpper": (((0, 100, -59), (34, 34, 20), (0.0, 2.2, 3.4)),),
}


def shapes(rest: Rest) -> dict[str, np.ndarray]:
    """Offsets [each shape=(V, 3)], millimetres."""
    result = {}
    for name, strokes in LEFT.items():
        result[f"{name}Left"] = stroked(rest, strokes)
    for name, strokes in BOTH.items():
        left = stroked(rest, strokes)
        result[name] = left + rest.mirrored(left)
    for name, strokes in MIDDLE.items():
        result[name] = stroked(rest, strokes)
    result["mouthPressLeft"] = _press(rest)
    result["mouthLowerDownLeft"] = _parting(rest, -1, (0.5, -0.8, -6.5))
    result["mouthUpperUpLeft"] = _parting(rest, 1, (0.5, -0.5, 6.0)) + stroked(
        rest, (((20, 93, -46), 18, (1, 0.5, 2.5)),)
    )
    for name in [n for n in result if n.endswith("Left")]:
        result[name[:-4] + "Right"] = rest.mirrored(result[name])
    result["mouthRollUpper"], result["mouthRollLower"] = _roll(rest, 1), _roll(rest, -1)
    result["mouthPucker"], result["mouthFunnel"] = _pucker(rest), _funnel(rest)
    return result


def stroked(rest: Rest, strokes: tuple[Move, ...]) -> np.ndarray:
    """The sum of brush strokes [shape=(V, 3)]."""
    offset = np.zeros_like(rest.points)
    for center, radius, (x, forward, up) in strokes:
        offset += rest.brush(center, radius)[:, None] * (x, -forward, up)
    return offset


def _from_seam(rest: Rest) -> np.ndarray:
    """How far each vertex of lips and surrounding skin is from the seam at its place; the skin counts as the border."""
    mouth = rest.skin.mouth
    away = rest.points[mouth] - rest.points[mouth[lips.SEAM]]
    away[: lips.BORDER] = away[lips.BORDER]
    away[lips.SEAM :] = 0
    offset = np.zeros_like(rest.points)
    offset[mouth] = BELONGS[:, None, None] * away
    return offset


def _press(rest: Rest) -> np.ndarray:
    """Left half of the lips thinned against each other and against the teeth."""
    left = smoothstep(rest.points[:, 0], -14, 14)[:, None]
    thin = _from_seam(rest) * (0, -0.35, -0.42)
    bulge = stroked(rest, (((14, 96, -84), (22, 26, 12), (0, 1.2, 1.0)), ((26, 86, -67), (13, 24, 13), (1.0, -2.0, 0))))
    return left * thin + bulge


def _parting(rest: Rest, side: int, move: tuple[float, float, float]) -> np.ndarray:
    """One lip drawn away from the other on the left."""
    across, _ = lips.places()
    along = np.exp(-(((across - 0.36) / 0.42) ** 2)) * rest.fullness**0.5
    return rest.lip(side, along)[:, None] * move


def _roll(rest: Rest, side: int) -> np.ndarray:
    """One lip turned inwards over the teeth: its border comes to the seam, its seam goes back."""
    weight = rest.lip(side, rest.fullness**0.4)[:, None]
    mine = np.zeros(len(rest.points))
    mine[rest.skin.mouth[:, lips.places()[1] == side]] = 1
    return mine[:, None] * _from_seam(rest) * (0, -0.75, -0.62) + weight * (0, 2.6, 0)


def _pucker(rest: Rest) -> np.ndarray:
    """Lips drawn together and forwards."""
    around, middle = _plateau(rest, (56, 62, 38)), _plateau(rest, (32, 50, 28))
    offset = np.zeros_like(rest.points)
    offset[:, 0] = -0.46 * rest.points[:, 0] * around
    offset[:, 1] = -3.5 * around - 5.0 * middle
    offset[:, 2] = 0.7 * middle * np.exp(-((rest.points[:, 0] / 4.5) ** 2))  # straightens the seam
    return offset + _from_seam(rest) * (0, 0.15, 0.12) + _rounder(rest, 1.6)


def _funnel(rest: Rest) -> np.ndarray:
    """Lips rounded into an open ring that stands out."""
    around, middle = _plateau(rest, (56, 62, 38)), _plateau(rest, (36, 50, 30))
    offset = np.zeros_like(rest.points)
    offset[:, 0] = -0.3 * rest.points[:, 0] * around
    offset[:, 1] = -2.5 * around - 4.5 * middle
    part = rest.lip(1, rest.fullness**0.4) - rest.lip(-1, rest.fullness**0.4)
    offset[:, 2] = 3.8 * part
    return offset + _from_seam(rest) * (0, 0.25, 0.05) + _rounder(rest, 1.8)


def _plateau(rest: Rest, radius: tuple[float, float, float]) -> np.ndarray:
    """Like a brush on the middle of the mouth, but flat in the middle [shape=(V,)]."""
    rel = (rest.points - (0, -97, -67)) / np.array(radius)
    return rest.soft * (1 - smoothstep(np.linalg.norm(rel, axis=1), 0.2, 1))


def _rounder(rest: Rest, amount: float) -> np.ndarray:
    """Fills the borders of both lips out towards the corners, as the ring of muscle round the mouth bunches, mm."""
    mouth, (across, upper) = rest.skin.mouth, lips.places()
    border = np.zeros(len(mouth))
    border[: lips.BORDER + 1] = BELONGS[: lips.BORDER + 1]
    border[lips.BORDER : lips.SEAM + 1] = np.linspace(1, 0, len(lips.PROFILE) + 1)
    ridge = np.exp(-(((np.abs(across) - 0.62) / 0.28) ** 2)) * rest.fullness**0.3
    offset = np.zeros_like(rest.points)
    offset[mouth, 2] = amount * border[:, None] * upper * ridge
    return offset
