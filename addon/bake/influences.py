# SPDX-License-Identifier: GPL-3.0-or-later
"""The influences of the poses in the NLA, as curves: where each is keyed, and what was baked into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import bpy
import numpy as np

from ...inference.keys.merge import count_edits
from ...inference.keys.records import KEY, pack, unpack
from ...inference.retarget.rig import Rig
from ..blender import actions as keyframes
from ..blender import nla
from ..blender.actions import SlotRef
from ..targets.kinds import actions
from .keyed import Keyed
from .laid_lines import Existing

MEMORY = "facewright_influences"  # custom property of its Action: packed keys of each pose


def influence(block: Any, pose: str, track: str = "") -> bpy.types.FCurve | None:
    """The F-curve of the influence of a pose's strip; None where the pose is not laid."""
    for one in block.animation_data.nla_tracks if block.animation_data else ():
        if one.name == (track or label(pose)) and one.strips:
            return one.strips[0].fcurves.find("influence")
    return None


def laid(block: Any) -> list[str]:
    """The poses that lie in the NLA of a data-block."""
    tracks = block.animation_data.nla_tracks if block.animation_data else ()
    return [
        track.strips[0].action.name
        for track in tracks
        if track.name.startswith(f"{nla.POSE} ") and track.strips and track.strips[0].action is not None
    ]


def keys(block: Any) -> dict[str, np.ndarray]:
    """The keys of all influences [dtype=KEY], by pose."""
    found = {pose: influence(block, pose) for pose in laid(block)}
    return {pose: keyframes.read(curve) for pose, curve in found.items() if curve is not None}


def keyed(weights: Rig) -> Keyed:
    """The influences of poses, given the rig that gives each its weight."""
    none = [0.0] * len(weights.controls)
    return Keyed(weights, tuple((pose, 0) for pose in weights.controls), none, none, lambda: none)


def existing(home: SlotRef | None, block: Any, poses: Iterable[str]) -> Existing:
    """The influences of poses, as they are keyed and were baked."""
    found = {(pose, 0): influence(block, pose) for pose in poses}
    curves = {place: curve for place, curve in found.items() if curve is not None}
    baked = {(pose, 0): known for pose, known in remembered(home).items()}
    return Existing(home, curves, baked, {}, frozenset(place for place, curve in curves.items() if curve.lock))


def remembered(home: SlotRef | None) -> dict[str, np.ndarray]:
    """What was baked last into the influence of each pose."""
    try:
        return unpack(bytes(home.action[MEMORY])) if home is not None and home.action.get(MEMORY) else {}
    except ValueError:  # cut off by an earlier version
        return {}


def remember(home: SlotRef, packed: bytes) -> None:
    """Remember what was baked into the influences, packed."""
    home.action.pop(MEMORY, None)  # Blender cuts bytes that take the place of others at their first zero
    home.action[MEMORY] = packed


def work_over(home: SlotRef, work: Callable[[str, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> None:
    """Change the influences of the poses, but for locked ones.

    `work` gives the new keys of a curve and what is remembered of it, given the pose and these as they are [all
    dtype=KEY].
    """
    known, nothing = remembered(home), np.zeros(0, KEY)
    for pose in laid(home.block):
        curve = influence(home.block, pose)
        if curve is not None and not curve.lock:
            keys, known[pose] = work(pose, keyframes.read(curve), known.get(pose, nothing))
            write(home.block, bpy.data.actions[pose], keys)
    remember(home, pack(known))


def keep_edited(home: SlotRef) -> list[str]:
    """Copies, muted, of the strips whose influence the artist keyed since the bake; sentences on them."""
    base, said = remembered(home), []
    for pose in laid(home.block):
        curve = influence(home.block, pose)
        count = count_edits(keyframes.read(curve), base[pose]) if curve is not None and pose in base else 0
        if curve is not None and count:
            track = _free_label(home.block, pose)
            write(home.block, bpy.data.actions[pose], keyframes.read(curve), track)
            home.block.animation_data.nla_tracks[-1].mute = True
            said.append(f"Kept your keys on the influence of '{pose}' in a muted track '{track}'.")
    return said


def write(block: Any, action: bpy.types.Action, keys: np.ndarray, track: str = "") -> None:
    """Make these the keys of the influence of a pose, on a strip that reaches from the first to the last."""
    track = track or label(action.name)
    curve = influence(block, action.name, track)
    if not len(keys):
        if curve is not None:
            block.animation_data.nla_tracks.remove(_track(block, track))
        return
    if curve is None:
        home = actions.home_in(action, block)
        assert home is not None  # or it would be no pose of this data-block
        strip = nla.lay(home, track, keys["co"][0, 0])
        strip.blend_type = "ADD" if isinstance(block, bpy.types.Key) else "COMBINE"
        strip.extrapolation, strip.use_animated_influence = "NOTHING", True
        curve = strip.fcurves.find("influence")
    strip = _track(block, track).strips[0]
    begin, end = float(keys["co"][0, 0]), max(float(keys["co"][-1, 0]), float(keys["co"][0, 0]) + 1)
    strip.frame_start = begin
    strip.scale = (end - begin) / max(strip.action_frame_end - strip.action_frame_start, 1e-3)
    strip.frame_end = end
    keyframes.write(curve, keys)


def _track(block: Any, name: str) -> bpy.types.NlaTrack:
    return next(one for one in block.animation_data.nla_tracks if one.name == name)


def _free_label(block: Any, pose: str) -> str:
    """A name for a track that no track has."""
    taken = {track.name for track in block.animation_data.nla_tracks}
    name = f"Unbaked {pose}".encode()[:58].decode(errors="ignore")
    return next(one for one in (name, *(f"{name} {k}" for k in range(2, len(taken) + 3))) if one not in taken)


def label(pose: str) -> str:
    """What the track of a pose is called; Blender cuts names off at 63 bytes."""
    return f"{nla.POSE} {pose}".encode()[:63].decode(errors="ignore")
