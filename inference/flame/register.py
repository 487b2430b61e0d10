# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration of the built-in head to a FLAME head: landmarks of both, and a smooth warp of space through them.

The warp interpolates with the triharmonic kernel r^3 and a linear part (Carr et al. 2001,
https://doi.org/10.1145/383259.383266), loosely where a landmark is vague. Millimetres in FLAME's axes throughout:
x to the head's own left, y up, z forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..heads.form import Form
from ..heads.parts import brows, lids, lips
from ..heads.skin import Skin
from . import landmarks as lm

# How loosely the warp follows (kernel units): lips and lids; nose; brows, chin and what lies deep; the rest of the jaw.
TIGHT, FIRM, SOFT, VAGUE = 30.0, 150.0, 600.0, 6000.0
SMOOTH = 4000.0  # added to all of them for the warp whose derivative scales and turns movements
NOSE = ((0, 3.0), (0, -10), (0, -23), (0, -37), (-13, -47), (-7, -48.5), (0, -48), (7, -48.5), (13, -47))  # (x, up)
# From the chin along the edge of the jaw to the left ear: (x, up) of the built-in head.
JAW = np.array([(0, -113.5), (13, -113), (26.5, -105), (40, -91), (51, -74), (58, -58), (62, -45), (66, -20), (68, 0)])


def flame_axes(points: np.ndarray) -> np.ndarray:
    """Points from this project's axes (z up, -y in front) in FLAME's (y up, z in front)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def own_axes(points: np.ndarray) -> np.ndarray:
    """Points from FLAME's axes in this project's."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


@dataclass(frozen=True, eq=False)
class Warp:
    """A smooth map of space."""

    source: np.ndarray  # (n, 3)
    weights: np.ndarray  # (n + 4, 3)

    @classmethod
    def through(cls, source: np.ndarray, target: np.ndarray, slack: np.ndarray) -> Warp:
        """The warp that carries source to target [both shape=(n, 3)], as loosely as slack [shape=(n,)] says."""
        n = len(source)
        system = np.zeros((n + 4, n + 4))
        system[:n, :n] = _radius(source, source) ** 3 + np.diag(slack)
        system[:n, n] = system[n, :n] = 1
        system[:n, n + 1 :] = source
        system[n + 1 :, :n] = source.T
        return cls(source, np.linalg.solve(system, np.concatenate([target, np.zeros((4, 3))])))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Where points [shape=(m, 3)] go."""
        n = len(self.source)
        return _radius(points, self.source) ** 3 @ self.weights[:n] + self.weights[n] + points @ self.weights[n + 1 :]

    def derivative(self, points: np.ndarray) -> np.ndarray:
        """How small steps from points are changed [shape=(m, 3, 3)]: ``step_out = derivative @ step_in``."""
        n = len(self.source)
        radius = _radius(points, self.source)
        total = np.empty((len(points), 3, 3))
        for axis in range(3):
            slope = 3 * radius * (points[:, None, axis] - self.source[:, axis])
            total[:, :, axis] = slope @ self.weights[:n] + self.weights[n + 1 + axis]
        return total


def _radius(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(square, 0))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Corresponding points on both heads, and how loosely each is followed."""

    source: np.ndarray  # (n, 3)
    target: np.ndarray  # (n, 3)
    slack: np.ndarray  # (n,)


def pairs(form: Form, skin: Skin, head: np.ndarray, eye_centers: np.ndarray) -> Pairs:
    """Landmarks of the built-in head (form, skin) and of a FLAME head [shape=(5023, 3)] with its eyes (2, 3)."""
    own = flame_axes(skin.points)
    found: list[tuple[np.ndarray, np.ndarray, float]] = []

    def add(source: np.ndarray, numbers: Sequence[int] | np.ndarray, slack: float) -> None:
        found.append((source, head[list(numbers)], slack))

    for ring, corners, upper, lower, slack in (
        (lips.BORDER, lm.BORDER_CORNERS, lm.BORDER_UPPER, lm.BORDER_LOWER, TIGHT),
        (lips.SEAM, lm.SEAM_CORNERS, lm.SEAM_UPPER, lm.SEAM_LOWER, TIGHT),
    ):
        for side, lip in ((1, upper), (-1, lower)):
            line = [corners[0], *lip, corners[1]]
            add(_along(own[_lip_line(skin.mouth[ring], side)], _shares(head[line])), line, slack)
    for side, lip in ((1, lm.INSIDE_UPPER), (-1, lm.INSIDE_LOWER)):
        share = 0.06 + 0.88 * _shares(head[list(lip)])
        add(_along(own[_lip_line(skin.mouth[lips.CONTACT + 1], side)], share), lip, SOFT)
    for rings, numbers in zip(skin.eyes, lm.EYES, strict=True):
        add(_lid_places(own[rings[lids.MARGIN]], head[list(numbers)]), numbers, TIGHT)
    add(_on_front(form, np.array(NOSE)), lm.IBUG[27:36], FIRM)
    brow = _along(flame_axes(form.front(*brows.LINE.T[:2])), np.linspace(0, 1, 5))
    add(brow * (-1, 1, 1), lm.IBUG[21:16:-1], SOFT)
    add(brow, lm.IBUG[22:27], SOFT)
    jaw = _along(np.column_stack([JAW, np.zeros(len(JAW))]), np.arange(5) / 8)
    jaw = np.concatenate([jaw[:0:-1] * (-1, 1, 1), jaw])[:, :2]
    add(_on_front(form, jaw), lm.IBUG[4:13], VAGUE)
    add(_on_front(form, JAW[:1]), [lm.CHIN], SOFT)
    found.append((flame_axes(np.array([lids.CENTER, lids.CENTER * (-1, 1, 1)])), eye_centers, SOFT))
    source, target, slack = zip(*found, strict=True)
    return Pairs(
        np.concatenate(source),
        np.concatenate(target),
        np.concatenate([np.full(len(s), loose) for s, loose in zip(source, slack, strict=True)]),
    )


def _lip_line(ring: np.ndarray, side: int) -> np.ndarray:
    """The vertices of one lip on a ring round the mouth, from the left corner to the right one."""
    quarter = lips.COUNT // 4
    steps = quarter + side * np.arange(2 * quarter + 1)
    return ring[steps % lips.COUNT]


def _shares(line: np.ndarray) -> np.ndarray:
    """How far along a line each of its points is [shape=(n,)], from 0 to 1."""
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return way / way[-1]


def _along(line: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Points of a line at shares of its length."""
    at = _shares(line)
    return np.stack([np.interp(shares, at, line[:, k]) for k in range(line.shape[1])], axis=1)


def _lid_places(margin: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Places on the margin of the lids [shape=(lids.COUNT, 3)] as far between the corners as the six marks are."""
    quarter = lids.COUNT // 4
    outer, inner = margin[quarter], margin[3 * quarter]
    axis = marks[3] - marks[0]
    share = ((marks - marks[0]) @ axis) / (axis @ axis)
    own = ((margin - outer) @ (inner - outer)) / ((inner - outer) @ (inner - outer))
    upper = quarter + np.arange(2 * quarter + 1)
    lower = (quarter - np.arange(2 * quarter + 1)) % lids.COUNT
    places = [outer]
    for arc, which in ((upper, (1, 2)), (lower, (5, 4))):
        order = np.maximum.accumulate(own[arc])
        places += [np.array([np.interp(share[k], order, margin[arc, axis]) for axis in range(3)]) for k in which]
    return np.stack([places[0], places[1], places[2], inner, places[4], places[3]])


def _on_front(form: Form, places: np.ndarray) -> np.ndarray:
    return flame_axes(form.front(places[:, 0], places[:, 1]))
