# SPDX-License-Identifier: GPL-3.0-or-later
"""The rotation of an object as targets: how the built-in head nods, turns and tilts about its neck.

Euler angles in the order YXZ are those of `inference.faces.model.rotations`: roll first, then pitch, then yaw. So each
angle is one channel, and curves between keys stay the curves of the motion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
import numpy as np

from ...inference.errors import RigError
from ...inference.rig import Line, Rig

MARK = "facewright_head"  # custom property of the object that turns with the head
ORDER = "YXZ"
_SENSE = {"pitch": 1.0, "roll": -1.0, "yaw": -1.0}
RIG = Rig(tuple(Line(f"head{name.title()}", name, s, low=-np.pi, high=np.pi) for name, s in _SENSE.items()))

_AXES = {"pitch": 0, "roll": 1, "yaw": 2}


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
    if block.library is not None:
        raise RigError(
            f"'{obj.name}' is linked from '{bpy.path.basename(block.library.filepath)}' and cannot be animated here. "
            "Make a library override of it (Object > Library Override > Make), or append it."
        )


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    if block.rotation_mode == ORDER:
        return []
    return [f"'{obj.name}' rotates in mode {block.rotation_mode}: set it to {ORDER} Euler for the head to turn right."]
