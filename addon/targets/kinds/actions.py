# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses as controls: one Action for each mouth shape, as in pose libraries and Rhubarb Lip Sync NG.

A pose is the values of an Action at its first frame. Poses are mixed: each number is its rest value plus the sum of
weight x (pose - rest). The result is keyed on the bones, properties or shape keys that the poses move, so that artists
edit their own controls afterwards, and preview, sparse keys, hand edits, NLA strips and Unbake work as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import bpy
import numpy as np

from ....inference.core.motion import Motion
from ....inference.retarget.matching import Recognition, recognise
from ....inference.retarget.rig import Line, Rig
from ...blender import actions as keyframes
from ...blender.numbers import Place, number_at, set_number_at
from ..control import Controls, lines_by_name, reaching, resting, speaks
from ..control import editable as object_editable
from . import shape_keys

ORDER = 30
KIND = "action"
KINDS = {KIND: "Pose (Action)"}

_STILL = 1e-6  # numbers that no pose moves farther than this are not keyed


@dataclass(frozen=True, eq=False)
class PoseRig(Rig):
    """A rig whose lines give weights to poses, and whose controls are the numbers that the poses move.

    Parameters
    ----------
    lines : sequence of Line
        From channel to pose.
    names : tuple of str
        The numbers that the poses move.
    rest : ndarray [shape=(T,)]
        Their values at rest.
    moves : ndarray [shape=(P, T)]
        Differences from rest in each pose, in the order of the lines' controls.
    turns : tuple of tuple of int
        Columns of each quaternion among the numbers, four each.
    """

    names: tuple[str, ...] = ()
    rest: np.ndarray = field(default_factory=lambda: np.zeros(0))
    moves: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    turns: tuple[tuple[int, ...], ...] = ()

    @property
    def controls(self) -> tuple[str, ...]:
        """The numbers that the poses move."""
        return self.names

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """None: lines give weights to poses, and what is keyed are the numbers that these move."""
        return ()

    def retarget(self, motion: Motion) -> np.ndarray:
        """Values of the numbers [shape=(F, T), float32] of a motion."""
        values = self.rest + Rig(self.lines).retarget(motion) @ self.moves
        for four in self.turns:
            values[:, four] /= np.maximum(np.linalg.norm(values[:, four], axis=1, keepdims=True), 1e-6)
        return values.astype(np.float32)


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Objects and sets of shape keys, each with the Actions that may pose it; Actions of bakes are left out."""
    actions = {action.name: _by_beginning(action) for action in bpy.data.actions if keyframes.MEMORY not in action}
    if not actions:
        return
    blocks = [(obj, obj) for obj in members] + [(keys.obj, keys.block) for keys in shape_keys.found(members)]
    for obj, block in blocks:
        if names := tuple(name for name, curves in actions.items() if _moves(curves, block)):
            yield Controls(obj, block, names)


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The conventions that the names of the Actions follow, the best first."""
    return recognise(name for controls in found for name in controls.names)


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for Actions named like mouth shapes; where a mouth moves already they are off."""
    lines = lines_by_name(found, KIND)
    return [replace(line, use=line.use and not speaks(above)) for line in resting(lines, above)]


def rig_for(controls: Controls, lines: Sequence[Line], _hold: float = 0.0) -> Rig:
    """The poses of a data-block, mixed by weight; its controls are the numbers that any of them moves."""
    own = Rig(reaching(lines, controls, KIND))
    poses = [pose_of(bpy.data.actions[name], controls.block) for name in own.controls]
    rest = {place: _rest(controls.block, place) for pose in poses for place in pose}
    moves = np.array([[pose.get(place, rest[place]) - rest[place] for place in rest] for pose in poses])
    groups = _quaternions(rest)
    for four in groups:  # q and -q are one rotation: take the one nearer to rest
        for row in moves:
            pose = row[list(four)] + [1, 0, 0, 0]
            row[list(four)] = pose * (1 if pose[0] >= 0 else -1) - [1, 0, 0, 0]
    moving = np.abs(moves).max(axis=0, initial=0.0) > _STILL
    for four in groups:
        moving[list(four)] = moving[list(four)].any()
    kept = np.flatnonzero(moving)
    if not len(kept):
        return Rig(())
    new_column = {int(old): new for new, old in enumerate(kept)}
    names = tuple(_name(controls.block, place) for place in rest)
    turns = tuple(tuple(new_column[old] for old in four) for four in groups if four[0] in new_column)
    rest_values = np.array(list(rest.values()))
    return PoseRig(own.lines, tuple(names[column] for column in kept), rest_values[kept], moves[:, kept], turns)


def blocks() -> Iterable[bpy.types.ID]:
    """All objects, and all sets of shape keys."""
    return [*bpy.data.objects, *bpy.data.shape_keys]


def value(block: bpy.types.ID, name: str) -> float:
    """The current value of a number that poses move."""
    return number_at(block, curve(block, name))


def set_value(block: bpy.types.ID, name: str, value: float) -> None:
    """Set a number that poses move; nothing happens when its bone or shape key is gone."""
    if isinstance(block, bpy.types.Key):
        shape_keys.set_value(block, name, value)
    else:
        set_number_at(block, curve(block, name), value)


def set_values(block: bpy.types.ID, values: Mapping[str, float]) -> None:
    """Set many numbers that poses move."""
    if isinstance(block, bpy.types.Key):
        shape_keys.set_values(block, values)
        return
    for name, value in values.items():
        set_value(block, name, value)


def curve(block: bpy.types.ID, name: str) -> tuple[str, int]:
    """Data path and array index of a number: its name is the path with the index in brackets, or a shape key's name."""
    if isinstance(block, bpy.types.Key):
        return shape_keys.curve(block, name)
    path, _, index = name.rpartition("[")
    return (path, int(index[:-1])) if index[:-1].isdigit() else (name, 0)


def ensure_editable(obj: bpy.types.Object, block: Any) -> None:
    """Raise a RigError that says what to do where an object or its shape keys are linked."""
    if isinstance(block, bpy.types.Key):
        shape_keys.ensure_editable(obj, block)
    else:
        object_editable(obj, block)


def obstacles(obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about drivers on what the poses move, and bones in another rotation mode than their poses."""
    drivers = block.animation_data.drivers if block.animation_data else ()
    driven = {(driver.data_path, driver.array_index) for driver in drivers if not driver.mute}
    moved = [name for name in names if curve(block, name) in driven]
    causes = [
        ("a driver, which wins over keys, moves", moved),
        ("bones rotate in another mode:", other_modes(block, names)),
    ]
    return [f"On '{obj.name}', poses are lost where {what} {', '.join(which[:3])}." for what, which in causes if which]


def other_modes(block: Any, names: Iterable[str]) -> list[str]:
    """Names of bones whose poses are in another rotation mode than the bone, so that keys would not turn it."""
    other: dict[str, None] = {}
    for path in (curve(block, name)[0] for name in names):
        before, _, last = path.rpartition(".")
        if last.startswith("rotation_") and before.startswith("pose.bones"):
            bone: Any = block.path_resolve(before)
            mode = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}.get(bone.rotation_mode)
            if (mode or "rotation_euler") != last:
                other[bone.name] = None
    return list(other)


def home_in(action: bpy.types.Action, block: Any) -> keyframes.SlotRef | None:
    """The slot of an Action, among those for such a data-block, with the most curves that this one has."""
    return max(keyframes.homes_in(action, block), key=lambda home: len(_curves(home)), default=None)


def _by_beginning(action: bpy.types.Action) -> list[tuple[str, dict[str, list[bpy.types.FCurve]]]]:
    """The F-curves of an Action, by the kind of data-block they are for, and by the first letters of their paths.

    Panels ask for this in files with dozens of Actions of a thousand curves each. By the first letters most curves are
    ruled out without looking up their path on a data-block.
    """
    by_kind = []
    for kind, fcurves in keyframes.fcurves_by_kind(action):
        curves: dict[str, list[bpy.types.FCurve]] = {}
        for curve in fcurves:
            curves.setdefault(curve.data_path[:5], []).append(curve)
        by_kind.append((kind, curves))
    return by_kind


def _moves(slots: Iterable[tuple[str, dict[str, list[bpy.types.FCurve]]]], block: Any) -> bool:
    """Whether the Action with these F-curves moves a data-block."""
    posed = getattr(block, "pose", None) is not None
    return any(
        _is_there(block, curve)
        for kind, curves in slots
        if kind in (block.id_type, "UNSPECIFIED")
        for beginning, some in curves.items()
        if posed or beginning != "pose."
        for curve in some
    )


def pose_of(action: bpy.types.Action, block: Any) -> dict[Place, float]:
    """The values of an Action's first frame for a data-block; empty where it has none."""
    home = home_in(action, block)
    if home is None:
        return {}
    frame = action.frame_range[0]
    return {(curve.data_path, curve.array_index): curve.evaluate(frame) for curve in _curves(home)}


def _curves(home: keyframes.SlotRef) -> list[bpy.types.FCurve]:
    """The curves of a slot whose path its data-block has."""
    return [curve for curve in home.existing_fcurves if _is_there(home.block, curve)]


def _is_there(block: bpy.types.ID, curve: bpy.types.FCurve) -> bool:
    """Whether a data-block has the number that a curve moves."""
    try:
        found = block.path_resolve(curve.data_path)
    except ValueError:
        return False
    if isinstance(block, bpy.types.Key) and not curve.data_path.endswith(".value"):
        return False
    return curve.array_index < len(found) if hasattr(found, "__len__") else isinstance(found, (int, float))


def _rest(block: Any, place: Place) -> float:
    """The value of a number without any pose: its default, or the current value where there is no default."""
    path, index = place
    if path.endswith('"]'):
        begin = path.rfind('["')
        owner: Any = block.path_resolve(path[:begin]) if begin else block
        return float(owner.id_properties_ui(bpy.utils.unescape_identifier(path[begin + 2 : -2])).as_dict()["default"])
    last = path.rpartition(".")[2]
    if last.endswith("scale"):
        return 1.0
    if last.endswith(("location", "euler", "value")) and isinstance(block, bpy.types.Key | bpy.types.Object):
        posed = path.startswith(("pose.bones", "key_blocks", "delta_"))
        return 0.0 if posed else float(block.path_resolve(path)[index])
    if last.endswith("quaternion"):
        return float(index == 0)
    return number_at(block, place)


def _quaternions(places: Iterable[Place]) -> list[tuple[int, ...]]:
    """Columns of each quaternion among some places, w first; one of which a component is missing is left out."""
    by_path: dict[str, dict[int, int]] = {}
    for column, (path, index) in enumerate(places):
        if path.endswith("quaternion"):
            by_path.setdefault(path, {})[index] = column
    return [tuple(four[index] for index in range(4)) for four in by_path.values() if len(four) == 4]


def _name(block: Any, place: Place) -> str:
    """The control's name: the data path with the array index, if any; of a shape key its own name."""
    path, index = place
    if isinstance(block, bpy.types.Key):
        return block.path_resolve(path.rpartition(".")[0]).name
    return path if path.endswith('"]') else f"{path}[{index}]"
