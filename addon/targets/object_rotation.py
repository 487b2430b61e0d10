# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation of an object as targets: how the built-in head nods, turns and tilts about its neck.

Euler angles in the order YXZ are those of `inference.faces.model.rotations`: roll first, then pitch, then yaw. So each
angle is one channel, and curves between keys stay the curves of the motion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import bpy
import numpy as np

from ...inference.matching import Recognition
from ...inference.rig import Line, Rig
from . import Controls, editable, reaching

TURN_ORDER = "YXZ"
MARK = "facewright_head"  # custom property of the object that turns with the head
ORDER = 50
KINDS = {f"rotation_{axis}": f"Rotation {axis.upper()}" for axis in "xyz"}

_AXES = {"rotation_x": 0, "rotation_y": 1, "rotation_z": 2}
_TURN = {"headPitch": ("rotation_x", 1.0), "headRoll": ("rotation_y", -1.0), "headYaw": ("rotation_z", -1.0)}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    for obj in members:
        if MARK in obj:
            yield Controls(obj, obj, (obj.name,))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    return ()


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    for one in found:
        for channel, (kind, gain) in _TURN.items():
            yield Line(channel, one.obj.name, gain, low=-np.pi, high=np.pi, kind=kind)


def rig_for(controls: Controls, lines: Sequence[Line]) -> Rig:
    return Rig(tuple(replace(one, target=kind) for kind in KINDS for one in reaching(lines, controls, kind)))


def blocks() -> Iterable[bpy.types.ID]:
    return bpy.data.objects


def value(block: bpy.types.Object, name: str) -> float:
    return block.rotation_euler[_AXES[name]]


def set_value(block: bpy.types.Object, name: str, value: float) -> None:
    if block.rotation_euler[_AXES[name]] != value:
        block.rotation_euler[_AXES[name]] = value


def curve(block: bpy.types.Object, name: str) -> tuple[str, int]:
    return "rotation_euler", _AXES[name]


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Object) -> None:
    editable(obj, block)


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    if block.rotation_mode == TURN_ORDER:
        return []
    return [
        f"'{obj.name}' rotates in mode {block.rotation_mode}: set it to {TURN_ORDER} Euler for the head to turn right."
    ]
