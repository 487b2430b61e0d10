# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: what was there before a bake, back again, one bake after the other.

A record lies on the Action that was baked, for each of its slots, so that it is saved with the file (what is put on the
data-blocks themselves is lost where they are library overrides): the Action and slot that were in use, the values set
by hand and the NLA tracks there were, or the keys that the bake took out of the Action in use.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import import_module
from typing import Any, ClassVar

import bpy
import numpy as np

from ..inference.errors import FacewrightError, RigError
from ..inference.fcurve import frames, pack, unpack
from . import additive, character, keyframes, preview, rebake
from .character import Part
from .keyframes import Home
from .rebake import Change, Place

RECORD = "facewright_before"  # custom property of Actions: slot and data-block -> what was there before

_OURS = re.compile(rf"({keyframes.TRACK}|{additive.REST}|{keyframes.BEFORE})(\.\d+)?|{keyframes.POSE}.*")


def _records(home: Home) -> dict[str, Any]:
    return home.action[RECORD].to_dict() if RECORD in home.action else {}


def _new_key(home: Home) -> str:
    """Where the record of a data-block lies: one slot may move several."""
    return f"{home.mark}|{home.block.name}"


def _key(home: Home) -> str:
    """Where its record lies, "" when there is none. A data-block may have been renamed since."""
    records = home.action.get(RECORD, {})
    if _new_key(home) in records:
        return _new_key(home)
    users = bpy.data.user_map(subset={home.action}).get(home.action, ())
    names = {user.name for user in users if user.id_type == home.block.id_type}
    keys = [key.partition("|") for key in records]
    return next(("|".join((mark, name)) for mark, _, name in keys if mark == home.mark and name not in names), "")


def baked_home(block: bpy.types.ID) -> Home | None:
    """Where the last bake of a data-block lives that can be taken back."""
    homes = (keyframes.home_of(block), keyframes.additive_home(block), keyframes.poses_home(block))
    return next((home for home in homes if home is not None and _key(home)), None)


def record_of(home: Home) -> Any | None:
    """What was there before the last bake into this place; None when nothing was baked."""
    key = _key(home)
    return home.action[RECORD][key] if key else None


def note_assignment(part: Part) -> dict[str, Any]:
    """What animates a part and where its controls stand, before a bake gives it another Action."""
    data = part.block.animation_data
    home = keyframes.home_of(part.block)
    record: dict[str, Any] = {
        "kind": "ACTION",
        "values": json.dumps({name: part.target.value(part.block, name) for name in part.rig.targets}),
        "animated": data is not None,
        "tracks": json.dumps([track.name for track in data.nla_tracks] if data else []),
    }
    if data is not None and data.action is not None:
        record |= {"action": data.action, "fake": data.action.use_fake_user, "slot": home.mark if home else ""}
    added = keyframes.additive_home(part.block)
    if added is not None:
        record |= {"added": added.action, "added_slot": added.mark}
    return record


def keep_assignment(home: Home, record: dict[str, Any], together: list[str]) -> None:
    """Remember a record of `note_assignment` with the Action that the bake made, and how many edits that holds already.

    `together` are the names of all objects of the bake: they go back together.
    """
    record = {**record, "edits": rebake.touched(home), "together": json.dumps(together)}
    records, key = _records(home), _key(home)
    if key:
        record["earlier"] = records.pop(key)
    home.action[RECORD] = {**records, _new_key(home): record}


def keep_keys(home: Home, changes: list[Change], values: str, together: list[str]) -> None:
    """Remember what a bake is about to change inside an Action: the keys of the stretch that will differ.

    `values` are those of a record of `note_assignment`: what had no curve goes back to them.
    """
    stretches, limits = {}, []
    for change in changes:
        begin, end = _alike(change.now, change.keys)
        stretches[f"{change.place[1]}|{change.place[0]}"] = change.now[begin : len(change.now) - end]
        at = frames(change.now)
        limits.append([at[begin - 1] if begin else None, at[-end] if end else None])
    record = {"kind": "KEYS", "keys": pack(stretches), "limits": json.dumps(limits), "memory": rebake.memory(home)}
    record["values"] = values
    records, key = _records(home), _key(home)
    if key:
        record["earlier"] = records.pop(key)
    home.action[RECORD] = {**records, _new_key(home): record | {"together": json.dumps(together)}}


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


def unbake(who: character.Character) -> str:
    """Take the last bake back; returns what to tell the artist.

    Raises
    ------
    FacewrightError
        When there is none, or another Action is in use now; nothing has changed then.
    """
    baked = [(part, home) for part in who.parts if (home := baked_home(part.block)) is not None]
    if not baked:
        raise RigError(f"'{who.root.name}' holds no bake to take back.")
    together = {name for _, home in baked for name in json.loads(home.action[RECORD][_key(home)]["together"])}
    found = {part.obj.name for part, _ in baked}
    strangers = [part.obj.name for part in who.parts if part.obj.name in together - found]
    if strangers:
        raise FacewrightError(
            f"'{strangers[0]}' is animated by another Action than the one that was baked. Put that one back in use "
            "first, so that no work of yours is lost."
        )
    for part, _ in baked:
        part.target.ensure_editable(part.obj, part.block)
    preview.stop(who.root)
    pose_strips: Any = import_module(".pose_strips", __package__)  # it lays strips by the records of this file
    made: dict[bpy.types.Action, bool] = {}  # -> whether the artist worked in it since
    for part, home in reversed(baked):  # what was written last goes first, where several parts share a slot
        record = home.action[RECORD][_key(home)]
        values = json.loads(record["values"])
        values |= pose_strips.take_along(home)
        if record["kind"] == "ACTION":
            made[home.action] = made.get(home.action, False) or rebake.touched(home) > record["edits"]
            _restore_assignment(part, home, record)
        elif record["kind"] == "KEYS":
            _restore_keys(home, record)
        else:
            pose_strips.restore(home, record)
        for name, value in values.items():
            part.target.set_value(part.block, name, value)
        forget(home)
    kept = [_dispose(action, worked_in) for action, worked_in in made.items()]
    again = " Unbake again for the bake before it." if any(baked_home(part.block) for part in who.parts) else ""
    return " ".join(["Took the last bake back.", *filter(None, kept)]) + again


def abandon(home: Home) -> None:
    """Put keys back that a bake took out of the Action in use before it failed."""
    _restore_keys(home, home.action[RECORD][_key(home)])
    forget(home)


def forget(home: Home) -> None:
    """Drop the record of the last bake; the one before it counts again."""
    records = _records(home)
    key = _key(home)
    earlier = records.pop(key).get("earlier")
    if earlier:
        records[key] = earlier
    home.action[RECORD] = records


def _restore_assignment(part: Part, home: Home, record: Any) -> None:
    block, data, names = part.block, part.block.animation_data, _renamed(home)
    if data.action is not None and data.action not in (home.action, record.get("action")):
        keyframes.keep(data.action)  # one that the artist laid over an added strip
    data.action = None
    for track in _laid_since(data, json.loads(record["tracks"])):
        _clear(data, track, record.get("action") if track.name.startswith(keyframes.BEFORE) else home.action)
    if record.get("added") is not None:
        keyframes.add_strip(keyframes.home_by_mark(block, record["added"], record["added_slot"]), 0)
    if record.get("action") is not None:
        before = keyframes.home_by_mark(block, record["action"], record["slot"])
        keyframes.assign(before)
        if before.action.library is None:
            before.action.use_fake_user = record["fake"]
            _rename(before, names)
    if not record["animated"] and not data.drivers and not data.nla_tracks:
        block.animation_data_clear()


def _laid_since(data: bpy.types.AnimData, kept: list[str]) -> list[bpy.types.NlaTrack]:
    """Tracks of bakes above those that were there; several may have one name."""
    left, laid = Counter(kept), []
    for track in data.nla_tracks:
        left[track.name] -= 1
        if left[track.name] < 0 and _OURS.fullmatch(track.name):
            laid.append(track)
    return laid


def _clear(data: bpy.types.AnimData, track: bpy.types.NlaTrack, laid: bpy.types.Action | None) -> None:
    """Take the strip of a bake out of its track; the track goes unless the artist laid something into it."""
    rests = track.name.startswith((additive.REST, keyframes.POSES))  # a track with an Action of its own, made with it
    posed = track.name.startswith(keyframes.POSE)
    strip = next((one for one in track.strips if rests or posed or one.action == laid), None)
    action = strip.action if strip is not None else None
    if strip is not None:
        track.strips.remove(strip)
    if rests and action is not None and action != laid and action.users == 0:
        bpy.data.actions.remove(action)
    if not len(track.strips):
        data.nla_tracks.remove(track)


def _renamed(home: Home) -> dict[Place, Place]:
    """Where curves lie now that lay elsewhere at the last bake: old place -> new place."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.kept_fcurves}
    names = rebake.renamed(rebake.remembered(home), curves)
    return {old: new for new, old in names.items() if rebake.resolves(home.block, new)}


def _rename(home: Home, names: dict[Place, Place]) -> None:
    """Let curves follow shape keys and bones that were renamed while the Action was not in use."""
    for curve in home.kept_fcurves if names else ():
        place = names.get((curve.data_path, curve.array_index))
        if place is not None:
            curve.data_path = place[0]


def _restore_keys(home: Home, record: Any) -> None:
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    names = _renamed(home)
    stretches = unpack(record["keys"])
    for (name, stretch), (low, high) in zip(stretches.items(), json.loads(record["limits"]), strict=True):
        index, path = name.split("|", 1)
        place = names.get((path, int(index)), (path, int(index)))
        curve = curves.get(place)
        now = keyframes.read(curve) if curve is not None else stretch[:0]
        at = frames(now)
        before = now[at <= low + 1e-3] if low is not None else now[:0]
        after = now[at >= high - 1e-3] if high is not None else now[:0]
        keyframes.put(home, place, np.concatenate([before, stretch, after]), curve)
    rebake.restore_memory(home, record["memory"])


def _dispose(action: bpy.types.Action, worked_in: bool) -> str:
    """Remove the Action of a bake that nobody uses, unless the artist worked in it."""
    if action.users - action.use_fake_user > 0:
        return ""
    if worked_in:
        action.use_fake_user = True
        return f"'{action.name}' has keys that you changed, and is kept with a fake user."
    bpy.data.actions.remove(action)
    return ""


class FACEWRIGHT_OT_unbake(bpy.types.Operator):
    """Put back what was there before the last bake: Action, slots, NLA, keys and values"""

    bl_idname = "facewright.unbake"
    bl_label = "Unbake"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            said = unbake(character.find(context.view_layer.objects.active, context.scene))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.scene.frame_set(context.scene.frame_current, subframe=context.scene.frame_subframe)
        self.report({"INFO"}, said)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_unbake,))
