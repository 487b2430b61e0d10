# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as controls: eyes that are meshes of their own, a hat that nods along.

Delta transforms are keyed (Object properties, Transform, Delta), which are added to the place where the artist put the
object. The built-in head turns about its neck by plain Euler angles in the order YXZ, those of
`inference.core.rotations.upright`: roll first, then pitch, then yaw. So each angle is one channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import bpy
import numpy as np

from ....inference.retarget.convention import BONE_AXES
from ....inference.retarget.matching import Recognition
from ....inference.retarget.rig import Line, Rig
from ....inference.retarget.spelling import words
from ..control import Controls, editable, eyes_are_free, one_by_one, reaching
from ..rotations import QUATERNION, AxisRig, renamed, rotation_lines

TURN_ORDER = "YXZ"
MARK = "facewright_head"  # custom property of the object that turns with the head
ORDER = 50
KINDS = {kind: kind.replace("_", " ").title() for kind in BONE_AXES}
TURN = {"headPitch": "pitch", "headRoll": "roll", "headYaw": "yaw"}
LOOK = {side: {f"{side}EyePitch": "pitch", f"{side}EyeYaw": "yaw"} for side in ("left", "right")}

_ROTATION = "rotation_euler"  # of what turns with the built-in head


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Every object of the family, under its own name."""
    for obj in members:
        yield Controls(obj, obj, (obj.name,))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """None: names of objects say nothing about a convention."""
    return ()


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for the built-in head, and for meshes named after an eye, which are off where something else moves eyes."""
    for controls in found:
        obj = controls.obj
        if MARK in obj:
            yield from rotation_lines(np.eye(3), TURN, obj.name, True)
        elif side := _eye(obj):
            yield from rotation_lines(np.eye(3), LOOK[side], obj.name, eyes_are_free(above))


def rig_for(controls: Controls, lines: Sequence[Line], _hold: float = 0.0) -> Rig:
    """A rig of the lines that name an object, without locked axes; its controls are numbers of the delta transform."""
    obj, own = controls.obj, []
    for kind in KINDS:
        if not _is_locked(obj, kind):
            for line in reaching(lines, controls, kind):
                own.append(renamed(line, _name(obj, kind), own))
    return AxisRig(tuple(own), {"delta_rotation": QUATERNION} if obj.rotation_mode == QUATERNION else {})


def locked(controls: Controls, lines: Iterable[Line]) -> list[Line]:
    """The lines that are on and would move an axis that the artist locked."""
    return [
        line
        for kind in KINDS
        for line in reaching(lines, controls, kind)
        if line.use and _is_locked(controls.obj, line.kind)
    ]


def unlock(controls: Controls, line: Line) -> None:
    """Unlock the axis that a line moves."""
    getattr(controls.obj, f"lock_{line.kind[:-2]}")["xyz".index(line.kind[-1])] = False


def blocks() -> Iterable[bpy.types.ID]:
    """All objects."""
    return bpy.data.objects


def value(block: bpy.types.Object, name: str) -> float:
    """The current value of one number of the delta transform."""
    path, index = curve(block, name)
    return getattr(block, path)[index]


def set_value(block: bpy.types.Object, name: str, value: float) -> None:
    """Set one number of the delta transform."""
    if name.startswith(("delta_", "rotation_")):
        path, index = curve(block, name)
        if getattr(block, path)[index] != value:
            getattr(block, path)[index] = value


set_values = one_by_one(set_value)


def curve(block: bpy.types.Object, name: str) -> tuple[str, int]:
    """Data path and array index of a number of the delta transform, in the object's rotation mode."""
    what, _, axis = name.rpartition("_")
    if what == "rotation":
        return _ROTATION, "xyz".index(axis)
    if what != "delta_rotation":
        return what, "xyz".index(axis)
    if block.rotation_mode == QUATERNION:
        return "delta_rotation_quaternion", "wxyz".index(axis)
    return "delta_rotation_euler", "xyz".index(axis)


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Object) -> None:
    """Raise a RigError that says what to do where an object is linked."""
    editable(obj, block)


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    """A sentence where the object's rotation mode is one in which the keys would not turn it."""
    mode = block.rotation_mode
    turns = any("rotation" in name for name in names)
    if turns and MARK in obj and mode != TURN_ORDER:
        return [f"'{obj.name}' rotates in mode {mode}: set it to {TURN_ORDER} Euler for the head to turn right."]
    if turns and mode == "AXIS_ANGLE":
        return [f"'{obj.name}' rotates in mode Axis Angle, which has no delta: set it to an Euler mode or Quaternion."]
    return []


def _name(obj: bpy.types.Object, kind: str) -> str:
    return kind if MARK in obj and kind.startswith("rotation") else f"delta_{kind}"


def _is_locked(obj: bpy.types.Object, kind: str) -> bool:
    return getattr(obj, f"lock_{kind[:-2]}")["xyz".index(kind[-1])]


def _eye(obj: bpy.types.Object) -> str:
    """The side, left or right, of a mesh named after an eye and with its origin inside of it; "" for all else."""
    parts = words(obj.name)
    sides = [word for word in parts if word in LOOK]
    rest = [word for word in parts if word not in LOOK and not word.isdigit()]
    if obj.type != "MESH" or len(sides) != 1 or rest[-1:] not in (["eye"], ["eyeball"]):
        return ""
    corners = np.array(obj.bound_box)
    inside = (corners.min(axis=0) <= 0).all() and (corners.max(axis=0) >= 0).all()
    return sides[0] if inside else ""
