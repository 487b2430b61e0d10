# SPDX-License-Identifier: GPL-3.0-or-later
"""A FLAME head with the 52 ARKit shapes: curves drive it, and other tools' motion is solved with its shapes.

Rule-made: most shapes are the built-in head's, carried over (`transfer`). jawOpen, jawLeft and jawRight are FLAME's own
jaw joint; eyeLook shapes turn its eyeballs; mouthClose and eyeBlink are corrected so that lips and lids meet on this
head. FLAME has no tongue: tongueOut moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.channels import ARKIT, mirrored
from ..core.rotations import from_angles
from ..heads.model import FaceModel, Material, Part
from ..heads.shapes.eyes import GAZE
from ..heads.shapes.jaw import UPPER_SHARE
from . import graph
from . import landmarks as lm
from .model import LEFT_EYE, NECK, RIGHT_EYE, FlameModel
from .parameters import Parameters
from .register import own_axes
from .transfer import Transfer, fit, own_shapes

JAW_JOINT = {"jawOpen": (0, 1.0), "jawLeft": (1, 1.0), "jawRight": (1, -1.0)}  # the axis it turns about, and its sense
MATERIALS = (Material("FLAME Skin", (0.58, 0.36, 0.27), 0.55), Material("FLAME Eyes", (0.8, 0.8, 0.8), 0.2))
# How far, in millimetres, each of so many independent patches of the face may be off; the usual size of a coefficient.
DOUBT, PATCHES, USUAL = 0.5, 100, 2.0
EYE = 546  # vertices of one eyeball
TOUCH, BLUR, ASIDE = 2.5, 1.0, 5.0  # millimetres apart at which lips touch; of blur; beside them that still moves
LID_GAP = 0.4  # millimetres between eyeball and closed lid


@dataclass(frozen=True, eq=False)
class FlameFace:
    """One person's FLAME head and how each ARKit shape moves it.

    Parameters
    ----------
    model : FlameModel
        The file.
    neutral : ndarray [shape=(5023, 3), float32]
        This person at rest: metres, FLAME's axes.
    shapes : ndarray [shape=(52, 5023, 3), float32]
        Offset of every vertex at weight 1, in the order of ``channels.ARKIT``.
    jaw : ndarray [shape=(52, 3), float64]
        Axis-angle vector of the jaw joint at weight 1; zero for most.
    misfit : float
        Median distance between the laid-on built-in head and the face, millimetres.
    """

    model: FlameModel
    neutral: np.ndarray
    shapes: np.ndarray
    jaw: np.ndarray
    misfit: float

    @cached_property
    def joints(self) -> np.ndarray:
        """Joints at rest [shape=(5, 3), float64]."""
        return self.model.regressor @ self.neutral.astype(np.float64)

    @cached_property
    def weights(self) -> np.ndarray:
        """How much each vertex counts when movements are compared [shape=(5023,)]: the face, and lips and lids more."""
        far = np.linalg.norm(self.neutral - self.neutral[lm.IBUG[33]], axis=1)
        marks = self.neutral[[*lm.IBUG[36:68], *lm.BORDER_UPPER, *lm.BORDER_LOWER]]
        near = np.linalg.norm(self.neutral[:, None] - marks[None], axis=2).min(axis=1)
        weights = np.clip(1.5 - far / 0.08, 0, 1) * (1 + 3 * np.exp(-((near / 0.008) ** 2)))
        weights[lm.SKIN :] = 0
        return weights / weights.sum()

    def coefficients(self, count: int | None = None) -> np.ndarray:
        """FLAME expression coefficients of each shape at weight 1 [shape=(52, count)], by ridge least squares.

        What the jaw joint does is left out. The ridge is the ratio of how far the face may be off to how large
        coefficients usually are. `count` is the file's number of coefficients where not given.
        """
        basis = self.model.expression[:count]
        rest = self.shapes.astype(np.float64)
        rest[[ARKIT.index(name) for name in JAW_JOINT]] = 0
        used = np.flatnonzero(self.weights)
        amount = np.sqrt(self.weights[used] / self.weights.mean())[:, None]
        flat = (basis[:, used] * amount).reshape(len(basis), -1).astype(np.float64)
        ridge = len(used) / PATCHES * (0.001 * DOUBT / USUAL) ** 2
        wanted = (rest[:, used] * amount).reshape(len(ARKIT), -1)
        return np.linalg.solve(flat @ flat.T + ridge * np.eye(len(flat)), flat @ wanted.T).T

    def expressible(self, count: int | None = None) -> np.ndarray:
        """The shapes as far as expression coefficients and the jaw joint can make them [shape=(52, 5023, 3)]."""
        shapes = np.tensordot(self.coefficients(count), self.model.expression[:count], 1)
        jaw = [ARKIT.index(name) for name in JAW_JOINT]
        shapes[jaw] = self.shapes[jaw]
        return shapes

    def face_model(self) -> FaceModel:
        """The head as a `FaceModel`: this project's axes, 52 linear shapes, eyes and head that turn."""
        faces = self.model.faces
        group = (faces.max(axis=1) >= lm.SKIN).astype(int) + (faces.max(axis=1) >= lm.SKIN + EYE)
        order = np.argsort(group, kind="stable")
        corners = np.searchsorted(group[order], [0, 1, 2, 3])
        quads = np.column_stack([faces[order], np.full(len(faces), -1)]).astype(np.int32)
        material = (group[order] > 0).astype(np.int32)
        ends = (0, lm.SKIN, lm.SKIN + EYE, lm.SKIN + 2 * EYE)
        parts = {
            name: Part(slice(ends[k], ends[k + 1]), slice(int(corners[k]), int(corners[k + 1])))
            for k, name in enumerate(("skin", "eye_left", "eye_right"))
        }
        joints = own_axes(self.joints).astype(np.float32)
        return FaceModel(
            name="FLAME Head",
            neutral=own_axes(self.neutral).astype(np.float32),
            faces=quads,
            parts=parts,
            shapes={name: own_axes(offset).astype(np.float32) for name, offset in zip(ARKIT, self.shapes, strict=True)},
            materials=MATERIALS,
            face_material=material,
            colors=self._colors(),
            eye_centers=joints[[LEFT_EYE, RIGHT_EYE]],
            neck=joints[NECK],
        )

    def _colors(self) -> np.ndarray:
        """Linear RGB of each vertex [shape=(5023, 3), float32]: skin, and eyes with an iris and a pupil."""
        colors = np.tile(np.array(MATERIALS[0].color, np.float32), (len(self.neutral), 1))
        for eye, joint in enumerate((LEFT_EYE, RIGHT_EYE)):
            ball = slice(lm.SKIN + EYE * eye, lm.SKIN + EYE * (eye + 1))
            rest = self.neutral[ball] - self.joints[joint]
            aside = np.degrees(np.arccos(np.clip(rest[:, 2] / np.linalg.norm(rest, axis=1), -1, 1)))
            colors[ball] = MATERIALS[1].color
            for degrees, color in ((27, (0.10, 0.17, 0.20)), (11, (0.005, 0.005, 0.005))):
                colors[ball][aside < degrees] = color
        return colors


def flame_face(model: FlameModel, shape: np.ndarray | None = None) -> FlameFace:
    """Make the ARKit shapes of a FLAME file for the mean head, or for one person's identity coefficients.

    Takes about two seconds.

    Raises
    ------
    RigError
        When the vertices are not in FLAME's order.
    """
    lm.check(model.template)
    neutral = model.neutral(shape)
    return face_of(model, neutral, shape)


def face_of(model: FlameModel, neutral: np.ndarray, shape: np.ndarray | None = None) -> FlameFace:
    """The same for a head that is given by its vertices (5023, 3), as far as the jaw goes with this `shape`."""
    head = 1000 * neutral.astype(np.float64)
    joints = model.regressor @ head
    carry = fit(head, model.faces, joints[[LEFT_EYE, RIGHT_EYE]])
    offsets = {name: np.zeros_like(head) for name in ARKIT}
    for name, offset in own_shapes().items():
        if name != "tongueOut":
            offsets[name][: lm.SKIN] = carry.carried(offset)
    jaw = np.zeros((len(ARKIT), 3))
    for name, (axis, sense) in JAW_JOINT.items():
        angle, offsets[name] = _jaw_turn(model, shape, axis, sense, offsets[name])
        jaw[ARKIT.index(name), axis] = angle
    offsets["mouthClose"] = _closed(head, carry, offsets["jawOpen"])
    links = graph.edges(model.faces[model.faces.max(axis=1) < lm.SKIN])
    for eye, (side, joint) in enumerate((("Left", LEFT_EYE), ("Right", RIGHT_EYE))):
        offsets[f"eyeBlink{side}"] = _shut(head, links, eye, joints[joint], offsets[f"eyeBlink{side}"])
    _turn_eyeballs(offsets, head, joints)
    shapes = 0.001 * np.stack([offsets[name] for name in ARKIT])
    return FlameFace(model, neutral, shapes.astype(np.float32), jaw, carry.misfit)


def _jaw_turn(
    model: FlameModel, shape: np.ndarray | None, axis: int, sense: float, wanted: np.ndarray
) -> tuple[float, np.ndarray]:
    """Angle of the jaw joint whose movement of chin and lower lip comes closest to `wanted`, and that movement."""
    angles = sense * np.linspace(0, 0.5, 26)
    turns = np.zeros((len(angles), 3))
    turns[:, axis] = angles
    moved = model.vertices(Parameters.still(len(angles), 1.0, jaw=turns, shape=shape)).astype(np.float64)
    offsets = 1000 * (moved - moved[0])
    marks = [*lm.IBUG[5:12], *lm.BORDER_LOWER]
    miss = ((offsets[:, marks] - wanted[marks]) ** 2).sum(axis=(1, 2))
    best = int(np.clip(miss.argmin(), 1, len(angles) - 2))
    a, b, c = miss[best - 1 : best + 2]
    angle = angles[best] + (angles[1] - angles[0]) * np.clip((a - c) / (2 * (a - 2 * b + c)), -1, 1)
    turn = np.zeros((2, 3))
    turn[1, axis] = angle
    moved = model.vertices(Parameters.still(2, 1.0, jaw=turn, shape=shape)).astype(np.float64)
    return float(angle), 1000 * (moved[1] - moved[0])


def _closed(head: np.ndarray, carry: Transfer, opened: np.ndarray) -> np.ndarray:
    """The mouthClose with which the lips meet again at full jawOpen, a part of the way by the upper, most by the lower.

    How far the jaw parts them is measured on vertices that touch at rest; others go with those next to them.
    """
    upper, lower = touching_lips(head, carry.side)
    gap = np.concatenate([opened[upper] - opened[lower], np.zeros((2, 3))])
    corners = head[list(lm.BORDER_CORNERS), 0]
    closing = np.zeros_like(opened)
    for lip, sense, share in ((upper, 1, -UPPER_SHARE), (lower, -1, 1 - UPPER_SHARE)):
        mine = np.flatnonzero((np.sign(carry.side) == sense) & (carry.lips > 0))
        marks = head[[*lip, *lm.BORDER_CORNERS]]
        near = ((head[mine][:, None] - marks[None]) ** 2).sum(axis=2)
        least = near.min(axis=1, keepdims=True)
        pull = np.exp(-(near - least) / (BLUR**2 + 0.5 * least))
        beside = np.maximum(corners.min() - head[mine, 0], head[mine, 0] - corners.max())  # where skin has no lip
        belongs = carry.lips[mine] * np.clip(1 - beside / ASIDE, 0, 1)
        closing[mine] = share * belongs[:, None] * (pull @ gap) / pull.sum(axis=1, keepdims=True)
    return closing


def touching_lips(head: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of vertices of the upper and the lower lip that are next to each other at rest."""
    above, below = np.flatnonzero(side > 0.05), np.flatnonzero(side < -0.05)
    apart = np.linalg.norm(head[above][:, None] - head[below][None], axis=2)
    near = apart.argmin(axis=1)
    close = apart[np.arange(len(above)), near] < TOUCH
    upper, lower = [*above[close], *lm.SEAM_UPPER], [*below[near[close]], *lm.SEAM_LOWER]
    return np.array(upper), np.array(lower)


def _shut(head: np.ndarray, links: np.ndarray, eye: int, center: np.ndarray, blink: np.ndarray) -> np.ndarray:
    """The eyeBlink with which the lids meet, outside the eyeball."""
    outer, upper_out, upper_in, inner, lower_in, lower_out = lm.EYES[eye]
    upper, lower = [upper_out, upper_in], [lower_out, lower_in]
    side = graph.lip_side(head[: lm.SKIN], links, upper, lower)
    blink = blink.copy()
    apart = (head + blink)[upper] - (head + blink)[lower]
    left = _profile(head[: lm.SKIN, 0], head[upper, 0], apart, head[[outer, inner], 0])
    blink[: lm.SKIN] -= np.clip(side, 0, 1)[:, None] * left
    ball = head[lm.SKIN + EYE * eye : lm.SKIN + EYE * (eye + 1)]
    radius = np.linalg.norm(ball - center, axis=1).max()
    moved = (head + blink)[: lm.SKIN] - center
    far, rest = np.linalg.norm(moved, axis=1), np.linalg.norm(head[: lm.SKIN] - center, axis=1)
    sunk = (far < radius + LID_GAP) & (rest > far) & (np.abs(side) > 0)
    goal = np.minimum(radius + LID_GAP, rest)
    blink[: lm.SKIN][sunk] += moved[sunk] * (goal / np.maximum(far, 1e-9) - 1)[sunk, None]
    return blink


def _profile(x: np.ndarray, at: np.ndarray, values: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Values given at some x, and zero at the corners, for every x [shape=(len(x), 3)]."""
    knots = np.concatenate([at, corners])
    order = np.argsort(knots)
    padded = np.concatenate([values, np.zeros((len(corners), 3))])[order]
    return np.stack([np.interp(x, knots[order], padded[:, k]) for k in range(3)], axis=1)


def _turn_eyeballs(offsets: dict[str, np.ndarray], head: np.ndarray, joints: np.ndarray) -> None:
    """The eyeballs' share of the eyeLook shapes."""
    for name in GAZE:
        for eye, side in enumerate(("Left", "Right")):
            ball = slice(lm.SKIN + EYE * eye, lm.SKIN + EYE * (eye + 1))
            yaw, pitch = gaze(f"{name}{side}")
            turn = from_angles(np.array([yaw]), np.array([pitch]), np.zeros(1))[0]
            rest = head[ball] - joints[LEFT_EYE + eye]
            offsets[f"{name}{side}"][ball] = rest @ turn.T - rest


def gaze(shape: str) -> tuple[float, float]:
    """Yaw and pitch of the eye at weight 1 of an eyeLook shape, radians, in the sense of ``channels.EYES``."""
    left = shape.endswith("Left")
    aside, up = GAZE[(shape if left else mirrored(shape)).removesuffix("Left")]
    return float(np.radians(-aside if left else aside)), float(np.radians(-up))
