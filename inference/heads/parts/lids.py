# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyelids: rings round the hole of the left eye, draped over the eyeball; the right eye is their mirror image.

Place t runs from the middle of the lower lid outwards to the outer corner, over the upper lid to the inner corner.
"""

from __future__ import annotations

import numpy as np

from ..form import Form

WIDE, HIGH = 10, 8
COUNT = 2 * (WIDE + HIGH)
CENTER = np.array([32.5, -64.0, 0.0])
RADIUS = 16.2
LID = 2.0  # from the eyeball to the outer side of the lid margin
OUTSIDE = (0.8, 0.62, 0.46, 0.33, 0.21, 0.1)  # share of the way from the margin to the rim
MARGIN = len(OUTSIDE)  # outer edge of the lid margin; the inner edge is the next ring
RINGS = MARGIN + 4


def places() -> tuple[np.ndarray, np.ndarray]:
    """Sideways share [-1 inner, 1 outer corner] and height share [-1, 1] of every place."""
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    across = 0.75 * np.sin(angle) + 0.25 * np.arcsin(np.sin(angle)) / (np.pi / 2)
    up = -np.cos(angle)
    return across, np.where(np.abs(up) < 1e-9, 0, up)


def opening(upper: float = 6.1, lower: float = 5.1, aside: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The edge of the lids relative to the eyeball's centre: x and z of every place.

    Parameters
    ----------
    upper, lower : float
        Height of each lid's arc over the line from corner to corner; ``lower = -upper`` is a closed eye.
    aside : float
        How far the top of the upper arc moves outwards, mm.
    """
    across, up = places()
    x = np.where(across > 0, 15.7, 15.2) * across + aside * (1 - across**2)
    tilt = 0.9 * across + 0.1
    above = np.clip(1 - np.abs(across + 0.08 * (1 - across**2)) ** 2.2, 0, 1) ** 0.8
    below = np.clip(1 - np.abs(across - 0.10 * (1 - across**2)) ** 2.1, 0, 1) ** 0.9
    if upper < 0:  # the upper lid lies on the lower one: same arc
        above = below
    return x, tilt + np.where(up > 0, upper * above, np.where(up < 0, -lower * below, 0.0))


def on_ball(x: np.ndarray, z: np.ndarray, radius: float) -> np.ndarray:
    """Points in front of the eyeball's centre on a sphere about it, from x and z relative to the centre."""
    flat = np.hypot(x, z)
    shrink = np.minimum(1, 0.985 * radius / np.maximum(flat, 1e-9))
    x, z = x * shrink, z * shrink
    return CENTER + np.stack([x, -np.sqrt(radius**2 - x**2 - z**2), z], axis=1)


def rings(form: Form, rim_points: np.ndarray, x: np.ndarray, z: np.ndarray, fold: float = 1.0) -> list[np.ndarray]:
    """All rings of the left eye from the first inside the rim to the last behind the lid [each shape=(COUNT, 3)].

    Shapes of the lids are the difference between the rings of two openings ``(x, z)``; ``fold`` is how deep the crease
    of the upper lid is.
    """
    _, up = places()
    margin = on_ball(x * 1.0, z + 0.5 * np.sign(up), RADIUS + LID)
    result = []
    for share in OUTSIDE:
        flat = margin + share * (rim_points - margin)
        skin = form.front(flat[:, 0], flat[:, 2])
        result.append(_drape(skin, share) + _crease(share, up, fold))
    result.append(margin)
    result.append(on_ball(x, z, RADIUS + 0.6))
    result.append(on_ball(x * 1.05, z + 2.5 * np.sign(up), RADIUS + 0.5))
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    around = np.stack([np.sin(angle), 0 * angle + 0.15, -np.cos(angle)], axis=1)
    result.append(CENTER + (RADIUS + 0.8) * around)
    return result


def _drape(skin: np.ndarray, share: float) -> np.ndarray:
    """Skin pushed out where the eyeball is below it."""
    rel = skin - CENTER
    radius = RADIUS + LID + 0.3
    flat = np.hypot(rel[:, 0], rel[:, 2])
    beside = np.clip(flat - radius, 0, None)
    ball = CENTER[1] - np.sqrt(np.clip(radius**2 - flat**2, 0, None)) + 3 * beside
    soft = 2.0
    over = -soft * np.logaddexp(-ball / soft, -skin[:, 1] / soft)
    near = np.clip(1 - share / 0.35, 0, 1) ** 1.5
    out = skin.copy()
    out[:, 1] = over + near * (ball - over)
    return out


def _crease(share: float, up: np.ndarray, fold: float) -> np.ndarray:
    """The upper lid tucks in under the skin below the brow; the lower lid has a hint of the same."""
    above = np.interp(share, (0, 0.21, 0.33, 0.46, 0.62, 1), (0, 0.3, -1.5, 1.1, 0.5, 0)) * np.clip(up, 0, 1) ** 0.6
    below = np.interp(share, (0, 0.21, 0.33, 0.46, 1), (0, 0.3, -0.3, 0, 0)) * np.clip(-up, 0, 1)
    down = np.interp(share, (0, 0.33, 0.46, 0.62, 1), (0, 0, -1.2, -0.4, 0)) * np.clip(up, 0, 1) ** 0.6
    return fold * np.stack([0 * up, -(above + below), down], axis=1)
