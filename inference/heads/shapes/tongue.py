# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of the tongue: the ARKit one, and those that visemes need."""

from __future__ import annotations

import numpy as np

from ...core.curves import smoothstep
from ..parts.tongue import SPINE
from ..rest import Rest

ROOT, TIP = SPINE[2, 0], SPINE[-1, 0]


def positions(rest: Rest) -> dict[str, np.ndarray]:
    """Offsets of the tongue alone [each shape=(V, 3)], millimetres: out, between (the teeth), tip_up, back_up, low."""
    part = rest.part["tongue"]
    points = rest.points[part]
    along = np.clip((-points[:, 1] - ROOT) / (TIP - ROOT), 0, 1)  # 0 at the root, 1 at the tip
    tip = smoothstep(along, 0.35, 1)
    back = np.exp(-(((along - 0.3) / 0.3) ** 2))
    middle = SPINE[:, 1].astype(float)
    height = np.interp(-points[:, 1], SPINE[:, 0], middle)
    thick = points[:, 2] - height  # above the middle line

    def moved(forward: np.ndarray, up: np.ndarray, thin: np.ndarray) -> np.ndarray:
        offset = np.zeros_like(rest.points)
        offset[part, 1] = -forward
        offset[part, 2] = up - thin * thick
        return offset

    return {
        "out": moved(34 * along**1.3, 8.5 * smoothstep(along, 0.3, 0.75) - 9 * smoothstep(along, 0.8, 1.0), 0.25 * tip),
        "between": moved(13.0 * tip, 8.8 * tip, 0.4 * tip),
        "tip_up": moved(2.5 * tip, 13.0 * tip, 0.2 * tip),
        "back_up": moved(-4.0 * along, 11.0 * back, 0 * tip),
        "low": moved(-2.0 * along, -2.0 * along, 0 * tip),
    }
