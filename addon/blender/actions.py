# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves into Actions. Only this file knows Blender's versions of animation data.

Actions have slots since 4.4 (https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/); before
that an Action animates one kind of data-block, so each data-block gets its own. ``Action.fcurves`` is gone in 5.0.
An Action assigned without a slot may animate nothing, silently: the slot is always assigned too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import bpy
import numpy as np

from ...inference.keys import records
from ...inference.keys.records import KEY

SLOTTED = bpy.app.version >= (4, 4, 0)
UNSLOTTED = "0"  # mark of all there is in an Action before 4.4; handles of slots are other numbers
TRACK = "Facewright"  # NLA track of additive bakes
MEMORY = "facewright_baked"  # custom property of Actions that hold a bake: slot -> packed keys
POSE = f"{TRACK} pose"  # NLA tracks of poses, each with the name of its pose
POSES = f"{TRACK} poses"  # NLA track below those of poses, which holds what nothing else animates
BEFORE = "Before facewright"  # NLA track of what was there before

_ZERO = ("easing", "type")  # 0 on a fresh key, and hardly ever anything else
_AUTOMATIC = (records.AUTO, records.VECTOR, records.AUTO_CLAMPED)


@dataclass(frozen=True)
class Home:
    """Where keys of one data-block live: an Action, and the slot in it (None before 4.4)."""

    block: bpy.types.ID
    action: bpy.types.Action
    slot: Any

    @property
    def fcurves(self) -> Any:
        """The collection of its F-curves."""
        if not SLOTTED:
            return self.action.fcurves
        if not self.action.layers:
            self.action.layers.new("Layer").strips.new(type="KEYFRAME")
        return self.action.layers[0].strips[0].channelbag(self.slot, ensure=True).fcurves

    @property
    def kept_fcurves(self) -> list[bpy.types.FCurve]:
        """Its F-curves; nothing is made where there are none."""
        if not SLOTTED:
            return list(self.action.fcurves)
        bags = [strip.channelbag(self.slot) for layer in self.action.layers for strip in layer.strips]
        return [curve for bag in bags if bag is not None for curve in bag.fcurves]

    @property
    def mark(self) -> str:
        """The slot as a word, the same in a copy of the Action."""
        return str(self.slot.handle) if SLOTTED else UNSLOTTED

    @property
    def marks(self) -> tuple[str, ...]:
        """The words under which something may be remembered for the slot, the newest first.

        Blender 4.4 and later gives an Action of 4.2 one slot, for which all is remembered as it was without slots.
        """
        converted = SLOTTED and self.slot is not None and self.slot == self.action.slots[0]
        return (self.mark, UNSLOTTED) if converted else (self.mark,)


def home_of(block: bpy.types.ID) -> Home | None:
    """The Action in use, where it has a slot for this data-block."""
    data = block.animation_data
    if data is None or data.action is None or (SLOTTED and data.action_slot is None):
        return None
    return Home(block, data.action, data.action_slot if SLOTTED else None)


def new_home(block: bpy.types.ID, label: str, name: str, action: bpy.types.Action | None) -> Home:
    """Room in an Action for a data-block that has none in it yet.

    Parameters
    ----------
    block : bpy.types.ID
        Gets the keys.
    label : str
        What an artist calls it: shape keys themselves are all named "Key".
    name : str
        Of the Action, when a new one is needed.
    action : bpy.types.Action or None
        To go into, where Blender's Actions have slots.
    """
    if not SLOTTED:
        own: Any = bpy.data.actions.new(f"{name} {label}")
        own.id_root = block.id_type
        return Home(block, own, None)
    shared: Any = action or bpy.data.actions.new(name)
    return Home(block, shared, shared.slots.new(id_type=block.id_type, name=label))


def home_by_mark(block: bpy.types.ID, action: bpy.types.Action, mark: str) -> Home:
    """A place in an Action by a mark of its slot, such as the same place in a copy."""
    slots = action.slots if SLOTTED else ()
    slot = next((slot for slot in slots if mark in Home(block, action, slot).marks), None)
    return Home(block, action, slot)


def slots_for(block: bpy.types.ID) -> list[Home]:
    """The places that the Action in use has for data-blocks of this kind; none where Actions have no slots."""
    action = block.animation_data.action if block.animation_data else None
    slots = action.slots if SLOTTED and action is not None else ()
    return [Home(block, action, slot) for slot in slots if slot.target_id_type in (block.id_type, "UNSPECIFIED")]


def assign(home: Home) -> None:
    """Let the data-block be animated by what lives there."""
    data = home.block.animation_data or home.block.animation_data_create()
    data.action = home.action
    if SLOTTED:
        data.action_slot = home.slot


def read(curve: bpy.types.FCurve) -> np.ndarray:
    """All keys of a curve [shape=(K,), dtype=KEY]."""
    keys = np.zeros(len(curve.keyframe_points), KEY)
    for field in KEY.names or ():
        flat = np.empty(keys[field].size, keys[field].dtype)
        curve.keyframe_points.foreach_get(field, flat)
        keys[field] = flat.reshape(keys[field].shape)
    return keys


def write(curve: bpy.types.FCurve, keys: np.ndarray) -> None:
    """Make these the keys of a curve [shape=(K,), dtype=KEY]."""
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for field in KEY.names or ():
        column = keys[field]
        if field in _ZERO and not column.any():
            continue
        if field.startswith("handle_") and column.ndim == 2 and np.isin(keys[f"{field}_type"], _AUTOMATIC).all():
            continue  # Blender lays them
        points.foreach_set(field, np.ascontiguousarray(column).ravel())
    curve.update()
    for side in ("handle_left", "handle_right"):  # Blender has laid aligned ones anew, in single precision
        own = ~np.isin(keys[f"{side}_type"], _AUTOMATIC)
        if own.any():
            laid = np.empty(keys[side].size, np.float32)
            points.foreach_get(side, laid)
            points.foreach_set(side, np.where(own[:, None], keys[side], laid.reshape(-1, 2)).ravel())


def is_locked(curve: bpy.types.FCurve) -> bool:
    """Whether the artist locked a curve, or the group it is in."""
    return curve.lock or (curve.group is not None and curve.group.lock)


def put(home: Home, place: tuple[str, int], keys: np.ndarray, curve: bpy.types.FCurve | None) -> None:
    """Make these the keys of a place, whose curve is made when there is none, and removed when it has nothing left."""
    if len(keys):
        write(curve or home.fcurves.new(place[0], index=place[1]), keys)
    elif curve is not None and not curve.modifiers:
        home.fcurves.remove(curve)
    elif curve is not None:
        curve.keyframe_points.clear()


def additive_strip(block: bpy.types.ID) -> Any | None:
    """The strip of an additive bake, if the data-block has one."""
    data = block.animation_data
    tracks = data.nla_tracks if data is not None else ()
    return next((track.strips[0] for track in tracks if track.name == TRACK and track.strips), None)


def additive_home(block: bpy.types.ID) -> Home | None:
    """Where the keys of an additive bake live, if the data-block has one."""
    strip = additive_strip(block)
    if strip is None or strip.action is None or (SLOTTED and strip.action_slot is None):
        return None
    return Home(block, strip.action, strip.action_slot if SLOTTED else None)


def poses_home(block: bpy.types.ID) -> Home | None:
    """The Action that holds the rest below the poses of a data-block, if poses were laid there."""
    data = block.animation_data
    for track in data.nla_tracks if data is not None else ():
        strip: Any = track.strips[0] if track.name == POSES and track.strips else None
        if strip is not None and strip.action is not None:
            return Home(block, strip.action, strip.action_slot if SLOTTED else None)
    return None


def add_strip(home: Home, blend: float) -> None:
    """Lay what lives there over everything the NLA of the data-block has, or into the strip that does so already."""
    data = home.block.animation_data or home.block.animation_data_create()
    begin, end = home.action.frame_range
    strip = additive_strip(home.block)
    if strip is None:
        track = data.nla_tracks.new()
        track.name = TRACK
        strip = track.strips.new(home.action.name, floor(begin), home.action)
    _play(strip, home)
    strip.blend_type = "COMBINE" if any(is_quaternion(one.data_path) for one in home.kept_fcurves) else "ADD"
    strip.extrapolation = "NOTHING"
    strip.blend_in = strip.blend_out = min(blend, (end - begin) / 2)


def _play(strip: Any, home: Home) -> None:
    """Let a strip play the whole of an Action where its keys lie; one made without a slot is a single frame long."""
    begin, end = home.action.frame_range
    strip.action = home.action
    if SLOTTED:
        strip.action_slot = home.slot
    for first, last in (("action_frame_start", "action_frame_end"), ("frame_start", "frame_end")):
        for name, frame in ((last, end), (first, begin), (last, end)):  # Blender keeps each on its side of the other
            setattr(strip, name, frame)


def is_quaternion(path: str) -> bool:
    """Whether a data path is that of a turn whose four numbers cannot be added one by one."""
    return path.endswith("rotation_quaternion")


def hold(home: Home, name: str) -> None:
    """Play what lives there for all time, on a new track on top."""
    data = home.block.animation_data or home.block.animation_data_create()
    track = data.nla_tracks.new()
    track.name = name
    begin, _ = home.action.frame_range
    strip = track.strips.new(home.action.name, floor(begin), home.action)
    if SLOTTED:
        strip.action_slot = home.slot
    strip.extrapolation = "HOLD"


def animated_places(block: bpy.types.ID) -> set[tuple[str, int]]:
    """Data paths and indices of everything that the Action in use or a strip of the NLA moves."""
    data = block.animation_data
    found = list(fcurves_of(block))
    for strip in (strip for track in (data.nla_tracks if data else ()) for strip in track.strips):
        if strip.action is not None and (not SLOTTED or strip.action_slot is not None):
            found += Home(block, strip.action, strip.action_slot if SLOTTED else None).kept_fcurves
    return {(curve.data_path, curve.array_index) for curve in found}


def push_down(block: bpy.types.ID) -> str:
    """Move the Action in use into the NLA; the name of its track, "" when there is none."""
    home = home_of(block)
    return "" if home is None else _push_down(home)


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
        _push_down(Home(block, action, data.action_slot if SLOTTED else None))
        return f"'{action.name}' (moved to the NLA, for it also moves {len(others)} other channels)"
    return keep(action)


def keep(action: bpy.types.Action) -> str:
    """Have an Action saved whether it is used or not, and say so; a linked one is safe in its library."""
    if action.library is not None:
        return f"'{action.name}' (linked, unchanged)"
    action.use_fake_user = True
    return f"'{action.name}' (kept with a fake user)"


def action_name(block: bpy.types.ID) -> str:
    """Name of the Action in use, "" when there is none."""
    data = block.animation_data
    return data.action.name if data and data.action else ""


def fcurves_of(block: bpy.types.ID) -> list[bpy.types.FCurve]:
    """The F-curves that the Action in use holds for this data-block."""
    home = home_of(block)
    return home.kept_fcurves if home is not None else []


def _push_down(home: Home) -> str:
    data = home.block.animation_data
    data.action = None
    track = data.nla_tracks.new()
    track.name = BEFORE
    _play(track.strips.new(home.action.name, round(home.action.frame_range[0]), home.action), home)
    return track.name
