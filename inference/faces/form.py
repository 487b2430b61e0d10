# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the head: a smooth closed surface through hand-placed anatomical landmarks.

A simple primitive (an egg on a cylinder, addressed by azimuth and level) is warped so that it passes through the
landmarks below. The warp interpolates with the triharmonic kernel r^3 and a linear part, the three-dimensional cousin of
thin-plate splines: Carr et al., "Reconstruction and representation of 3D objects with radial basis functions", 2001,
https://doi.org/10.1145/383259.383266. Lengths in this folder are millimetres until the head is assembled; "front" is -y,
so the tables count forwards as positive, and only the left half (x >= 0) is written down.
"""

from __future__ import annotations

import numpy as np

WIDTH, DEPTH = 75.0, 95.0  # half axes of the primitive
EGG_CENTER, EGG_HEIGHT = 20.0, 98.0  # above this level the primitive closes like an ellipsoid

# (x, forward, z[, level]); the level says where on the primitive the landmark sits when that is not its height,
# which spreads overhanging places such as the underside of nose and chin.
LANDMARKS: tuple[tuple[float, ...], ...] = (
    # midline profile, from the neck up over the face to the crown and down the back
    (0, 40, -196, -215), (0, 37, -155, -180), (0, 40, -126, -155), (0, 66, -117, -133), (0, 88, -114, -118),
    (0, 97, -101, -102), (0, 94.5, -87), (0, 98, -67), (0, 99.5, -54), (0, 101.5, -47, -48), (0, 114, -45, -44),
    (0, 121, -37, -38.5), (0, 115, -26), (0, 105, -12), (0, 95.5, 4), (0, 98, 19), (0, 99.5, 45), (0, 91, 73),
    (0, 62, 101), (0, 0, 118), (0, -55, 104), (0, -88, 66), (0, -97, 25), (0, -86, -15), (0, -66, -55),
    (0, -58, -110, -125), (0, -68, -196, -215),
    # nose
    (8, 87.5, 3), (13.5, 79.5, 0), (7.5, 96, -13), (14, 84, -16), (8, 114, -37, -38), (13.5, 103, -33), (17, 97, -39.5),
    (19.5, 87.5, -41), (11, 100, -46.5, -47), (22, 86, -30),
    # brow and forehead
    (15, 97.5, 19.5), (32, 92.5, 22), (48, 80, 20), (58, 65, 13), (30, 95, 45), (53, 76, 45), (67, 45, 40), (28, 86, 73),
    (51, 64, 74),
    # around the eye
    (32, 82, 11.5), (32, 79, -1), (16.5, 78.5, -1), (48, 67, 0), (57, 58, 0), (32, 80, -23), (20, 82, -16), (48, 70, -16),
    # cheek
    (35, 82, -37), (53, 66, -27), (64, 45, -17), (70, 15, -5), (38, 77.5, -54), (52, 59, -52), (61, 38, -42),
    (26, 88.5, -67), (37, 78, -72), (25, 90, -52),
    # chin and jaw
    (14, 94, -101), (20, 87.5, -88), (17, 81, -113, -118), (32, 72, -101, -104), (46, 49, -88, -93), (55, 18, -68, -76),
    (61, 2, -45), (29, 50, -113, -131), (42, 28, -98, -119), (50, 3, -84, -102),
    # neck
    (30, 30, -150, -178), (36, 30, -196, -215), (47, -5, -125, -150), (51, -10, -196, -215), (42, -42, -118, -135),
    (44, -52, -196, -215),
    # cranium
    (75, 0, 30), (74, 0, 58), (60, 0, 92), (70, 40, 12), (68, 52, -2), (71, -45, 30), (55, -76, 30), (62, -50, 72),
    (60, 46, 78), (66, -45, -10), (71, -5, -10), (50, -70, -20), (46, -58, -55), (36, 40, 98), (40, -45, 97),
)  # fmt: skip


def primitive(azimuth: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Points of the egg on its cylinder [shape=(n, 3)]; azimuth in radians, 0 in front, positive to the left."""
    above = np.clip((np.asarray(level) - EGG_CENTER) / EGG_HEIGHT, 0, 1)
    radius = np.sqrt(1 - above**2)
    return np.stack([WIDTH * radius * np.sin(azimuth), -DEPTH * radius * np.cos(azimuth), level + 0 * azimuth], axis=-1)


class Form:
    """The warped primitive. Calling it maps azimuth and level to points; `front` finds the surface behind (x, z)."""

    def __init__(self) -> None:
        target, source = [], []
        for x, forward, z, *level in LANDMARKS:
            for side in (1, -1) if x else (1,):
                target.append((side * x, -forward, z))
                azimuth = np.arctan2(side * x / WIDTH, forward / DEPTH)
                source.append(primitive(azimuth, np.float64(level[0] if level else z)))
        self._source = np.array(source)  # (n, 3)
        offset = np.array(target) - self._source
        n = len(offset)
        system = np.zeros((n + 4, n + 4))
        system[:n, :n] = self._kernel(self._source) + 30.0 * np.eye(n)  # slightly smoothed
        system[:n, n] = system[n, :n] = 1
        system[:n, n + 1 :] = self._source
        system[n + 1 :, :n] = self._source.T
        self._weights = np.linalg.solve(system, np.concatenate([offset, np.zeros((4, 3))]))

    def __call__(self, azimuth: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Surface points [shape=(n, 3)], millimetres."""
        points = primitive(azimuth, level)
        n = len(self._source)
        return points + self._kernel(points) @ self._weights[:n] + self._weights[n] + points @ self._weights[n + 1 :]

    def front(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Points of the face that a viewer in front sees at (x, z) [shape=(n, 3)].

        A fixed-point search, since on the face the warp is close to the identity.
        """
        across, level = np.array(x, dtype=float), np.array(z, dtype=float)
        for _ in range(12):
            azimuth = np.arcsin(np.clip(across / WIDTH, -0.97, 0.97))
            points = self(azimuth, level)
            across += 0.8 * (x - points[:, 0])
            level += 0.8 * (z - points[:, 2])
        points[:, 0], points[:, 2] = x, z
        return points

    def _kernel(self, points: np.ndarray) -> np.ndarray:
        square = (points**2).sum(axis=1)[:, None] + (self._source**2).sum(axis=1) - 2 * points @ self._source.T
        square = np.maximum(square, 0)
        return square * np.sqrt(square)
