# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MediaPipe's landmarks lie on the built-in head, on which captured faces are solved.

Shapes differ from head to head. So that the same face gives the same weights here as on the head on which training
targets are solved, each channel stands for a mixture of this head's shapes (``calibration.csv``, made by
``models/training/evaluation/tuning/calibrate_capture.py``).
It is still shown with its own shapes, and with those, too, the mouth has to be as wide as it was tracked.

Lip points lie on the rings of the lips' border and seam, at the share of the lip's length that they have on a mean
tracked face; the others at hand-picked places of the face seen from the front.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..core.channels import ARKIT
from ..heads import builtin_head
from ..heads.parts import lids, lips
from ..heads.rest import head_at_rest
from .distances import LANDMARKS
from .head import MarkedHead
from .landmarks import BROWS, CHIN, LIPS, NOSE, OUTER_EYES

# The priors of the solver were set on a head of this outer-eye distance, centimetres.
EYE_DISTANCE = 8.9
# Lines of the lips from the own right corner to the left one, and how far along them their points are up to the middle
# (mean of the training clips of GRID's speaker s1, both sides).
OUTER = (0.0, 0.0555, 0.1275, 0.2290, 0.3595, 0.5)
INNER = (0.0, 0.0825, 0.1550, 0.2515, 0.3675, 0.5)
LINES = (
    ((61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291), lips.BORDER, 1, OUTER),
    ((61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291), lips.BORDER, -1, OUTER),
    ((78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308), lips.SEAM, 1, INNER),
    ((78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308), lips.SEAM, -1, INNER),
)
# (x to the own left, z up), millimetres.
PLACES = {
    18: (0, -82), 200: (0, -91.5), 199: (0, -101.5), 175: (0, -109.5), 152: (0, -114.5), 148: (-13.5, -114),
    377: (13.5, -114), 2: (0, -49), 97: (-9, -48.5), 326: (9, -48.5), 168: (0, 3),
    70: (-53, 19.3), 63: (-46.5, 22.7), 105: (-37, 23.8), 66: (-26, 21.7), 107: (-14, 19.4),
    300: (53, 19.3), 293: (46.5, 22.7), 334: (37, 23.8), 296: (26, 21.7), 336: (14, 19.4),
}  # fmt: skip
FRONT = -0.07  # metres: skin in front of this, but for the inside of the mouth, may carry a landmark


@cache
def marked_builtin_head() -> MarkedHead:
    """The built-in head with its landmarks, calibrated: a weight moves them as the training targets mean it."""
    plain = uncalibrated()
    mixed = _calibration()
    deltas, gauges = (np.einsum("cs,slx->clx", mixed, moves) for moves in (plain.deltas, plain.gauge_deltas))
    right, left = (plain.deltas[:, plain.numbers.index(number), 0] for number in (61, 291))
    return replace(plain, deltas=deltas, gauge_deltas=gauges, shown_width=left - right)


@cache
def uncalibrated() -> MarkedHead:
    """The built-in head with its landmarks, every channel its own shape."""
    head = builtin_head()
    vertices = _vertices(head.neutral)
    numbers = tuple(dict.fromkeys((*LIPS, *CHIN, *NOSE, *BROWS, *OUTER_EYES, 168)))
    marks = [vertices[number] for number in numbers]
    neutral = _head_axes(head.neutral.astype(float))
    right, left = (neutral[vertices[number]] for number in OUTER_EYES)
    scale = EYE_DISTANCE / float(np.linalg.norm(left - right))
    neutral = scale * neutral[marks]
    deltas = scale * _head_axes(np.stack([head.shapes[name][marks] for name in ARKIT]).astype(float))
    gauges = [numbers.index(number) for group in LANDMARKS.values() for number in group]
    return MarkedHead(numbers, neutral, deltas, neutral[gauges], deltas[:, gauges])


def _calibration() -> np.ndarray:
    """How much of each shape (column) a channel (row) takes [shape=(52, 52)]: see ``calibrate_capture.py``."""
    with Path(__file__).with_name("calibration.csv").open(encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file))
    table = np.eye(len(ARKIT))
    for channel in {entry["channel"] for entry in entries}:
        table[ARKIT.index(channel)] = 0
    for entry in entries:
        table[ARKIT.index(entry["channel"]), ARKIT.index(entry["shape"])] = float(entry["amount"])
    return table


def _head_axes(points: np.ndarray) -> np.ndarray:
    """Points from this project's axes (z up, -y in front) in the tracker's (y up, z in front)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _vertices(neutral: np.ndarray) -> dict[int, int]:
    """Vertex of the built-in head by MediaPipe number."""
    skin = head_at_rest().skin
    found = {}
    for numbers, ring, side, half in LINES:
        line = skin.mouth[ring][_lip(side)]
        found.update(zip(numbers, line[_nearest_shares(neutral[line], half)].tolist(), strict=True))
    quarter = lids.COUNT // 4  # the outer corner
    found.update(zip(OUTER_EYES, skin.eyes[::-1, lids.MARGIN, quarter].tolist(), strict=True))
    inside = np.isin(np.arange(len(skin.points)), skin.mouth[lips.SEAM :])
    front = np.flatnonzero((neutral[: len(skin.points), 1] < FRONT) & ~inside)
    for number, place in PLACES.items():
        away = neutral[front][:, [0, 2]] - np.array(place) / 1000
        found[number] = int(front[np.argmin((away**2).sum(axis=1))])
    return found


def _lip(side: int) -> np.ndarray:
    """Places on a ring round the mouth along one lip, from the own right corner to the left one."""
    quarter = lips.COUNT // 4
    return (quarter + side * np.arange(2 * quarter, -1, -1)) % lips.COUNT


def _nearest_shares(line: np.ndarray, half: tuple[float, ...]) -> np.ndarray:
    """Which points of a line are nearest to these shares of its length seen from the front, and the mirrored ones."""
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line[:, [0, 2]], axis=0), axis=1))])
    shares = np.array([*half, *(1 - share for share in half[-2::-1])])
    return np.abs(way / way[-1] - shares[:, None]).argmin(axis=1)
