# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of the jaw: a hinge near the ears carries chin, lower lip, lower teeth, tongue and the floor of the mouth."""

from __future__ import annotations

import numpy as np

from ...core.curves import smoothstep
from ..parts import lips
from ..rest import BELONGS, Rest

HINGE = np.array([0.0, -5.0, -14.0])
OPEN_ANGLE = np.radians(16.5)
OPEN_SLIDE = np.array([0.0, -4.0, -1.5])  # the joint slides forwards and down as it opens
CORNER = (84.0, -67.5)  # of the mouth, forward and up
UPPER_SHARE = 0.3  # of the way that the upper lip goes when mouthClose shuts the lips


def shapes(rest: Rest) -> dict[str, np.ndarray]:
    """Offsets [each shape=(V, 3)], millimetres."""
    opened = _opened(rest, jaw_weights(rest, rest.parted, 18)[:, None])
    carried = jaw_weights(rest, rest.points, 34)[:, None]  # the lips slide with the jaw and stay shut
    aside = carried * (9.0, 0.0, 0.0)
    return {
        "jawOpen": opened,
        "jawForward": carried * (0.0, -7.0, 0.0),
        "jawLeft": aside,
        "jawRight": rest.mirrored(aside),
        "mouthClose": _closed(rest, opened),
    }


def jaw_weights(rest: Rest, domain: np.ndarray, cheek: float) -> np.ndarray:
    """How much each vertex goes with the jaw [shape=(V,)].

    Seen from the hinge, what lies below the corner of the mouth, and below its level in front of it, is jaw. The border
    is soft: 6 degrees either way at the mouth, ``cheek`` degrees on the cheeks. In the parted domain the lips are told
    apart; in the neutral one they go together.
    """
    x, forward, up = domain[:, 0], -domain[:, 1], domain[:, 2]
    line = np.arctan2(CORNER[1] - HINGE[2], np.maximum(forward, CORNER[0]) + HINGE[1])
    below = line - np.arctan2(up - HINGE[2], np.maximum(forward + HINGE[1], 1e-6))
    soft = np.radians(6 + (cheek - 6) * smoothstep(np.abs(x), 20, 52))
    weights = smoothstep(below / soft, -1, 1)
    weights *= smoothstep(forward, 8, 48) * smoothstep(up + 0.25 * (forward - 88), -165, -112)
    for name in ("eye_left", "eye_right", "teeth_upper", "brows", "lashes"):
        weights[rest.part[name]] = 0
    weights[rest.part["teeth_lower"]] = 1
    tongue = rest.part["tongue"]
    weights[tongue] = smoothstep(-rest.points[tongue, 1], 36, 60)
    return weights


def _opened(rest: Rest, carried: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(OPEN_ANGLE), np.sin(OPEN_ANGLE)
    turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])  # about x: the front goes down
    turned = (rest.points - HINGE) @ turn.T + HINGE + OPEN_SLIDE
    offset = carried * (turned - rest.points)
    left = rest.brush((25, 84, -67), (20, 26, 24))[:, None] * (-2.5, 1.0, 0)
    hollow = rest.brush((46, 66, -62), (22, 30, 34))[:, None] * (-3.0, 1.5, 0)
    return offset + left + rest.mirrored(left) + hollow + rest.mirrored(hollow)


def _closed(rest: Rest, opened: np.ndarray) -> np.ndarray:
    """Moves the two lips that jawOpen parts towards each other until their seams meet again."""
    mouth = rest.skin.mouth
    opposite = (lips.COUNT // 2 - np.arange(lips.COUNT)) % lips.COUNT
    side = lips.places()[1][:, None]
    share = np.where(side > 0, UPPER_SHARE, np.where(side < 0, 1 - UPPER_SHARE, 0.0))
    touching = np.clip(np.arange(lips.RINGS), lips.SEAM, lips.CONTACT)  # other rings go with the nearest that touches
    apart = opened[mouth[touching]]  # (rings, places, 3)
    offset = np.zeros_like(rest.points)
    offset[mouth] = BELONGS[:, None, None] * share * (apart[:, opposite] - apart)
    return offset
