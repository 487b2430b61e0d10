# SPDX-License-Identifier: GPL-3.0-or-later
"""The left ear: rings from the side of the head over the rim of the ear into its bowl; the right is its mirror image."""

from __future__ import annotations

import numpy as np

WIDE, HIGH = 5, 13
COUNT = 2 * (WIDE + HIGH)
ROOT = np.array([71.0, 8.0, -8.0])  # middle of the ear on the head
# (size, stand-off at the back edge in mm, stand-off at the front edge): root, back, rim, inner rim, fold, bowl
PROFILE = ((0.80, 0.5, 0.0), (0.84, 6.0, 1.5), (0.97, 12.5, 3.0), (1.02, 15.0, 4.0), (0.99, 16.8, 4.8), (0.90, 16.5, 4.6),
           (0.81, 13.5, 3.2), (0.70, 13.6, 3.0), (0.58, 13.0, 3.0), (0.46, 8.5, 1.8), (0.33, 4.5, 0.5))  # fmt: skip


def outline() -> tuple[np.ndarray, np.ndarray]:
    """Backward and upward extent of the ear's rim at every place, millimetres.

    The hole's bottom edge runs from the face to the back of the head, so place 0 is the lobe and a quarter on is the
    back of the rim.
    """
    angle = 2 * np.pi * np.arange(COUNT) / COUNT
    back, up = np.sin(angle), -np.cos(angle)
    width = np.where(back > 0, 17.0, 12.0) * (1 + 0.16 * up)
    lean = 5.0 * up
    height = 31.0 + 1.5 * (up > 0)
    return width * np.sign(back) * np.abs(back) ** 0.85 + lean - 1.0 + 0 * height, height * up


def rings() -> list[np.ndarray]:
    """All rings of the left ear [each shape=(COUNT, 3)], millimetres."""
    back, up = outline()
    behind = np.clip((back + 14) / 30, 0, 1)  # 0 at the front edge, 1 at the back
    result = []
    for size, far, near in PROFILE:
        stand = near + (far - near) * behind**1.2
        lobe = np.clip(-up / 31 - 0.55, 0, 1) / 0.45
        stand = stand * (1 - 0.35 * lobe)
        x = ROOT[0] + stand + 0.06 * up - 0.06 * back * size
        result.append(np.stack([x, ROOT[1] + back * size + 1.5 * (1 - size), ROOT[2] + up * size], axis=1))
    return result
