# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the head: a smooth closed surface through hand-placed anatomical landmarks.

A simple primitive (an egg on a cylinder, addressed by azimuth and level) is warped so that it passes through the
landmarks below. The warp interpolates with the triharmonic kernel r^3 and a linear part, as thin-plate splines do in
the plane: Carr et al., "Reconstruction and representation of 3D objects with radial basis functions", 2001,
https://doi.org/10.1145/383259.383266. Lengths in this folder are millimetres until the head is assembled; the front is
-y, so the tables count forwards as positive, and only the left half (x >= 0) is written down.
"""

from __future__ import annotations

import numpy as np

WIDTH, DEPTH = 75.0, 95.0  # half axes of the primitive
SEARCH_STEPS = 9
EGG_CENTER, EGG_HEIGHT = 20.0, 98.0  # above this level the primitive closes like an ellipsoid

# (x, forward, z[, level]); the level says where on the primitive the landmark sits when that is not its height,
# which spreads overhanging places such as the underside of nose and chin.
LANDMARKS: tuple[tuple[float, ...], ...] = (
    # midline profile, from the neck up over the face to the crown and down the back
    (0, 45, -178, -215), (0, 40, -150, -180), (0, 42, -125, -155), (0, 66, -117.5, -133), (0, 88, -114, -118),
    (0, 98.5, -101, -102), (0, 94, -86.5), (0, 98, -67), (0, 99.5, -55), (0, 101.5, -48, -49.5), (0, 111, -46, -46),
    (0, 118, -43, -42), (0, 120.5, -37, -38), (0, 114.5, -26), (0, 105, -12), (0, 95.5, 4), (0, 98, 19), (0, 99.5, 45),
    (0, 91, 73), (0, 62, 101), (0, 0, 118), (0, -55, 104), (0, -88, 66), (0, -97, 25), (0, -86, -15), (0, -63, -55),
    (0, -53, -105, -125), (0, -60, -178, -215),
    # nose
    (8, 87.5, 3), (13.5, 79.5, 0), (7.5, 96, -13), (14, 84, -16), (7.5, 114, -37, -38.5), (6.5, 115, -43.5, -43),
    (13, 104, -34, -35), (16.8, 97.5, -39.5), (15.5, 98, -44, -44.5), (19.2, 87.5, -41), (11.5, 97, -47.5, -49),
    (22, 86, -30),
    # brow and forehead
    (15, 97.5, 19.5), (32, 92.5, 22), (48, 80, 20), (58, 65, 13), (30, 95, 45), (51, 77, 45), (65, 45, 42),
    (28, 86, 73), (49, 65, 74),
    # around the eye
    (32, 82, 11.5), (32, 79, -1), (16.5, 78.5, -1), (48, 67.5, 0), (57, 58, 0), (32, 80, -23), (20, 82, -16),
    (48, 70, -16),
    # cheek
    (35, 83.3, -36), (52, 66, -27), (63, 45, -17), (69, 15, -5), (37, 79.5, -54), (50, 61, -53), (58, 36, -45),
    (26, 88.5, -67), (36, 79, -72), (25, 89.3, -52),
    # chin and jaw
    (11.5, 94.5, -101), (18, 88.5, -88), (13, 83, -113.5, -118), (26.5, 75, -104, -107), (41, 50, -90.5, -95),
    (51.5, 17, -71, -79), (59, 2, -45), (28, 50, -113, -131), (40, 28, -99, -119), (47, 3, -86, -102),
    # neck
    (28, 31, -150, -178), (37, 33, -178, -215), (43, -5, -122, -148), (54, -12, -178, -215), (38, -38, -115, -133),
    (44, -46, -178, -215),
    # cranium
    (74, 0, 32), (72, 0, 60), (57, 0, 93), (69, 40, 12), (67, 52, -2), (71, -45, 30), (55, -76, 30), (61, -50, 72),
    (58, 46, 78), (66, -45, -10), (70, -5, -10), (50, -70, -20), (45, -55, -55), (35, 40, 98), (39, -45, 97),
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
                source.append(primitive(azimuth, np.asarray(level[0] if level else z)))
        self._source = np.array(source)  # (n, 3)
        offset = np.array(target) - self._source
        n = len(offset)
        system = np.zeros((n + 4, n + 4))
        system[:n, :n] = self._kernel(self._source) + np.diag(self._slack(np.array(target)))
        system[:n, n] = system[n, :n] = 1
        system[:n, n + 1 :] = self._source
        system[n + 1 :, :n] = self._source.T
        self._weights = np.linalg.solve(system, np.concatenate([offset, np.zeros((4, 3))]))

    @staticmethod
    def _slack(target: np.ndarray) -> np.ndarray:
        """How loosely the surface follows each landmark: closely at nose and chin, more smoothly elsewhere."""
        nose = np.hypot(target[:, 0] / 24, (target[:, 2] + 34) / 26) < 1
        return np.where(nose & (target[:, 1] < -80), 12.0, np.where(target[:, 1] < -80, 250.0, 700.0))

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
        for _ in range(SEARCH_STEPS):
            azimuth = np.arcsin(np.clip(across / WIDTH, -0.97, 0.97))
            points = self(azimuth, level)
            across += 0.8 * (x - points[:, 0])
            level += 0.8 * (z - points[:, 2])
        points[:, 0], points[:, 2] = x, z
        return points

    def side(self, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Points of the head that a viewer on its left sees at (y, z) [shape=(n, 3)]."""
        depth, level = np.array(y, dtype=float), np.array(z, dtype=float)
        for _ in range(SEARCH_STEPS):
            points = self(np.arccos(np.clip(-depth / DEPTH, -0.97, 0.97)), level)
            depth += 0.8 * (y - points[:, 1])
            level += 0.8 * (z - points[:, 2])
        points[:, 1], points[:, 2] = y, z
        return points

    def _kernel(self, points: np.ndarray) -> np.ndarray:
        square = (points**2).sum(axis=1)[:, None] + (self._source**2).sum(axis=1) - 2 * points @ self._source.T
        square = np.maximum(square, 0)
        return square * np.sqrt(square)
