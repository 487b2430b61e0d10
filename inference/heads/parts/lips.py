# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips and the sock of the mouth behind them, as rings round the mouth hole.

Place t runs anticlockwise from the middle of the lower lip; a quarter of the way is the left corner. In the neutral the
lips are closed: places t and n/2 - t of the rings from `SEAM` to `CONTACT` share their positions.
"""

from __future__ import annotations

import numpy as np

from ..form import Form

WIDE, HIGH = 22, 10
COUNT = 2 * (WIDE + HIGH)
HALF_WIDTH = 24.0  # of the seam
OUTSIDE = (0.78, 0.54, 0.32, 0.15, 0.05)  # rings of skin: share of the way from the lip border to the rim of the hole
# (share of the way from border to seam, forward mm of the upper lip, of the lower lip)
PROFILE = ((0.0, 0.5, 0.0), (0.14, 1.5, 1.3), (0.34, 2.9, 3.2), (0.58, 4.1, 4.9), (0.78, 4.3, 5.1), (0.92, 3.1, 3.6),
           (0.985, 1.3, 1.5))  # fmt: skip
BORDER = len(OUTSIDE)  # number of the first ring of the vermilion, counting from the first ring inside the rim
SEAM = BORDER + len(PROFILE)
CONTACT = SEAM + 1
RINGS = SEAM + 8


def places() -> tuple[np.ndarray, np.ndarray]:
    """Sideways share [-1, 1] and side of the lip (1 upper, -1 lower, 0 corner) of every place."""
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    across = 0.7 * np.sin(angle) + 0.3 * np.arcsin(np.sin(angle)) / (np.pi / 2)
    up = -np.cos(angle)
    return across, np.where(np.abs(up) < 1e-9, 0, np.sign(up))


def seam_height(x: np.ndarray) -> np.ndarray:
    """Height of the line between the lips over x."""
    side = np.abs(x)
    return -67.0 - 0.7 * np.exp(-((x / 4.5) ** 2)) + 0.4 * np.exp(-(((side - 9) / 6) ** 2)) + 1.9 * (side / 24) ** 2


def border_height(across: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Height of the vermilion border: the bow of the upper lip, the bowl of the lower."""
    side = np.abs(across)
    bow = 8.0 * np.clip(1 - side**1.7, 0, 1) - 1.3 * np.exp(-((across / 0.14) ** 2)) - 0.3 * (1 - side)
    bowl = 9.6 * np.clip(1 - side**2.5, 0, 1) ** 0.8
    return seam_height(HALF_WIDTH * np.sign(across)) * side + -67.0 * (1 - side) + np.where(upper > 0, bow, -bowl)


def rings(form: Form, rim_points: np.ndarray) -> list[np.ndarray]:
    """All rings from the first inside the rim to the last of the sock [each shape=(COUNT, 3)]."""
    across, upper = places()
    fullness = np.clip(1 - across**2, 0, 1)
    outward = np.stack([0.5 * across, -np.ones(COUNT), np.zeros(COUNT)], axis=1)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    seam_x = HALF_WIDTH * across
    seam_z = seam_height(seam_x)
    border_x, border_z = (HALF_WIDTH + 1.3) * across, border_height(across, upper)

    result = []
    for share in OUTSIDE:
        x = border_x + share * (rim_points[:, 0] - border_x)
        z = border_z + share * (rim_points[:, 2] - border_z)
        result.append(form.front(x, z))
    for share, up, down in PROFILE:
        x = border_x + share * (seam_x - border_x)
        z = border_z + share * (seam_z - border_z)
        forward = np.where(upper > 0, up, np.where(upper < 0, down, 0.0)) * fullness**0.55
        result.append(form.front(x, z) + forward[:, None] * outward)
    seam = form.front(seam_x, seam_z)
    for back in (0.6, 2.6):  # seam and contact: both lips share these places
        result.append(seam - back * outward)
    return result + _sock(seam, outward, fullness, upper)


def _sock(seam: np.ndarray, outward: np.ndarray, fullness: np.ndarray, upper: np.ndarray) -> list[np.ndarray]:
    """Inner side of the lips, the fold in front of the gums, and the cavity."""
    across, _ = places()
    vertical = np.array([0.0, 0.0, 1.0])
    result = [
        seam - 4.6 * outward + (upper * 1.6 * fullness**0.5)[:, None] * vertical,
        seam - 5.8 * outward + (upper * (1 + 6.5 * fullness**0.4))[:, None] * vertical,
        seam - 6.5 * outward + (upper * (2 + 13.5 * fullness**0.4))[:, None] * vertical,
    ]
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    for forward, wide, high in ((77, 29.5, 19.0), (58, 29.0, 20.0), (42, 21.0, 16.0)):
        x = wide * (0.4 * np.sin(angle) + 0.6 * across)
        result.append(np.stack([x, np.full(COUNT, -float(forward)), -69 - high * np.cos(angle)], axis=1))
    return result
