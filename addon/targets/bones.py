# SPDX-License-Identifier: GPL-3.0-or-later
"""Pose bones as targets: location, rotation and scale along the bone's own axes, in any rotation mode but axis-angle.

A quaternion (w, x, y, z) with w = 1 turns by the angle whose half has the tangent (x, y, z); Blender normalises it. So
half an angle is keyed for each axis, which at 0.5 rad is 2 % short of the turn in Euler angles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import bpy
import numpy as np

from ...inference.convention import BONE_AXES
from ...inference.matching import Recognition, recognise
from ...inference.rig import Line, Rig, bone_lines
from . import Controls, editable, speaks

ORDER = 40
KINDS = {kind: f"{kind.replace('_', ' ').title()}" for kind in BONE_AXES}

_AXES = {"x": 0, "y": 1, "z": 2}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    for obj in sorted(members, key=lambda one: one.name):
        if obj.type == "ARMATURE" and obj.pose is not None:  # one made by a script has no pose at first
            yield Controls(obj, obj, tuple(obj.pose.bones.keys()))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    return tuple(one for each in found for one in recognise((), each.names))


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    rest = speaks(above)  # both would move the mouth twice
    for one in found:
        lengths = {bone.name: bone.length for bone in one.obj.data.bones}  # type: ignore[attr-defined]
        yield from (replace(line, use=not rest) for line in bone_lines(lengths))


def rig_for(controls: Controls, lines: Sequence[Line]) -> Rig:
    own: list[Line] = []
    posed = controls.block.pose.bones
    for line in lines:
        bone = posed.get(line.target)
        if not line.use or line.kind not in KINDS or bone is None or line.where not in ("", controls.obj.name):
            continue
        name = f"{line.target} {line.kind}"
        if line.kind.startswith("rotation") and bone.rotation_mode == "QUATERNION":
            half = {key: getattr(line, key) / 2 for key in ("gain", "offset", "low", "high")}
            line = replace(line, **half)
        if line.kind.startswith("scale"):  # 1 at rest; lines of one axis add to it
            first = not any(other.target == name for other in own)
            line = replace(line, offset=line.offset + first, low=line.low + 1, high=line.high + 1)
        own.append(replace(line, target=name))
    return Rig(tuple(own))


def blocks() -> Iterable[bpy.types.ID]:
    return bpy.data.objects


def value(block: bpy.types.Object, name: str) -> float:
    bone, path, index = _place(block, name)
    return getattr(bone, path)[index]


def set_value(block: bpy.types.Object, name: str, value: float) -> None:
    if name.rpartition(" ")[0] in block.pose.bones:
        bone, path, index = _place(block, name)
        if getattr(bone, path)[index] != value:
            getattr(bone, path)[index] = value


def curve(block: bpy.types.Object, name: str) -> tuple[str, int]:
    bone, path, index = _place(block, name)
    return bone.path_from_id(path), index


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Object) -> None:
    editable(obj, block)


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    rotating = dict.fromkeys(name.rpartition(" ")[0] for name in names if "rotation" in name.rpartition(" ")[2])
    odd = [name for name in rotating if block.pose.bones[name].rotation_mode == "AXIS_ANGLE"]
    drivers = block.animation_data.drivers if block.animation_data else ()
    driven = {(driver.data_path, driver.array_index) for driver in drivers}
    texts = [(f"rotate in mode Axis Angle, set them to an Euler mode or Quaternion: {', '.join(odd[:3])}", odd)]
    moved = [name for name in names if curve(block, name) in driven]
    texts.append((f"moved by a driver, which wins over keys: {', '.join(moved[:3])}", moved))
    return [f"Of the bones of '{obj.name}', {text}." for text, which in texts if which]


def _place(block: bpy.types.Object, name: str) -> tuple[bpy.types.PoseBone, str, int]:
    """The bone, and which number of which of its properties a name means."""
    bone_name, _, kind = name.rpartition(" ")
    what, _, axis = kind.partition("_")
    bone = block.pose.bones[bone_name]
    index = _AXES[axis]
    if what != "rotation":
        return bone, what, index
    if bone.rotation_mode == "QUATERNION":
        return bone, "rotation_quaternion", index + 1
    if bone.rotation_mode == "AXIS_ANGLE":
        return bone, "rotation_axis_angle", index + 1
    return bone, "rotation_euler", index
