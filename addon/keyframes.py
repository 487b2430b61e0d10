# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves into Actions. Only this file knows Blender's versions of animation data and turns seconds into frames.

Actions have slots since 4.4 (https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/); before
that an Action animates one kind of data-block, so each data-block gets its own. ``Action.fcurves`` is gone in 5.0.
An Action assigned without a slot may animate nothing, silently: the slot is always assigned too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

SLOTTED = bpy.app.version >= (4, 4, 0)

_LINEAR = 1  # values of the enumerations of Keyframe.interpolation and handle_left_type
_AUTO_CLAMPED = 4


@dataclass(frozen=True, eq=False)
class Curves:
    """What is to be keyed on one data-block: T data paths, and their values [shape=(F, T)].

    `label` is what an artist calls the data-block: shape keys themselves are all named "Key". `indices` are those of
    the paths that lead to arrays; none given means 0.
    """

    block: bpy.types.ID
    paths: tuple[str, ...]
    values: np.ndarray
    label: str
    indices: tuple[int, ...] = ()


@dataclass(frozen=True)
class Written:
    """An Action that holds the keys of one data-block, and the slot in it (None before 4.4)."""

    block: bpy.types.ID
    action: bpy.types.Action
    slot: Any


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames per second of the scene; 29.97 and 23.976 come from ``fps_base``."""
    return scene.render.fps / scene.render.fps_base


def frame_of(scene: bpy.types.Scene, seconds: float, start: float) -> float:
    """Frame, with its fraction, of a time in a take that starts at frame `start`."""
    return start + seconds * frame_rate(scene)


def seconds_of(scene: bpy.types.Scene, frame: float | np.ndarray, start: float) -> float | np.ndarray:
    """Time in a take that starts at frame `start`."""
    return (frame - start) / frame_rate(scene)


def write(name: str, frames: np.ndarray, curves: Sequence[Curves]) -> list[Written]:
    """Put keys on every frame into a new Action with a slot for each data-block; nothing is assigned yet.

    Parameters
    ----------
    name : str
        Of the Action.
    frames : ndarray [shape=(F,)]
        Ascending.
    curves : sequence of Curves
        Their values have F rows.

    Returns
    -------
    list of Written
        In the order of `curves`. When anything fails the new Actions are gone again.
    """
    made: list[bpy.types.Action] = []
    written: list[Written] = []
    try:
        for one in curves:
            if not made or not SLOTTED:
                made.append(bpy.data.actions.new(name if SLOTTED else f"{name} {one.label}"))
            slot, fcurves = _room_for(made[-1], one)
            _fill(fcurves, one, np.asarray(frames, np.float32))
            written.append(Written(one.block, made[-1], slot))
    except BaseException:
        for action in made:
            bpy.data.actions.remove(action)
        raise
    return written


def assign(written: Written) -> None:
    """Let the data-block be animated by what was written for it."""
    data = written.block.animation_data or written.block.animation_data_create()
    data.action = written.action
    if SLOTTED:
        data.action_slot = written.slot


def keep_previous(block: bpy.types.ID, paths: Sequence[str]) -> str:
    """Put the Action in use into safety, and say how; empty when there is none.

    One that also moves what `paths` do not moves on, as a strip in the NLA below the new Action. Any other gets a fake
    user, so that it is saved with the file.
    """
    data = block.animation_data
    if data is None or data.action is None:
        return ""
    action = data.action
    others = {curve.data_path for curve in fcurves_of(block)} - set(paths)
    if others:
        _push_down(data, action)
        return f"'{action.name}' (moved to the NLA, for it also moves {len(others)} other channels)"
    action.use_fake_user = True
    return f"'{action.name}' (kept with a fake user)"


def action_name(block: bpy.types.ID) -> str:
    """Name of the Action in use, "" when there is none."""
    data = block.animation_data
    return data.action.name if data and data.action else ""


def fcurves_of(block: bpy.types.ID) -> list[bpy.types.FCurve]:
    """The F-curves that the Action in use holds for this data-block."""
    data = block.animation_data
    if data is None or data.action is None:
        return []
    if not SLOTTED:
        return list(data.action.fcurves)
    if data.action_slot is None:
        return []
    bags = [strip.channelbag(data.action_slot) for layer in data.action.layers for strip in layer.strips]
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]


def _room_for(action: bpy.types.Action, one: Curves) -> tuple[Any, Any]:
    """A slot for the data-block in the Action, and the collection its F-curves go into."""
    if not SLOTTED:
        action.id_root = one.block.id_type
        return None, action.fcurves
    if not action.layers:
        action.layers.new("Layer").strips.new(type="KEYFRAME")
    slot = action.slots.new(id_type=one.block.id_type, name=one.label)
    return slot, action.layers[0].strips[0].channelbag(slot, ensure=True).fcurves


def _fill(fcurves: Any, one: Curves, frames: np.ndarray) -> None:
    """One F-curve for each path; linear, since Bezier on every frame overshoots and opens closed lips."""
    count = len(frames)
    points = np.empty((count, 2), np.float32)
    points[:, 0] = frames
    linear = np.full(count, _LINEAR, np.int32)
    handles = np.full(count, _AUTO_CLAMPED, np.int32)
    indices = one.indices or (0,) * len(one.paths)
    for path, index, column in zip(one.paths, indices, np.ascontiguousarray(one.values.T, np.float32), strict=True):
        curve = fcurves.new(path, index=index)
        keys = curve.keyframe_points
        keys.add(count)
        points[:, 1] = column
        keys.foreach_set("co", points.ravel())
        keys.foreach_set("interpolation", linear)
        keys.foreach_set("handle_left_type", handles)
        keys.foreach_set("handle_right_type", handles)
        curve.update()


def _push_down(data: bpy.types.AnimData, action: bpy.types.Action) -> None:
    slot = data.action_slot if SLOTTED else None
    begin, _ = action.frame_range
    data.action = None
    track = data.nla_tracks.new()
    track.name = "Before facewright"
    strip = track.strips.new(action.name, round(begin), action)
    if SLOTTED:
        strip.action_slot = slot
    strip.frame_start = begin
