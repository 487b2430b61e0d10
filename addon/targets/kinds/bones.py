# SPDX-License-Identifier: GPL-3.0-or-later
"""Pose bones as controls: location, rotation and scale along the bone's own axes, whatever its rotation mode.

Euler angles are keyed one by one, in the bone's order. Quaternions and axis-angle are made of all three angles at once
(see `addon.targets.rotations`). Values stay within Limit constraints in local space, and locked axes are not keyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import bpy
import numpy as np

from ....inference.retarget.convention import BONE_AXES
from ....inference.retarget.matching import Recognition, recognise
from ....inference.retarget.rig import Line, Rig, bone_lines
from ....inference.retarget.spelling import words
from ..control import Controls, editable, eyes_are_free, one_by_one, speaks
from ..rotations import AXIS_ANGLE, QUATERNION, AxisRig, renamed, rotation_lines
from .objects import LOOK, TURN

ORDER = 40
KINDS = {kind: kind.replace("_", " ").title() for kind in BONE_AXES}

_JAW_OPEN = 0.35  # radians at full jawOpen; chosen by eye
_JAWS = (["jaw"], ["jaw", "master"], ["jaw", "root"], ["jaw", "bone"], ["jawbone"])  # last words of a jaw bone's name
_LIMITS = {"location": "LIMIT_LOCATION", "rotation": "LIMIT_ROTATION", "scale": "LIMIT_SCALE"}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Each armature of the family, with the names of its bones."""
    for obj in sorted(members, key=lambda member: member.name):
        if obj.type == "ARMATURE" and obj.pose is not None:  # an armature made by a script has no pose at first
            yield Controls(obj, obj, tuple(obj.pose.bones.keys()))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The conventions that the bones follow, each armature by itself."""
    return tuple(recognition for controls in found for recognition in recognise((), controls.names))


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for the bones of a known face rig; for other armatures, for jaw, head and eyes.

    Where shape keys or properties make the mouth already, a face rig's lines are off; where poses make it, only those
    that move the mouth.
    """
    faced = speaks(line for line in above if line.kind != "action")
    speaking = speaks(above)
    for controls in found:
        lengths = {bone.name: bone.length for bone in controls.obj.data.bones}
        lines = bone_lines(lengths)
        for line in lines:
            yield replace(line, use=not faced and not (speaking and speaks([line])))
        if not lines:
            yield from _jaw_head_and_eyes(controls, above)


def rig_for(controls: Controls, lines: Sequence[Line], _hold: float = 0.0) -> Rig:
    """A rig of the lines that name a bone, within its limits and without locked axes; its controls are numbers."""
    own: list[Line] = []
    keyed: dict[str, str | np.ndarray] = {}
    for bone, line in _reached(controls, lines):
        if _is_locked(bone, line.kind):
            continue
        low, high = limits(bone, line.kind)
        line = renamed(line, f"{line.target} {line.kind}", own)
        own.append(replace(line, low=float(np.clip(line.low, low, high)), high=float(np.clip(line.high, low, high))))
        group = line.target[:-2]
        if line.kind.startswith("rotation") and bone.rotation_mode in (QUATERNION, AXIS_ANGLE):
            keyed[group] = bone.rotation_mode
        elif line.kind.startswith("location") and not bone.bone.use_local_location:
            keyed[group] = _rest(bone)
    return AxisRig(tuple(own), keyed)


def locked(controls: Controls, lines: Iterable[Line]) -> list[Line]:
    """The lines that are on and would move an axis that the artist locked."""
    return [line for bone, line in _reached(controls, lines) if _is_locked(bone, line.kind)]


def unlock(controls: Controls, line: Line) -> None:
    """Unlock the axis that a line moves."""
    bone = controls.block.pose.bones[line.target]
    getattr(bone, f"lock_{line.kind[:-2]}")["xyz".index(line.kind[-1])] = False


def limited(controls: Controls, lines: Iterable[Line]) -> list[Line]:
    """The lines that reach beyond a Limit constraint of their bone."""
    beyond = []
    for bone, line in _reached(controls, lines):
        low, high = limits(bone, line.kind)
        rest = float(line.kind.startswith("scale"))
        if line.low + rest < low - 1e-4 or line.high + rest > high + 1e-4:
            beyond.append(line)
    return beyond


def limits(bone: bpy.types.PoseBone, kind: str) -> tuple[float, float]:
    """Lowest and highest value that the Limit constraints of a bone allow along an axis; infinite without any."""
    what, _, axis = kind.rpartition("_")
    low, high = -np.inf, np.inf
    for constraint in bone.constraints:
        limit: Any = constraint
        if limit.type != _LIMITS[what] or limit.mute or limit.influence < 1 or limit.owner_space != "LOCAL":
            continue
        both = what == "rotation" and getattr(limit, f"use_limit_{axis}")
        if both or (what != "rotation" and getattr(limit, f"use_min_{axis}")):
            low = max(low, getattr(limit, f"min_{axis}"))
        if both or (what != "rotation" and getattr(limit, f"use_max_{axis}")):
            high = min(high, getattr(limit, f"max_{axis}"))
    return low, max(low, high)


def blocks() -> Iterable[bpy.types.ID]:
    """All objects: poses are keyed on the armature's."""
    return bpy.data.objects


def value(block: bpy.types.Object, name: str) -> float:
    """The current value of one number of a bone's location, rotation or scale."""
    bone, path, index = _place(block, name)
    return getattr(bone, path)[index]


def set_value(block: bpy.types.Object, name: str, value: float) -> None:
    """Set one number of a bone; nothing happens when the bone is gone."""
    if block.pose is not None and name.rpartition(" ")[0] in block.pose.bones:
        bone, path, index = _place(block, name)
        if getattr(bone, path)[index] != value:
            getattr(bone, path)[index] = value


set_values = one_by_one(set_value)


def curve(block: bpy.types.Object, name: str) -> tuple[str, int]:
    """Data path and array index of a bone's number."""
    bone, path, index = _place(block, name)
    return bone.path_from_id(path), index


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Object) -> None:
    """Raise a RigError that says what to do where an armature is linked."""
    editable(obj, block)


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    """A sentence where drivers move numbers that are keyed."""
    drivers = block.animation_data.drivers if block.animation_data else ()
    driven = {(driver.data_path, driver.array_index) for driver in drivers if not driver.mute}
    moved = [name for name in names if curve(block, name) in driven]
    if not moved:
        return []
    return [f"Of the bones of '{obj.name}', moved by a driver, which wins over keys: {', '.join(moved[:3])}."]


def _reached(controls: Controls, lines: Iterable[Line]) -> Iterator[tuple[Any, Line]]:
    """The lines that are on and name a bone, each with its bone."""
    posed = controls.block.pose.bones
    for line in lines:
        if line.use and line.kind in KINDS and line.where in ("", controls.obj.name) and line.target in posed:
            yield posed[line.target], line


def _is_locked(bone: bpy.types.PoseBone, kind: str) -> bool:
    return getattr(bone, f"lock_{kind[:-2]}")["xyz".index(kind[-1])]


def _rest(bone: bpy.types.PoseBone) -> np.ndarray:
    """The bone's own axes at rest in those of its parent [shape=(3, 3)], along which its location is set."""
    matrix = bone.bone.matrix_local
    if bone.parent is not None:
        matrix = bone.parent.bone.matrix_local.inverted() @ matrix
    return np.array(matrix.to_3x3())


def _jaw_head_and_eyes(controls: Controls, above: Sequence[Line]) -> Iterator[Line]:
    """Lines for bones named jaw, head and eye. The head's are off: most artists turn it by hand."""
    bones: dict[str, str] = {}  # jaw, head, left, right -> name of the bone
    for name in sorted(controls.names, key=len, reverse=True):  # the shortest of several wins
        parts = [word for word in words(name) if not word.isdigit() and word != "x"]  # .x: middle, in Auto-Rig Pro
        sides = [word for word in parts if word in LOOK]
        rest = [word for word in parts if word not in LOOK]
        if (rest[-1:] in _JAWS or rest[-2:] in _JAWS) and not sides and "upper" not in rest:
            bones["jaw"] = name
        elif rest[-1:] == ["head"] and not sides:
            bones["head"] = name
        elif rest[-1:] == ["eye"] and len(sides) == 1:
            bones[sides[0]] = name
    for part, name in bones.items():
        axes = np.array(controls.obj.data.bones[name].matrix_local.to_3x3())
        if part == "jaw":
            yield from _jaw(axes, name, not speaks(above))
        else:
            yield from rotation_lines(axes, LOOK.get(part, TURN), name, part != "head" and eyes_are_free(above))


def _jaw(axes: np.ndarray, name: str, use: bool) -> Iterator[Line]:
    """Lines that open a jaw, and shut it where lips close over an open jaw, since no other control closes them here."""
    for line in rotation_lines(axes, {"jawOpen": "pitch"}, name, use):
        full = _JAW_OPEN * line.gain
        for channel, gain in (("jawOpen", full), ("mouthClose", -full)):
            yield replace(line, channel=channel, gain=round(gain, 4), low=min(full, 0.0), high=max(full, 0.0))


def _place(block: bpy.types.Object, name: str) -> tuple[bpy.types.PoseBone, str, int]:
    """The bone, its property and the index of the number that a name means."""
    bone_name, _, kind = name.rpartition(" ")
    what, _, axis = kind.partition("_")
    bone = block.pose.bones[bone_name]
    if what == "rotation":
        four = {QUATERNION: "rotation_quaternion", AXIS_ANGLE: "rotation_axis_angle"}.get(bone.rotation_mode)
        return (bone, four, "wxyz".index(axis)) if four else (bone, "rotation_euler", "xyz".index(axis))
    return bone, what, "xyz".index(axis)
