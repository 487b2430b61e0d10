# SPDX-License-Identifier: GPL-3.0-or-later
"""How far apart the lips of a head are for given curves, at nine places from the right corner to the left one.

Nobody knows the head that curves will move, so two stand for all: ICT-FaceKit (https://github.com/USC-ICT/ICT-FaceKit),
on which mouthClose shuts more than jawOpen parts, and MPFB's ARKit shapes (https://github.com/makehumancommunity/mpfb2),
on which it shuts just as much, as Apple has it. On both, lips touch at rest; heads on which fewer shapes bring lips
together cross them less.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.channels import mirrored

PLACES = 9
MIDDLE = (3, 4, 5, 12, 13, 14)
# Height of the opening that a channel at 1 adds, where jawOpen adds 1 in the middle, 3.3 cm: from the own right corner
# to the left one, about 20, 16, 11, 6 and 0 mm from the middle; the left half of rows that are the same there is left
# out. Measured by `models/training/heads/lip_gaps.py`, on ICT-FaceKit first.
_ROWS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "jawOpen": ((0.39, 0.626, 0.772, 0.941, 1), (0.237, 0.432, 0.714, 0.903, 1)),
    "mouthClose": ((-0.61, -0.913, -1.071, -1.171, -1.189), (-0.236, -0.439, -0.712, -0.902, -1)),
    "jawForward": ((0.01, 0.021, 0.028, 0.037, 0.039), (0.009, 0.019, 0.032, 0.037, 0.04)),
    "jawLeft": (
        (-0.003, -0.005, -0.008, -0.01, -0.007, -0.006, -0.004, 0.003, 0.01),
        (-0.003, 0, 0.006, 0.003, 0, -0.009, -0.013, -0.009, -0.006),
    ),
    "mouthFunnel": ((0.022, 0.12, 0.246, 0.373, 0.419), (-0.057, -0.066, 0.032, 0.235, 0.376)),
    "mouthPucker": ((-0.03, -0.042, -0.05, -0.031, -0.016), (-0.037, -0.056, -0.042, -0.059, -0.069)),
    "mouthLeft": (
        (0.015, -0.008, -0.01, -0.014, -0.02, -0.009, -0.017, -0.001, 0.023),
        (0.004, 0, -0.02, -0.034, -0.04, -0.044, -0.044, -0.069, -0.05),
    ),
    "mouthSmileLeft": (
        (-0.002, -0.002, -0.001, -0.003, 0.001, 0.005, -0.013, 0.009, 0.029),
        (-0.009, -0.013, -0.028, -0.039, -0.04, -0.024, 0.003, -0.024, -0.016),
    ),
    "mouthFrownLeft": (
        (0.001, -0.001, -0.002, -0.002, -0.004, -0.006, -0.004, -0.014, -0.028),
        (0, 0, 0.001, 0, 0.003, -0.008, -0.019, -0.002, 0),
    ),
    "mouthDimpleLeft": (
        (-0.001, -0.008, -0.014, -0.012, -0.011, -0.023, -0.057, -0.064, -0.053),
        (-0.003, -0.003, -0.003, -0.003, 0.007, 0.018, 0.018, 0.003, -0.002),
    ),
    "mouthStretchLeft": (
        (0.003, 0.003, 0, -0.003, -0.005, -0.008, -0.011, -0.01, 0.001),
        (0, 0, 0.003, 0.006, 0.009, 0.006, -0.001, 0.004, -0.001),
    ),
    "mouthRollLower": ((0.026, 0.011, -0.039, -0.095, -0.114), (0.022, 0.037, -0.029, -0.072, -0.092)),
    "mouthRollUpper": ((0.012, 0.039, 0.047, 0.038, 0.056), (0.016, -0.003, -0.011, -0.023, -0.034)),
    "mouthShrugLower": ((-0.099, -0.151, -0.179, -0.202, -0.21), (-0.031, -0.057, -0.083, -0.121, -0.144)),
    "mouthShrugUpper": ((0.041, 0.082, 0.119, 0.152, 0.16), (0.017, 0.044, 0.063, 0.087, 0.101)),
    "mouthPressLeft": (
        (-0.001, -0.004, -0.011, -0.026, -0.039, -0.047, -0.045, -0.032, -0.017),
        (0.02, 0.026, 0.013, -0.017, -0.034, -0.031, -0.013, 0.005, 0.008),
    ),
    "mouthLowerDownLeft": (
        (0.001, 0.013, 0.029, 0.07, 0.103, 0.124, 0.121, 0.101, 0.06),
        (-0.009, -0.011, -0.006, 0.023, 0.055, 0.098, 0.135, 0.109, 0.062),
    ),
    "mouthUpperUpLeft": (
        (0, 0.016, 0.042, 0.072, 0.108, 0.147, 0.164, 0.156, 0.098),
        (-0.005, -0.007, -0.004, 0.026, 0.072, 0.121, 0.147, 0.112, 0.061),
    ),
    "cheekPuff": ((0.023, 0.023, 0.007, -0.007, -0.013), (0.011, 0.003, -0.008, -0.026, -0.034)),
    "cheekSquintLeft": ((0, 0.001, 0.002, 0.004, 0.006, 0.008, 0.009, 0.011, 0.011), (0, 0, 0, 0, 0, 0, 0, 0, 0)),
    "noseSneerLeft": (
        (-0.001, 0.015, 0.039, 0.065, 0.095, 0.132, 0.15, 0.148, 0.093),
        (0, 0, 0.001, 0.006, 0.003, -0.005, 0, 0, 0),
    ),
}  # fmt: skip
_AT_REST = ((0, 0.01, 0.024, 0.026, 0.023), (0.031, 0.022, 0.036, 0.036, 0.026))
CHANNELS = tuple(dict.fromkeys(name for left in _ROWS for name in (left, mirrored(left))))


def heights(names: Sequence[str]) -> np.ndarray:
    """What each of these channels, any of ``CHANNELS``, adds at the places of both heads [shape=(C, 18), float32]."""
    return np.stack([_row(name) for name in names]).astype(np.float32)


def _row(name: str) -> np.ndarray:
    if name not in _ROWS:
        return _row(mirrored(name)).reshape(-1, PLACES)[:, ::-1].ravel()
    return _across(_ROWS[name])


def _across(rows: Sequence[Sequence[float]]) -> np.ndarray:
    """A row of each head, mirrored where only its right half is given, one after the other [shape=(18,)]."""
    return np.concatenate([[*row, *row[-2::-1]] if len(row) < PLACES else row for row in rows])


AT_REST = _across(_AT_REST).astype(np.float32)  # how far apart lips that touch are at the places of both heads
