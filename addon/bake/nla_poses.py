# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses played through the NLA: a track for each pose with one strip of its Action, whose influence is keyed.

The pose Actions themselves are played, so a pose that is corrected later shows at once. Strips of an object combine,
each bone in its own way (quaternions are multiplied); those of shape keys add, since Blender takes their rest for 1
from 5.0 on. Below lies a strip that holds what nothing else animates where it stands without any pose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.core.errors import RigError
from ...inference.core.parts import PARTS, channels_of_parts
from ...inference.keys.merge import count_edits
from ...inference.keys.records import KEY, pack, shape_only, unpack
from ...inference.retarget.rig import Line, Rig
from ..blender import actions as keyframes
from ..blender import nla
from ..blender.actions import SlotRef
from ..blender.numbers import number_at
from ..character import character, family, mapping
from ..character.character import Character, Part
from ..targets.control import reaching
from ..targets.kinds import actions
from . import edits, neighbours
from . import records as bake_records
from .keys import Grid, keys_of
from .merging import CurveKeys, Stretch
from .mode import Mode
from .report import BakeReport, line_reports

KIND = "STRIPS"  # of records of what influences were before a bake
MEMORY = "facewright_influences"  # custom property of its Action: packed keys of each pose


@dataclass(frozen=True, eq=False)
class Poses:
    """The poses of one data-block: what they move, and the rig that gives each its weight."""

    part: Part
    weights: Rig
    places: frozenset[tuple[str, int]]  # all that they key, moved or not


def found(scene: bpy.types.Scene, who: Character, parts: Collection[str]) -> tuple[list[Poses], list[Part]]:
    """The poses of a character that these parts of the face move, and its parts that no pose moves, baked as curves.

    Raises
    ------
    RigError
        When no pose is on.
    """
    channels = channels_of_parts(parts)
    every = mapping.stored(who.root) or family.matched(who.root, scene)
    lines = [line for line in every if line.channel in channels or set(parts) == set(PARTS)]
    members = family.family(who.root, scene)
    poses = list(_poses(members, lines))
    if not poses:
        raise RigError(
            f"'{who.root.name}' has no Actions that pose its mouth. Name them like Rhubarb's A to X or viseme_aa, "
            "choose them under Mapping, or bake into a new Action."
        )
    return poses, character.parts_for(members, [line for line in lines if line.kind != actions.KIND])


def lay(poses: Sequence[Poses], grids: Sequence[Grid], name: str, mode: Mode, along: Sequence[str] = ()) -> BakeReport:
    """Lay poses into the NLA, or key those anew that lie there, around what the artist edited.

    `along` are the Actions made by the same bake: one Unbake takes both back.
    """
    together = [one.part.obj.name for one in poses]
    warnings = [
        text
        for one in poses
        for text in actions.obstacles(one.part.obj, one.part.block, one.part.rig.controls, np.zeros((0, 0)))
    ]
    changes = [change for one in poses for change in _lay(one, grids, name, mode, along, together)]
    return BakeReport.of_changes(
        changes,
        np.unique(np.concatenate([grid.frames for grid in grids])),
        mode,
        keys=sum(len(one.keys) for one in changes),
        warnings=warnings,
        poses=len({one.place[0] for one in changes}),
        lines=line_reports(grids, changes),
    )


def influence(block: Any, pose: str, label: str = "") -> bpy.types.FCurve | None:
    """The F-curve of the influence of a pose's strip; None where the pose is not laid."""
    for track in block.animation_data.nla_tracks if block.animation_data else ():
        if track.name == (label or _label(pose)) and track.strips:
            return track.strips[0].fcurves.find("influence")
    return None


def _poses(members: list[bpy.types.Object], lines: Sequence[Line]) -> Iterator[Poses]:
    for controls in actions.found(members):
        own = reaching([line for line in lines if line.use], controls, actions.KIND)
        rig = actions.rig_for(controls, own)
        if rig.lines:
            poses = [actions.pose_of(bpy.data.actions[name], controls.block) for name in Rig(own).controls]
            places = frozenset(place for pose in poses for place in pose)
            yield Poses(Part(controls.obj, controls.block, actions, rig), Rig(own), places)


def _lay(
    poses: Poses, grids: Sequence[Grid], name: str, mode: Mode, along: Sequence[str], together: list[str]
) -> list[edits.CurveChange]:
    """Work out and write the influences of the poses of one data-block."""
    block = poses.part.block
    held = nla.poses_home(block)
    grids = neighbours.among(grids, neighbours.baked_at(held))
    base = remembered(held)
    curves = [influence(block, pose) for pose in poses.weights.controls]

    def before(target: int, frame: float) -> float:
        curve = curves[target]
        return 0.0 if curve is None else curve.evaluate(frame)

    keys_of_lines = []
    for grid in grids:
        there = [None if grid.line.beneath else curve for curve in curves]
        around = [[np.nan if curve is None else curve.evaluate(frame) for curve in there] for frame in grid.span]
        keys_of_lines.append(keys_of(poses.weights, grid, mode, before, np.array(around)))
    changes = []
    for pose, curve, *new in zip(poses.weights.controls, curves, *keys_of_lines, strict=True):
        now = keyframes.read(curve) if curve is not None else np.zeros(0, KEY)
        was = CurveKeys(now, base.get(pose, now[:0]))
        stretches = [Stretch(grid.span, locked=grid.locked) for grid in grids]
        locks = curve is not None and curve.lock
        done = was if locks else was.with_lines(list(zip(new, stretches, strict=True)), mode.keep_edits)
        assert done.baked is not None  # it never was
        changes.append(edits.CurveChange((pose, 0), now, done.keys, done.baked, done.kept))
    record: dict[str, Any] = bake_records.note_assignment(poses.part)
    if held is not None:
        kept = {pose: keyframes.read(curve) for pose in laid(block) if (curve := influence(block, pose)) is not None}
        record |= {"kind": KIND, "keys": pack(kept), "memory": bytes(held.action.get(MEMORY, b""))}
    _free(poses)
    record["along"] = next((one for one in along if one == keyframes.action_name(block)), "")
    held = held or _hold(poses, name, min(grid.span[0] for grid in grids))
    bake_records.keep_assignment(held, record, together)
    for change in changes:
        _write(block, bpy.data.actions[change.place[0]], change.keys)
    _remember(held, pack({change.place[0]: shape_only(change.baked) for change in changes}))
    return changes


def keep_edited(home: SlotRef) -> list[str]:
    """Copies, muted, of the strips whose influence the artist keyed since the bake; sentences on them."""
    base, said = remembered(home), []
    for pose in laid(home.block):
        curve = influence(home.block, pose)
        count = count_edits(keyframes.read(curve), base[pose]) if curve is not None and pose in base else 0
        if curve is not None and count:
            label = _free_label(home.block, pose)
            _write(home.block, bpy.data.actions[pose], keyframes.read(curve), label)
            home.block.animation_data.nla_tracks[-1].mute = True
            said.append(f"Kept your keys on the influence of '{pose}' in a muted track '{label}'.")
    return said


def _free_label(block: Any, pose: str) -> str:
    """A name for a track that no track has."""
    taken = {track.name for track in block.animation_data.nla_tracks}
    label = f"Unbaked {pose}".encode()[:58].decode(errors="ignore")
    return next(one for one in (label, *(f"{label} {k}" for k in range(2, len(taken) + 3))) if one not in taken)


def remembered(home: SlotRef | None) -> dict[str, np.ndarray]:
    """What was baked last into the influence of each pose."""
    try:
        return unpack(bytes(home.action[MEMORY])) if home is not None and home.action.get(MEMORY) else {}
    except ValueError:  # cut off by an earlier version
        return {}


def _remember(home: SlotRef, packed: bytes) -> None:
    home.action.pop(MEMORY, None)  # Blender cuts bytes that take the place of others at their first zero
    home.action[MEMORY] = packed


def restore(home: SlotRef, record: Any) -> None:
    """Put back the influences that a record keeps, and what animated the data-block then."""
    block, kept = home.block, unpack(bytes(record["keys"]))
    for track in [one for one in block.animation_data.nla_tracks if one.name in map(_label, laid(block))]:
        if not any(track.name == _label(pose) for pose in kept):
            block.animation_data.nla_tracks.remove(track)
    for pose, keys in kept.items():
        if pose in bpy.data.actions:
            _write(block, bpy.data.actions[pose], keys)
    _remember(home, bytes(record["memory"]))
    if record.get("action") is not None and not record.get("along"):
        keyframes.assign(keyframes.slot_by_key(block, record["action"], record["slot"]))
        if record["action"].library is None:
            record["action"].use_fake_user = record["fake"]


def work_over(home: SlotRef, work: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> None:
    """Change the influences of the poses, but for locked ones.

    `work` gives the new keys of a curve and what is remembered of it, given these as they are [all dtype=KEY].
    """
    known, nothing = remembered(home), np.zeros(0, KEY)
    for pose in laid(home.block):
        curve = influence(home.block, pose)
        if curve is not None and not curve.lock:
            keys, known[pose] = work(keyframes.read(curve), known.get(pose, nothing))
            _write(home.block, bpy.data.actions[pose], keys)
    _remember(home, pack(known))


def taken_with(home: SlotRef) -> SlotRef | None:
    """The poses that go when the bake at `home` is taken back: it laid them, or made them along with its curves."""
    poses = nla.poses_home(home.block)
    if poses is None or poses.action == home.action:
        return poses
    record = bake_records.record_of(poses)
    return poses if record is not None and record.get("along") == home.action.name else None


def take_along(home: SlotRef) -> dict[str, float]:
    """Take back the strips that were laid by the bake that made an Action; says where what they moved stood before."""
    poses = taken_with(home)
    if poses is None or poses.action == home.action:
        return {}
    record = bake_records.record_of(poses)
    values = json.loads(record["values"])
    if record["kind"] == KIND:  # those of the first bake go with their tracks
        restore(poses, record)
        bake_records.forget(poses)
    return values


def laid(block: Any) -> list[str]:
    """The poses that lie in the NLA of a data-block."""
    tracks = block.animation_data.nla_tracks if block.animation_data else ()
    return [
        track.strips[0].action.name
        for track in tracks
        if track.name.startswith(f"{nla.POSE} ") and track.strips and track.strips[0].action is not None
    ]


def _free(poses: Poses) -> None:
    """Take an Action out of use that animates what the poses move: it would win over the strips."""
    block, part = poses.part.block, poses.part
    places = [part.target.curve(block, one) for one in part.rig.controls]
    if {(one.data_path, one.array_index) for one in keyframes.fcurves_of(block)}.intersection(places):
        nla.keep_previous(block, [path for path, _ in places])
        block.animation_data.action = None


def _hold(poses: Poses, name: str, begin: float) -> SlotRef:
    """A strip that holds the values which nothing animates: at rest, or where they stand if no pose moves them."""
    block, part = poses.part.block, poses.part
    places = [part.target.curve(block, one) for one in part.rig.controls]
    rest = part.rig.neutral.tolist()
    holds = {place: number_at(block, place) for place in poses.places} | dict(zip(places, rest, strict=True))
    animated = nla.animated_places(block)
    made = keyframes.new_slot(block, poses.part.obj.name, f"{name} poses", None)
    still = {place: value for place, value in holds.items() if place not in animated}
    edits.hold_still(made, still, begin)
    nla.hold(made, nla.POSES)
    return made


def _write(block: Any, action: bpy.types.Action, keys: np.ndarray, label: str = "") -> None:
    """Make these the keys of the influence of a pose, on a strip that reaches from the first to the last."""
    label = label or _label(action.name)
    curve = influence(block, action.name, label)
    if not len(keys):
        return
    if curve is None:
        home = actions.home_in(action, block)
        assert home is not None  # or it would be no pose of this data-block
        strip = nla.lay(home, label, keys["co"][0, 0])
        strip.blend_type = "ADD" if isinstance(block, bpy.types.Key) else "COMBINE"
        strip.extrapolation, strip.use_animated_influence = "NOTHING", True
        curve = strip.fcurves.find("influence")
    strip = next(one for one in block.animation_data.nla_tracks if one.name == label).strips[0]
    begin, end = float(keys["co"][0, 0]), max(float(keys["co"][-1, 0]), float(keys["co"][0, 0]) + 1)
    strip.frame_start = begin
    strip.scale = (end - begin) / max(strip.action_frame_end - strip.action_frame_start, 1e-3)
    strip.frame_end = end
    keyframes.write(curve, keys)


def _label(pose: str) -> str:
    """What the track of a pose is called; Blender cuts names off at 63 bytes."""
    return f"{nla.POSE} {pose}".encode()[:63].decode(errors="ignore")
