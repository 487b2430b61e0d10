# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer of the 52 ARKit shapes of the built-in head to FLAME's vertices.

Made by rule: it uses no scans and no statistics of expressions. The built-in head is warped onto the FLAME head by
landmarks (`register`), drawn closer to its surface, and each FLAME vertex takes the movement of the built-in vertices
next to it, scaled and turned as the warp scales and turns there (deformation transfer after Sumner & Popovic 2004,
https://doi.org/10.1145/1015706.1015736, with a warp of space in place of triangle correspondences). Millimetres in
FLAME's axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.channels import ARKIT
from ..heads.builtin import builtin_head
from ..heads.parts import lips
from ..heads.rest import head_at_rest
from . import graph
from . import landmarks as lm
from .register import SMOOTH, Pairs, Warp, flame_axes, pairs

NEIGHBOURS = 8
APART, TURNED = 14.0, 7.0  # millimetres that the other lip, and a normal that looks the other way, count for
FITTED, STEP, REACH = 2, 12, 9.0  # rounds of drawing closer; every how many vertices; no farther than, millimetres
INNER = lm.SEAM_UPPER + lm.SEAM_LOWER + lm.SEAM_CORNERS + lm.INSIDE_UPPER + lm.INSIDE_LOWER
SHARPNESS = 1.5  # millimetres; the blur of a vertex' neighbours


@dataclass(frozen=True, eq=False)
class Transfer:
    """The built-in vertices from which each FLAME vertex takes its movement.

    Parameters
    ----------
    neighbours : ndarray [shape=(S, NEIGHBOURS), int]
        Vertices of the built-in skin next to each vertex of FLAME's skin.
    shares : ndarray [shape=(S, NEIGHBOURS)]
        How much each counts.
    turns : ndarray [shape=(U, 3, 3)]
        What the warp does to a small movement at each built-in vertex.
    side, lips : ndarray [shape=(S,)]
        1 on FLAME's upper lip, -1 on the lower, 0 elsewhere; 1 on both, 0 elsewhere.
    misfit : float
        Median distance of face vertices from the warped built-in head, millimetres.
    """

    neighbours: np.ndarray
    shares: np.ndarray
    turns: np.ndarray
    side: np.ndarray
    lips: np.ndarray
    misfit: float

    def carried(self, offset: np.ndarray) -> np.ndarray:
        """A movement of the built-in skin [shape=(U, 3)] as one of FLAME's skin [shape=(S, 3)]."""
        moved = np.einsum("uij,uj->ui", self.turns, offset)
        return np.einsum("sn,snj->sj", self.shares, moved[self.neighbours])


def own_shapes() -> dict[str, np.ndarray]:
    """The built-in skin's ARKit offsets [each shape=(U, 3)]."""
    head = builtin_head()
    part = head.parts["skin"].vertices
    return {name: 1000 * flame_axes(head.shapes[name][part].astype(np.float64)) for name in ARKIT}


def fit(head: np.ndarray, faces: np.ndarray, eye_centers: np.ndarray) -> Transfer:
    """Register the built-in head to a FLAME head [shape=(5023, 3)] with these faces and eyes (2, 3)."""
    rest = head_at_rest()
    skin = rest.skin
    own = flame_axes(skin.points)
    marks = pairs(rest.form, skin, head, eye_centers)
    smooth = Warp.through(marks.source, marks.target, marks.slack + SMOOTH)
    own_side = graph.lip_side(own, graph.edges(skin.quads), *_own_lips(skin.mouth))
    target, skin_faces = head[: lm.SKIN], faces[faces.max(axis=1) < lm.SKIN]
    links = graph.edges(skin_faces)
    side = graph.lip_side(target, links, *lip_rows())
    lip = graph.lip_share(target, links, lm.BORDER_UPPER + lm.BORDER_LOWER, INNER)
    features = np.column_stack([target, APART * side, TURNED * graph.normals(target, skin_faces)])
    warped = Warp.through(marks.source, marks.target, marks.slack)(own)
    for _ in range(FITTED):
        near, far = _nearest(features, _features(warped, skin.quads, own_side), 1)
        marks = _drawn(marks, own, target, near[:, 0], far[:, 0])
        warped = Warp.through(marks.source, marks.target, marks.slack)(own)
    near, far = _nearest(features, _features(warped, skin.quads, own_side), NEIGHBOURS)
    shares = np.exp(-(far**2 - far[:, :1] ** 2) / (2 * (SHARPNESS + 0.5 * far[:, :1]) ** 2))
    shares /= shares.sum(axis=1, keepdims=True)
    face = np.abs(target - head[lm.IBUG[33]]).max(axis=1) < 60
    return Transfer(near, shares, _tamed(smooth.derivative(own)), side, lip, float(np.median(far[face, 0])))


def lip_rows() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Vertices of the upper and of the lower lip, from the border of its red inwards."""
    return (
        lm.BORDER_UPPER + lm.SEAM_UPPER + lm.INSIDE_UPPER,
        lm.BORDER_LOWER + lm.SEAM_LOWER + lm.INSIDE_LOWER,
    )


def _own_lips(mouth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rings = mouth[[lips.BORDER, lips.SEAM, lips.CONTACT + 1]]
    side = lips.places()[1]
    return rings[:, side > 0].ravel(), rings[:, side < 0].ravel()


def _features(points: np.ndarray, faces: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.column_stack([points, APART * side, TURNED * graph.normals(points, faces)])


def _nearest(of: np.ndarray, among: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows of `among` for each row of `of`: numbers and distances, both (len(of), count), nearest first."""
    found, far = [], []
    size = (among**2).sum(axis=1)
    for start in range(0, len(of), 512):
        part = of[start : start + 512]
        square = (part**2).sum(axis=1)[:, None] + size - 2 * part @ among.T
        near = np.argpartition(square, count, axis=1)[:, :count]
        square = np.take_along_axis(square, near, axis=1)
        order = np.argsort(square, axis=1)
        found.append(np.take_along_axis(near, order, axis=1))
        far.append(np.sqrt(np.maximum(np.take_along_axis(square, order, axis=1), 0)))
    return np.concatenate(found), np.concatenate(far)


def _drawn(marks: Pairs, own: np.ndarray, target: np.ndarray, near: np.ndarray, far: np.ndarray) -> Pairs:
    """The landmarks, and with them vertices here and there that draw the warped surface onto the target's."""
    some = np.arange(len(far))[::STEP]
    some = some[far[some] < REACH]
    extra = np.full(len(some), 2500.0)
    fixed = np.flatnonzero(marks.slack != 2500.0)
    return Pairs(
        np.concatenate([marks.source[fixed], own[near[some]]]),
        np.concatenate([marks.target[fixed], target[some]]),
        np.concatenate([marks.slack[fixed], extra]),
    )


def _tamed(derivative: np.ndarray) -> np.ndarray:
    """Derivatives whose stretch stays near the usual one: between close landmarks the warp is not to be trusted."""
    u, stretch, vt = np.linalg.svd(derivative)
    usual = np.median(stretch)
    return (u * np.clip(stretch, 0.6 * usual, 1.6 * usual)[:, None, :]) @ vt
