# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks and strips of the Nonlinear Animation editor: what bakes lay there, and what was there before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor

import bpy

from . import actions
from .actions import SlotRef

TRACK = "Facewright"  # NLA track of additive bakes
POSE = f"{TRACK} pose"  # NLA tracks of poses, each with the name of its pose
POSES = f"{TRACK} poses"  # NLA track below those of poses, which holds what nothing else animates
BEFORE = "Before facewright"  # NLA track of what was there before


def additive_strip(block: bpy.types.ID) -> bpy.types.NlaStrip | None:
    """The strip of an additive bake, if the data-block has one."""
    return next((track.strips[0] for track in _tracks(block) if track.name == TRACK and track.strips), None)


def additive_home(block: bpy.types.ID) -> SlotRef | None:
    """Where the keys of an additive bake live, if the data-block has one."""
    strip = additive_strip(block)
    return None if strip is None else actions.home_in(strip, block)


def poses_home(block: bpy.types.ID) -> SlotRef | None:
    """The Action that holds the rest below the poses of a data-block, if poses were laid there."""
    tracks = [track for track in _tracks(block) if track.name == POSES and track.strips]
    return next((home for track in tracks if (home := actions.home_in(track.strips[0], block)) is not None), None)


def is_poses_home(home: SlotRef) -> bool:
    """Whether an Action holds the rest below poses, and not curves that are played."""
    poses = poses_home(home.block)
    return poses is not None and poses.action == home.action


def strips_of(block: bpy.types.ID) -> Iterator[bpy.types.NlaStrip]:
    """All strips of a data-block, from below."""
    for track in _tracks(block):
        yield from track.strips


def lay(home: SlotRef, track_name: str, begin: float) -> bpy.types.NlaStrip:
    """A new strip that plays the keys at `home`, on a new track on top."""
    data = home.block.animation_data or home.block.animation_data_create()
    track = data.nla_tracks.new()
    track.name = track_name
    strip = track.strips.new(home.action.name, floor(begin), home.action)
    actions.give(strip, home)
    return strip


def add_strip(home: SlotRef, blend: float) -> None:
    """Add the keys at `home` to everything below them in the NLA, in a new strip or the additive one there is.

    Parameters
    ----------
    home : SlotRef
        What the strip plays.
    blend : float
        Frames over which the strip comes in and goes out; at most half its length.
    """
    begin, end = home.action.frame_range
    strip = additive_strip(home.block) or lay(home, TRACK, begin)
    _play(strip, home)
    strip.blend_type = (
        "COMBINE" if any(actions.is_quaternion(one.data_path) for one in home.existing_fcurves) else "ADD"
    )
    strip.extrapolation = "NOTHING"
    strip.blend_in = strip.blend_out = min(blend, (end - begin) / 2)


def hold(home: SlotRef, name: str) -> None:
    """Play the keys at `home` on a new track on top, held before and after them for all time."""
    lay(home, name, home.action.frame_range[0]).extrapolation = "HOLD"


def animated_places(block: bpy.types.ID) -> set[tuple[str, int]]:
    """Data paths and indices of everything that the Action in use or a strip of the NLA animates."""
    homes = [actions.slot_in_use(block), *(actions.home_in(strip, block) for strip in strips_of(block))]
    return {(one.data_path, one.array_index) for home in homes if home is not None for one in home.existing_fcurves}


def push_down(block: bpy.types.ID) -> str:
    """Move the Action in use into the NLA; returns the name of its track, "" when none was in use."""
    home = actions.slot_in_use(block)
    return "" if home is None else _push_down(home)


def keep_previous(block: bpy.types.ID, paths: Sequence[str]) -> str:
    """Keep the Action in use from being lost; returns a sentence on how, "" when none is in use.

    One that also animates other data paths than `paths` goes on doing so, as a strip in the NLA below the new Action.
    Any other gets a fake user, so that it is saved with the file.
    """
    data = block.animation_data
    if data is None or data.action is None:
        return ""
    action = data.action
    others = {curve.data_path for curve in actions.fcurves_of(block)} - set(paths)
    if others:
        _push_down(SlotRef(block, action, data.action_slot if actions.SLOTTED else None))
        return f"'{action.name}' (moved to the NLA, for it also moves {len(others)} other channels)"
    return actions.keep(action)


def _push_down(home: SlotRef) -> str:
    data = home.block.animation_data
    data.action = None
    track = data.nla_tracks.new()
    track.name = BEFORE
    _play(track.strips.new(home.action.name, round(home.action.frame_range[0]), home.action), home)
    return track.name


def _play(strip: bpy.types.NlaStrip, home: SlotRef) -> None:
    """Let a strip play the whole of an Action where its keys lie; one made without a slot is a single frame long."""
    begin, end = home.action.frame_range
    actions.give(strip, home)
    for first, last in (("action_frame_start", "action_frame_end"), ("frame_start", "frame_end")):
        for name, frame in ((last, end), (first, begin), (last, end)):  # Blender keeps each on its side of the other
            setattr(strip, name, frame)


def _tracks(block: bpy.types.ID) -> Sequence[bpy.types.NlaTrack]:
    return block.animation_data.nla_tracks if block.animation_data is not None else ()
