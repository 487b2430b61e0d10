# SPDX-License-Identifier: GPL-3.0-or-later
"""The left ear: rings from the side of the head, over the back of the ear and its rim, into its bowl.

The right ear is the mirror image.
"""

from __future__ import annotations

import numpy as np

from ..form import Form

WIDE, HIGH = 5, 13
COUNT = 2 * (WIDE + HIGH)
MIDDLE = np.array([5.5, -9.0])  # of the ear on the head: backwards, up
SPREAD = np.tan(np.radians(20))  # how far the ear turns away from the head
# The rim seen from the left: (backwards, up) from the middle, from the lobe over the back edge round to the front.
RIM = np.array([
    (-5.5, -30.5), (1, -30), (6.5, -24), (10.5, -15), (15, -5), (17.8, 6), (17.5, 17), (12.5, 26), (4, 30), (-5, 28),
    (-10.5, 20), (-11.5, 8), (-10.5, -3), (-11, -14), (-10.8, -24),
])  # fmt: skip
# (size, backward shift, height over the ear's plane at the back, at the front edge, at the lobe), from the head inwards
PROFILE = (
    (0.62, -4.5, -9.0, -1.5, -3.0), (0.74, -2.5, -6.0, -1.0, -2.6), (0.93, -0.5, -2.6, -0.3, -1.8),
    (1.01, 0, -0.4, 0.2, -0.4),
    (1.01, 0, 1.5, 0.8, 1.2), (0.95, 0, 2.6, 1.1, 2.0), (0.87, 0, 2.0, 0.8, 2.2), (0.81, 0, 0.0, 0.4, 2.0),
    (0.72, 0, -0.5, 0.3, 1.8), (0.61, -0.2, 1.3, 0.8, 1.5), (0.52, -0.6, 1.0, 1.0, 0.6), (0.42, -1.2, -2.2, 0.4, -1.0),
    (0.30, -2.0, -5.0, -2.2, -3.2),
)  # fmt: skip


def rings(form: Form, rim_points: np.ndarray) -> list[np.ndarray]:
    """All rings of the left ear [each shape=(COUNT, 3)], millimetres."""
    back, up = _even(RIM).T
    behind = np.clip((back + 11) / 24, 0, 1)
    lobe = np.clip((-up - 14) / 12, 0, 1)
    result = []
    for size, shift, far, near, low in PROFILE:
        b, u = back * size + shift, up * size
        height = near + (far - near) * behind**0.8
        height = height + lobe * (low - height)
        plane = form.side(np.full(COUNT, MIDDLE[0] - 9), MIDDLE[1] + 0.55 * u)[:, 0] + SPREAD * (b + 10)
        result.append(np.stack([plane + height + 1.0, MIDDLE[0] + b, MIDDLE[1] + u], axis=1))
    root = form.side(result[0][:, 1], result[0][:, 2])
    between = (rim_points + root) / 2
    return [form.side(between[:, 1], between[:, 2]), root, *result[1:]]


def _even(corners: np.ndarray) -> np.ndarray:
    """A smooth closed curve through the corners, at evenly spaced places [shape=(COUNT, 2)]."""
    n, steps = len(corners), 24
    t = np.arange(n * steps) / steps
    i, t = t.astype(int), (t % 1)[:, None]
    a, b, c, d = (corners[(i + k) % n] for k in (-1, 0, 1, 2))
    fine = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    closed = np.concatenate([fine, fine[:1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.arange(COUNT) / COUNT * length[-1]
    return np.stack([np.interp(at, length, closed[:, k]) for k in (0, 1)], axis=1)
