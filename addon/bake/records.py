# SPDX-License-Identifier: GPL-3.0-or-later
"""What was there before a bake, remembered with the bake, so that Unbake can put it back.

A record lies on the Action that was baked, for each of its slots, so that it is saved with the file (what is put on the
data-blocks themselves is lost where they are library overrides): the Action and slot that were in use, the values set
by hand and the NLA tracks there were, or the keys that the bake took out of the Action in use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import bpy
import numpy as np

from ...inference.keys.records import frames, pack, unpack
from ..blender import actions, nla, saved_paths
from ..blender.actions import SlotRef
from ..character.character import Part
from ..character.family import data_blocks, family
from . import edits
from .edits import CurveChange, Place

RECORD = "facewright_before"  # custom property of Actions: slot and data-block -> what was there before
_BESIDE = 0.01  # frames; keys at least this far from the first and last that a bake changes are not its own


def _records(home: SlotRef) -> dict[str, Any]:
    return home.action[RECORD].to_dict() if RECORD in home.action else {}


def all_of(action: bpy.types.Action) -> list[Any]:
    """The records of the last bakes into an Action, one for each data-block."""
    return list(action.get(RECORD, {}).values())


def _new_key(home: SlotRef) -> str:
    """The key for a new record: slot and data-block, for one slot may animate several."""
    return f"{home.mark}|{home.block.name}"


def _key(home: SlotRef) -> str:
    """The key of the record of `home`, "" when there is none; its data-block may have been renamed since."""
    records = home.action.get(RECORD, {})
    known = next((key for mark in home.marks if (key := f"{mark}|{home.block.name}") in records), "")
    if known:
        return known
    users = bpy.data.user_map(subset={home.action}).get(home.action, ())
    names = {user.name for user in users if user.id_type == home.block.id_type}
    keys = [key.partition("|") for key in records]
    return next(("|".join((mark, name)) for mark, _, name in keys if mark in home.marks and name not in names), "")


def baked_home(block: bpy.types.ID) -> SlotRef | None:
    """Where the last bake of a data-block is that can be taken back; None when there is none."""
    homes = (actions.slot_in_use(block), nla.additive_home(block), nla.poses_home(block))
    return next((home for home in homes if home is not None and _key(home)), None)


def baked_homes(scene: bpy.types.Scene, root: bpy.types.Object) -> list[SlotRef]:
    """Where something of a character's family is baked that can be taken back."""
    homes = (baked_home(block) for block in data_blocks(family(root, scene)))
    return [home for home in homes if home is not None]


def record_of(home: SlotRef) -> Any:
    """What was there before the last bake into this place; None when nothing was baked."""
    key = _key(home)
    return home.action[RECORD][key] if key else None


def backup(action: bpy.types.Action, why: str) -> bpy.types.Action:
    """A copy of an Action with a fake user, named after it; Unbake is for the original alone."""
    copy = actions.backup(action, f"{action.name} {why}")
    copy.pop(RECORD, None)
    return copy


@contextmanager
def changed(home: SlotRef) -> Iterator[dict[str, Any]]:
    """The record of the last bake at `home`, which holds one, to be changed; it is written back at the end."""
    records, key = _records(home), _key(home)
    yield records[key]
    home.action[RECORD] = records


def note_assignment(part: Part) -> dict[str, Any]:
    """What animates a part and where its controls stand, before a bake gives it another Action."""
    data = part.block.animation_data
    home = actions.slot_in_use(part.block)
    record: dict[str, Any] = {
        "kind": "ACTION",
        "values": json.dumps({name: part.target.value(part.block, name) for name in part.rig.controls}),
        "animated": data is not None,
        "tracks": json.dumps([track.name for track in data.nla_tracks] if data else []),
    }
    if data is not None and data.action is not None:
        record |= {"action": data.action, "fake": data.action.use_fake_user, "slot": home.mark if home else ""}
    added = nla.additive_home(part.block)
    if added is not None:
        record |= {"added": added.action, "added_slot": added.mark}
    return record


def keep_assignment(home: SlotRef, record: dict[str, Any], together: list[str]) -> None:
    """Remember a record of `note_assignment` with the Action that the bake made.

    `together` are the names of all objects of the bake: they go back together.
    """
    record = {**record, "together": json.dumps(together)}
    records, key = _records(home), _key(home)
    if key:
        record["earlier"] = records.pop(key)
    home.action[RECORD] = {**records, _new_key(home): record}


def keep_keys(
    home: SlotRef,
    changes: list[CurveChange],
    values: str,
    together: list[str],
    backup: bpy.types.Action | None = None,
) -> None:
    """Remember what a bake is about to change inside an Action: the keys of the stretch that will differ.

    `values` are those of a record of `note_assignment`: what had no curve goes back to them. `backup` is a copy of the
    Action as it was, which goes when the bake is taken back.
    """
    stretches, limits = {}, []
    for change in changes:
        stretch, around = stretch_of(change.now, change.keys)
        if around:  # else the curve stays as it is
            stretches[f"{change.place[1]}|{change.place[0]}"] = stretch
            limits.append(around)
    record = {"kind": "KEYS", "keys": pack(stretches), "limits": json.dumps(limits), "memory": edits.memory(home)}
    record["values"] = values
    if backup is not None:
        record["backup"] = backup
    records, key = _records(home), _key(home)
    if key:
        record["earlier"] = records.pop(key)
    home.action[RECORD] = {**records, _new_key(home): record | {"together": json.dumps(together)}}


def stretch_of(was: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """The keys of a curve that others take the place of, and the frames between which they lie; none where all stay."""
    begin, end = _alike(was, keys)
    before, after = (one[begin : len(one) - end] for one in (was, keys))
    at = [*frames(before).tolist(), *frames(after).tolist()]
    return before, [min(at) - _BESIDE, max(at) + _BESIDE] if at else []


def _alike(now: np.ndarray, keys: np.ndarray) -> tuple[int, int]:
    """How many keys are the same at the beginning, and at the end."""
    count = min(len(now), len(keys))

    def same(a: np.ndarray, b: np.ndarray) -> int:
        equal = np.ones(count, bool)
        for field in now.dtype.names or ():
            alike = a[field] == b[field]
            equal &= alike if alike.ndim == 1 else alike.all(axis=1)
        return count if equal.all() else int(np.argmin(equal))

    begin = same(now[:count], keys[:count])
    return begin, min(same(now[::-1][:count], keys[::-1][:count]), count - begin)


def forget(home: SlotRef) -> None:
    """Drop the record of the last bake; the one before it counts again."""
    records = _records(home)
    key = _key(home)
    earlier = records.pop(key).get("earlier")
    if earlier:
        records[key] = earlier
    home.action[RECORD] = records


def sounds(home: SlotRef) -> str:
    """Where the sounds of the bakes at `home` lay, as `keep_sounds` kept it; "" when that is not known."""
    record = record_of(home)
    return "" if record is None else record.get("sounds", "")


def keep_sounds(home: SlotRef, text: str) -> None:
    """Remember with the last bake where the sounds lay of all that is baked at `home` now."""
    with changed(home) as record:
        record["sounds"] = text


def before_bake(now: np.ndarray, stretch: np.ndarray, limits: Sequence[float | None]) -> np.ndarray:
    """The keys of a curve with the stretch that a bake changed as it was; `limits` are the frames around that."""
    at, (low, high) = frames(now), limits
    before = now[at <= low + 1e-3] if low is not None else now[:0]
    after = now[at >= high - 1e-3] if high is not None else now[:0]
    return np.concatenate([before, stretch, after])


def carry(home: SlotRef, changes: Mapping[Place, tuple[np.ndarray, np.ndarray]]) -> None:
    """Keep the record of the last bake right when its keys are moved in time: what was there before it does not move.

    `changes` are the keys [dtype=KEY] before and after the move, by place as they were baked.
    """
    record = record_of(home)
    if record is None or record["kind"] != "KEYS":
        return  # another Action was in use, whose keys nobody moves
    held = zip(unpack(record["keys"]).items(), json.loads(record["limits"]), strict=True)
    stretches, limits = {}, {}
    for (saved, stretch), around in held:
        index, path = saved.split("|", 1)
        name = f"{index}|{saved_paths.current(path)}"
        stretches[name], limits[name] = stretch, around
    for (path, index), (now, new) in changes.items():
        name = f"{index}|{path}"
        was = before_bake(now, stretches.pop(name), limits.pop(name)) if name in stretches else now
        stretch, around = stretch_of(was, new)
        if around:
            stretches[name], limits[name] = stretch, around
    with changed(home) as record:
        record |= {"keys": pack(stretches), "limits": json.dumps([limits[name] for name in stretches])}
