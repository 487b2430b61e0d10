# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the head of a character is, and which way it faces while nothing turns it.

That must not depend on what facewright itself moves, or a head that turns to somebody would change where it sees them.
So a head is a place in the space of what carries it: the bone above the head's, the parent of what turns the built-in
head, or the face mesh where shapes alone move it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...inference.core.channels import MOUTH, VISEMES
from ...inference.retarget.convention import SHAPE_KEY
from ...inference.retarget.rig import Line
from ...inference.retarget.spelling import words
from ..character import mapping
from ..character.family import family, family_root
from ..targets.kinds.objects import MARK
from ..targets.registry import matched_lines

_LIDS = ("eyeBlinkLeft", "eyeBlinkRight")
_TURNS = ("headYaw", "headPitch")
_EYES = ("leftEyeYaw", "rightEyeYaw")


@dataclass(frozen=True, eq=False)
class Head:
    """A head, or a point that is looked at.

    Parameters
    ----------
    carrier : bpy.types.Object or None
        What moves it; None for a head that stands free in the world.
    bone : str
        Of the carrier, where a bone moves it; else "".
    rest : Matrix
        From the space of the carrier to that of the head at rest: its origin lies between the eyes, x points to the
        head's own left, -y forward, z up.
    turns : bool
        Whether facewright turns it. One that the artist turns, or nobody, is where it is; the eyes then go all the way.
    """

    carrier: bpy.types.Object | None
    bone: str
    rest: Matrix
    turns: bool = False


def find(scene: bpy.types.Scene, obj: bpy.types.Object, *, turns: bool = True) -> Head:
    """The head of the character that an object belongs to; of an object that belongs to none, its origin.

    `turns` is whether facewright may turn it, where its lines say so.
    """
    members = family(family_root(obj), scene)
    lines = mapping.stored(members[0]) or matched_lines(members)
    face, eyes = _face(members, lines)
    turning = next((member for member in members if MARK in member), None)
    if turns and turning is not None and face is not None and turning in _above(face):
        neck = turning.matrix_parent_inverse @ Matrix.LocRotScale(turning.location, None, turning.scale)
        return Head(turning.parent, "", neck @ _down_to(face, turning) @ eyes, turns=True)
    posed = _posed(members, lines, face, eyes, turns)
    if posed is not None:
        return posed
    return Head(obj, "", Matrix()) if face is None else Head(face, "", eyes)


def _posed(
    members: Sequence[bpy.types.Object],
    lines: Sequence[Line],
    face: bpy.types.Object | None,
    eyes: Matrix,
    may_turn: bool,
) -> Head | None:
    """A head that a bone turns; None where none does."""
    for rig in (member for member in members if member.type == "ARMATURE" and member.pose is not None):
        bones = rig.data.bones
        turned = [bones[name] for name in _targets(lines, _TURNS) if name in bones] or _called_head(bones)
        if not turned:
            continue
        highest = min(turned, key=lambda bone: len(bone.parent_recursive))
        head = max(turned, key=lambda bone: len(bone.parent_recursive))
        balls = [bones[name].head_local for name in _targets(lines, _EYES) if name in bones]
        if balls:
            middle = sum(balls, Vector()) / len(balls)
        elif face is not None:
            middle = (rig.matrix_world.inverted_safe() @ face.matrix_world @ eyes).translation
        else:
            middle = (head.head_local + head.tail_local) / 2
        turns = may_turn and any(line.use and line.channel in _TURNS and line.target in bones for line in lines)
        place, carrier = Matrix.Translation(middle), highest.parent if turns else head
        if carrier is None:
            return Head(rig, "", place, turns)
        return Head(rig, carrier.name, carrier.matrix_local.inverted_safe() @ place, turns)
    return None


def _called_head(bones: Iterable[bpy.types.Bone]) -> list[bpy.types.Bone]:
    """The bone that is called head, of several the one with the shortest name; none where none is."""
    called = [bone for bone in bones if [one for one in words(bone.name) if not one.isdigit()][-1:] == ["head"]]
    return sorted(called, key=lambda bone: (len(bone.name), bone.name))[:1]


def _targets(lines: Sequence[Line], channels: Sequence[str]) -> set[str]:
    return {line.target for line in lines if line.channel in channels and line.kind != SHAPE_KEY}


def _above(obj: bpy.types.Object) -> list[bpy.types.Object]:
    """All that an object is parented to."""
    found: list[bpy.types.Object] = []
    while (obj := obj.parent) is not None:
        found.append(obj)
    return found


def _down_to(obj: bpy.types.Object, top: bpy.types.Object) -> Matrix:
    """From the space of one of its parents to that of an object."""
    matrix = Matrix()
    while obj != top:
        matrix = obj.matrix_parent_inverse @ obj.matrix_basis @ matrix
        obj = obj.parent
    return matrix


def _face(members: Sequence[bpy.types.Object], lines: Sequence[Line]) -> tuple[bpy.types.Object | None, Matrix]:
    """The mesh with most shapes of a face, and where it has its eyes; None where there is none."""
    shapes: dict[str, set[str]] = {}  # channel -> shape keys that it moves
    for line in lines:
        if line.kind == SHAPE_KEY and line.use:
            shapes.setdefault(line.channel, set()).add(line.target)
    known = set().union(*shapes.values()) if shapes else set()
    meshes = [member for member in members if member.type == "MESH" and member.data.shape_keys is not None]
    counted = [(len(known.intersection(mesh.data.shape_keys.key_blocks.keys())), mesh) for mesh in meshes]
    count, face = max(counted, key=lambda pair: pair[0], default=(0, None))
    if not count or face is None:
        return None, Matrix()
    return face, _eyes(face, shapes)


def _eyes(face: bpy.types.Object, shapes: dict[str, set[str]]) -> Matrix:
    """The place between the eyes of a mesh, as `Head.rest`. Its axes are told by where lids and mouth move."""
    lids = [_moved(face, shapes.get(name, set())) for name in _LIDS]
    left, right = lids
    if left is None or right is None or np.linalg.norm(left - right) < 1e-9:
        corners = np.array(face.bound_box)
        middle = next((one for one in lids if one is not None), (corners.min(axis=0) + corners.max(axis=0)) / 2)
        return Matrix.Translation(middle)
    middle = (left + right) / 2
    mouth = _moved(face, set().union(*[shapes[name] for name in (*MOUTH, *VISEMES) if name in shapes][:3]))
    x = _nearest_axis(left - right)
    up = np.array((0.0, 0.0, 1.0)) if mouth is None else (middle - mouth) * (1 - np.abs(x))
    z = _nearest_axis(up)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
    matrix[:3, 3] = middle
    return Matrix(matrix.tolist())


def _nearest_axis(vector: np.ndarray) -> np.ndarray:
    """The axis, or its opposite, that a vector is nearest to."""
    axis = np.zeros(3)
    axis[np.abs(vector).argmax()] = np.sign(vector[np.abs(vector).argmax()]) or 1.0
    return axis


def _moved(face: bpy.types.Object, names: set[str]) -> np.ndarray | None:
    """The middle of what some shapes of a mesh move, each vertex as far as it moves; None where nothing does."""
    keys = face.data.shape_keys
    total, middle = 0.0, np.zeros(3)
    rest = _points(keys.reference_key)
    for name in sorted(names):
        if name in keys.key_blocks:
            how_far = np.linalg.norm(_points(keys.key_blocks[name]) - rest, axis=1)
            total += how_far.sum()
            middle += how_far @ rest
    return middle / total if total > 1e-9 else None


def _points(block: bpy.types.ShapeKey) -> np.ndarray:
    """The points of a shape [shape=(V, 3)]."""
    points = np.empty(3 * len(block.data), np.float32)
    block.data.foreach_get("co", points)
    return points.reshape(-1, 3).astype(np.float64)
