# SPDX-License-Identifier: GPL-3.0-or-later
"""From tracked landmarks to ARKit weights: box-constrained least squares on a head, with priors.

A frame's displacement from the person's own closed-mouth face, carried to the head's size, is explained by its
shapes: minimise, over all frames of a clip at once and with every weight in [0, 1],

    |A w_t - d_t|^2 + smooth |w_t-1 - 2 w_t + w_t+1|^2 + symmetry (left - right)^2
        + sum over channels (ridge w^2 + 2 sparse w) + sum over exclusive pairs (cost w_i w_j)

A holds the landmarks' coordinates and, with higher weight, the lip gaps, the mouth width and the chin's height
themselves; the width a second time for a head that is shown with other shapes than it is solved with
(`MarkedHead.shown_width`). `..solve` solves it.

mouthClose is only meaningful on top of jawOpen. The unknowns are therefore jawOpen alone (parting the lips) and jawOpen
with mouthClose (dropping the jaw behind closed lips), both positive: then mouthClose never exceeds jawOpen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.channels import ARKIT
from ..core.least_squares import box_least_squares
from .head import MarkedHead
from .landmarks import BROWS, CHIN, INNER_LOWER, INNER_UPPER, LIPS, NOSE, Tracks

AXIS_WEIGHT = np.array((1.0, 1.0, 0.2))  # depth is a network's guess, so it counts less
POINT_WEIGHT = {**dict.fromkeys(LIPS, 1.0), **dict.fromkeys(CHIN, 0.8), **dict.fromkeys(NOSE, 0.5)}
FPS = 25.0  # frame rate at which smoothness was set
GAP_WEIGHT, WIDTH_WEIGHT, JAW_WEIGHT = 3.0, 6.0, 2.5
# Of the width on the head that is shown. Chosen on the clips of s1 kept for choosing and on Live Link recordings: from
# there on the width is right on both heads; more only moves weights away from those of the targets.
SHOWN_WEIGHT = 3.0


@dataclass(frozen=True)
class Prior:
    """What one channel costs: ridge pulls large weights down, sparse keeps small ones at zero."""

    ridge: float
    sparse: float = 0.0


# The mouth's channels in the order of trust: what speech moves and the points show plainly costs little; what looks
# alike in the points (press, frown, shrug, dimple) must pay before it may explain anything.
MOUTH: dict[str, Prior] = {
    "jawOpen": Prior(0.02),
    "mouthClose": Prior(0.3, 0.03),
    "mouthFunnel": Prior(0.1, 0.01),
    "mouthPucker": Prior(0.1, 0.01),
    "mouthLowerDownLeft": Prior(0.07, 0.01),
    "mouthLowerDownRight": Prior(0.07, 0.01),
    "mouthUpperUpLeft": Prior(0.4, 0.08),
    "mouthUpperUpRight": Prior(0.4, 0.08),
    "mouthStretchLeft": Prior(0.15, 0.02),
    "mouthStretchRight": Prior(0.15, 0.02),
    "mouthSmileLeft": Prior(0.15, 0.02),
    "mouthSmileRight": Prior(0.15, 0.02),
    "mouthRollLower": Prior(0.2, 0.02),
    "mouthRollUpper": Prior(1.2, 0.12),
    "mouthShrugLower": Prior(1.5, 0.2),
    "mouthShrugUpper": Prior(1.5, 0.2),
    "mouthDimpleLeft": Prior(0.3, 0.06),
    "mouthDimpleRight": Prior(0.3, 0.06),
    "mouthPressLeft": Prior(2.0, 0.25),
    "mouthPressRight": Prior(2.0, 0.25),
    "mouthFrownLeft": Prior(3.0, 0.5),
    "mouthFrownRight": Prior(3.0, 0.5),
    "mouthLeft": Prior(0.6, 0.15),
    "mouthRight": Prior(0.6, 0.15),
    "jawLeft": Prior(0.5, 0.08),
    "jawRight": Prior(0.5, 0.08),
}
# Pairs that undo each other, and what using both costs (times their product): the chin is not pushed up while the jaw
# drops, corners are not drawn apart while the lips are pursed.
EXCLUSIVE: dict[tuple[str, str], float] = {
    ("jawOpen", "mouthShrugLower"): 4.0,
    ("mouthClose", "mouthShrugLower"): 4.0,
    ("mouthPucker", "mouthStretchLeft"): 0.5,
    ("mouthPucker", "mouthStretchRight"): 0.5,
    ("mouthUpperUpLeft", "mouthRollUpper"): 0.8,
    ("mouthUpperUpRight", "mouthRollUpper"): 0.8,
    ("mouthLowerDownLeft", "mouthRollLower"): 0.6,
    ("mouthLowerDownRight", "mouthRollLower"): 0.6,
}
BROW: dict[str, Prior] = {
    "browDownLeft": Prior(0.10, 0.02),
    "browDownRight": Prior(0.10, 0.02),
    "browInnerUp": Prior(0.10, 0.02),
    "browOuterUpLeft": Prior(0.10, 0.02),
    "browOuterUpRight": Prior(0.10, 0.02),
}


@dataclass(frozen=True, eq=False)
class Problem:
    """One least-squares problem: the rows that are measured, the channels that explain them, what they cost.

    Parameters
    ----------
    columns : tuple of str
        Channels of the unknowns.
    design : ndarray [shape=(K, C)]
        A above.
    quadratic, linear : ndarray [shape=(C, C)], [shape=(C,)]
        Priors of one frame.
    smooth : float
        Cost of bending over time, at 25 frames per second.
    """

    columns: tuple[str, ...]
    design: np.ndarray
    quadratic: np.ndarray
    linear: np.ndarray
    smooth: float

    def solve(self, measured: np.ndarray, fps: float = FPS, steps: int = 400) -> np.ndarray:
        """Weights (F, C) in [0, 1] for rows (F, K) of one clip, equally smooth in seconds at any frame rate."""
        gram = self.design.T @ self.design + self.quadratic
        smooth = self.smooth * (fps / FPS) ** 4  # bending goes with the square of the time between frames
        return box_least_squares(gram, measured @ self.design - self.linear, smooth, steps)


def mouth_problem(
    head: MarkedHead,
    priors: dict[str, Prior] = MOUTH,
    exclusive: dict[tuple[str, str], float] = EXCLUSIVE,
    symmetry: float = 2.0,
    smooth: float = 1.0,
) -> Problem:
    """The problem of jaw, lips and cheeks."""
    problem = _problem(head, tuple(POINT_WEIGHT), priors, symmetry, smooth, mouth=True)
    for pair, cost in exclusive.items():
        i, j = (problem.columns.index(name) for name in pair)
        problem.quadratic[[i, j], [j, i]] += cost / 2
    return problem


def brow_problem(head: MarkedHead) -> Problem:
    """The problem of the brows."""
    return _problem(head, tuple(BROWS), BROW, symmetry=0.5, smooth=1.0, mouth=False)


def _problem(head, numbers, priors, symmetry, smooth, *, mouth) -> Problem:
    columns = tuple(priors)
    deltas = head.moves(columns, numbers)
    if mouth:  # jawOpen with mouthClose instead of mouthClose alone
        deltas[columns.index("mouthClose")] += deltas[columns.index("jawOpen")]
    design = rows(deltas.transpose(1, 2, 0)[None], numbers, mouth=mouth)[0]
    if mouth and head.shown_width is not None:
        width = head.shown_width[[ARKIT.index(name) for name in columns]]
        width[columns.index("mouthClose")] += width[columns.index("jawOpen")]
        design = np.concatenate([design, SHOWN_WEIGHT * width[None]])
    quadratic = np.diag([p.ridge for p in priors.values()])
    for i, name in enumerate(columns):
        if name.endswith("Left") and name not in ("mouthLeft", "jawLeft"):
            j = columns.index(name.replace("Left", "Right"))
            quadratic[[i, j], [i, j]] += symmetry
            quadratic[[i, j], [j, i]] -= symmetry
    return Problem(columns, design, quadratic, np.array([p.sparse for p in priors.values()]), smooth)


def rows(moves: np.ndarray, numbers: tuple[int, ...], *, mouth: bool, shown: bool = False) -> np.ndarray:
    """Measured rows out of point displacements.

    Parameters
    ----------
    moves : ndarray [shape=(F, len(numbers), 3, ...)]
        Displacements in head axes, centimetres on the head; further axes are carried along.
    numbers : tuple of int
        MediaPipe numbers of the points.
    mouth : bool
        Whether lip gaps, mouth width and chin height are rows as well.
    shown : bool
        Whether the width is once more, as wanted on the head that is shown.
    """
    place = {n: i for i, n in enumerate(numbers)}
    weight = np.array([POINT_WEIGHT.get(n, 1.0) for n in numbers])[:, None] * AXIS_WEIGHT
    extra = (1,) * (moves.ndim - 3)
    parts = [(moves * weight.reshape(*weight.shape, *extra)).reshape(len(moves), -1, *moves.shape[3:])]
    if mouth:
        upper, lower = ([place[n] for n in group] for group in (INNER_UPPER, INNER_LOWER))
        parts.append(GAP_WEIGHT * (moves[:, upper, 1] - moves[:, lower, 1]))
        parts.append(WIDTH_WEIGHT * (moves[:, [place[291]], 0] - moves[:, [place[61]], 0]))
        parts.append(JAW_WEIGHT * moves[:, [place[152]], 1])
    if shown:
        parts.append(SHOWN_WEIGHT * (moves[:, [place[291]], 0] - moves[:, [place[61]], 0]))
    return np.concatenate(parts, axis=1)


def displacement(face: Tracks, neutral: np.ndarray, numbers, scale: float) -> np.ndarray:
    """How far points are from the person's own neutral (L, 3), in centimetres on the head: (F, n, 3)."""
    columns = face.columns(numbers)
    return (face.points[:, columns] - neutral[columns]) * scale
