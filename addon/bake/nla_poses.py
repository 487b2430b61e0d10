# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses played through the NLA: a track for each pose with one strip of its Action, whose influence is keyed.

The pose Actions themselves are played, so a pose that is corrected later shows at once. Strips of an object combine,
each bone in its own way (quaternions are multiplied); those of shape keys add, since Blender takes their rest for 1
from 5.0 on. Below lies a strip that holds what nothing else animates where it stands without any pose.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.core.errors import RigError
from ...inference.core.parts import PARTS, channels_of_parts
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
from . import edits, influences, laid_lines
from . import records as bake_records
from .keys import Grid
from .mode import Mode
from .report import BakeReport, line_reports

KIND = "STRIPS"  # of records of what influences were before a bake


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


def weights(scene: bpy.types.Scene, who: Character, block: Any) -> Rig:
    """The rig that gives the poses of a data-block their weights; one without lines where no pose moves it."""
    every = mapping.stored(who.root) or family.matched(who.root, scene)
    poses = _poses(family.family(who.root, scene), every)
    return next((one.weights for one in poses if one.part.block == block), Rig(()))


def lay(
    poses: Sequence[Poses], grids: Sequence[Grid], name: str, mode: Mode, alone: bool, along: Sequence[str] = ()
) -> BakeReport:
    """Lay poses into the NLA, or key those anew that lie there, around what the artist edited.

    `alone` is whether the character has one line only and does not listen; `along` are the Actions made by the same
    bake: one Unbake takes both back.
    """
    together = [one.part.obj.name for one in poses]
    warnings = [
        text
        for one in poses
        for text in actions.obstacles(one.part.obj, one.part.block, one.part.rig.controls, np.zeros((0, 0)))
    ]
    changes = [change for one in poses for change in _lay(one, grids, name, mode, alone, along, together)]
    return BakeReport.of_changes(
        changes,
        np.unique(np.concatenate([grid.frames for grid in grids])),
        mode,
        keys=sum(len(one.keys) for one in changes),
        warnings=warnings,
        poses=len({one.place[0] for one in changes}),
        lines=line_reports(grids, changes),
    )


def _poses(members: list[bpy.types.Object], lines: Sequence[Line]) -> Iterator[Poses]:
    for controls in actions.found(members):
        own = reaching([line for line in lines if line.use], controls, actions.KIND)
        rig = actions.rig_for(controls, own)
        if rig.lines:
            poses = [actions.pose_of(bpy.data.actions[name], controls.block) for name in Rig(own).controls]
            places = frozenset(place for pose in poses for place in pose)
            yield Poses(Part(controls.obj, controls.block, actions, rig), Rig(own), places)


def _lay(
    poses: Poses, grids: Sequence[Grid], name: str, mode: Mode, alone: bool, along: Sequence[str], together: list[str]
) -> list[edits.CurveChange]:
    """Work out and write the influences of the poses of one data-block."""
    block = poses.part.block
    held = nla.poses_home(block)
    existing = influences.existing(held, block, poses.weights.controls)
    changes, locked = laid_lines.changes_of(influences.keyed(poses.weights), grids, mode, existing, alone)
    record: dict[str, Any] = bake_records.note_assignment(poses.part)
    if held is not None:
        record |= {
            "kind": KIND,
            "keys": pack(influences.keys(block)),
            "memory": bytes(held.action.get(influences.MEMORY, b"")),
        }
    _free(poses)
    record["along"] = next((one for one in along if one == keyframes.action_name(block)), "")
    baked = {change.place[0]: shape_only(change.baked) for change in (*changes, *locked)}
    held = held or _hold(poses, name, min(grid.span[0] for grid in grids))
    bake_records.keep_assignment(held, record, together)
    for change in changes:
        influences.write(block, bpy.data.actions[change.place[0]], change.keys)
    influences.remember(held, pack(baked))
    return changes


def restore(home: SlotRef, record: Any) -> None:
    """Put back the influences that a record keeps, and what animated the data-block then."""
    block, kept = home.block, unpack(bytes(record["keys"]))
    for pose in set(influences.laid(block)) - set(kept):
        influences.write(block, bpy.data.actions[pose], np.zeros(0, KEY))
    for pose, keys in kept.items():
        if pose in bpy.data.actions:
            influences.write(block, bpy.data.actions[pose], keys)
    influences.remember(home, bytes(record["memory"]))
    if record.get("action") is not None and not record.get("along"):
        keyframes.assign(keyframes.slot_by_key(block, record["action"], record["slot"]))
        if record["action"].library is None:
            record["action"].use_fake_user = record["fake"]


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
