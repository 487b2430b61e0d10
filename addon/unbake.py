# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: what was there before a bake, back again. Each data-block remembers it, one bake on top of the other.

A record is a custom property of the data-block, so it is saved with the file: the Action and slot that were in use, the
values that were set by hand, the NLA tracks that the bake made, or the keys it took out of the Action in use.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import bpy
import numpy as np

from ..inference.errors import FacewrightError, RigError
from ..inference.fcurve import frames, pack, unpack
from . import character, keyframes, preview, rebake
from .character import Part
from .keyframes import Home
from .rebake import Change

RECORD = "facewright_before"  # custom property of data-blocks


def _store(block: bpy.types.ID, record: dict[str, Any]) -> None:
    if RECORD in block:
        record["earlier"] = block[RECORD].to_dict()
    block[RECORD] = record


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


def keep_assignment(home: Home, record: dict[str, Any]) -> None:
    """Remember a record of `note_assignment`, which Action the bake made, and how many edits it holds already."""
    _store(home.block, {**record, "made": home.action, "made_slot": home.mark, "edits": rebake.touched(home)})


def keep_keys(home: Home, changes: list[Change]) -> None:
    """Remember what a bake is about to change inside an Action: the keys of the stretch that will differ."""
    stretches, limits = {}, []
    for change in changes:
        begin, end = _alike(change.now, change.keys)
        stretches[f"{change.place[1]}|{change.place[0]}"] = change.now[begin : len(change.now) - end]
        at = frames(change.now)
        limits.append([at[begin - 1] if begin else None, at[-end] if end else None])
    record = {"kind": "KEYS", "action": home.action, "slot": home.mark, "keys": pack(stretches)}
    _store(home.block, record | {"limits": json.dumps(limits), "memory": rebake.memory(home)})


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


def can(part: Part) -> bool:
    """Whether there is a bake to take back."""
    return RECORD in part.block


def unbake(who: character.Character) -> str:
    """Take the last bake back; returns what to tell the artist.

    Raises
    ------
    FacewrightError
        When there is none, or another Action is in use now; nothing has changed then.
    """
    parts = [part for part in who.parts if can(part)]
    if not parts:
        raise RigError(f"'{who.root.name}' holds no bake to take back.")
    strangers = [part.obj.name for part in parts if not _is_in_use(part)]
    if strangers:
        raise FacewrightError(
            f"'{strangers[0]}' is animated by another Action than the one that was baked. Put that one back in use "
            "first, so that no work of yours is lost."
        )
    for part in parts:
        part.target.ensure_editable(part.obj, part.block)
    preview.stop(who.root)
    made: dict[bpy.types.Action, bool] = {}  # -> whether the artist worked in it since
    for part in parts:
        record = part.block[RECORD]
        if record["kind"] == "ACTION":
            home = keyframes.home_by_mark(part.block, record["made"], record["made_slot"])
            made[home.action] = made.get(home.action, False) or rebake.touched(home) > record["edits"]
            _restore_assignment(part, record)
        else:
            _restore_keys(part, record)
        _forget(part.block)
    kept = [_dispose(action, worked_in) for action, worked_in in made.items()]
    again = " Unbake again for the bake before it." if any(can(part) for part in parts) else ""
    return " ".join(["Took the last bake back.", *filter(None, kept)]) + again


def abandon(part: Part) -> None:
    """Put keys back that a bake took out of the Action in use before it failed."""
    _restore_keys(part, part.block[RECORD])
    _forget(part.block)


def _forget(block: bpy.types.ID) -> None:
    record = block[RECORD]
    earlier = record["earlier"].to_dict() if "earlier" in record else None
    del block[RECORD]
    if earlier:
        block[RECORD] = earlier


def _is_in_use(part: Part) -> bool:
    record = part.block[RECORD]
    action = record.get("made" if record["kind"] == "ACTION" else "action")
    strip, data = keyframes.additive_strip(part.block), part.block.animation_data
    return action is not None and action in (data.action if data else None, strip.action if strip else None)


def _restore_assignment(part: Part, record: Any) -> None:
    block, data = part.block, part.block.animation_data
    if data.action is not None and data.action not in (record["made"], record.get("action")):
        data.action.use_fake_user = True  # one that the artist laid over an added strip
    data.action = None
    kept = json.loads(record["tracks"])
    for track in list(data.nla_tracks):
        if track.name.startswith((keyframes.TRACK, keyframes.BEFORE)) and track.name not in kept:
            data.nla_tracks.remove(track)
    if record.get("added") is not None:
        keyframes.add_strip(keyframes.home_by_mark(block, record["added"], record["added_slot"]), 0)
    if record.get("action") is not None:
        keyframes.assign(keyframes.home_by_mark(block, record["action"], record["slot"]))
        record["action"].use_fake_user = record["fake"]
    for name, value in json.loads(record["values"]).items():
        part.target.set_value(block, name, value)
    if not record["animated"] and not data.drivers and not data.nla_tracks:
        block.animation_data_clear()


def _restore_keys(part: Part, record: Any) -> None:
    home = keyframes.home_by_mark(part.block, record["action"], record["slot"])
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    stretches = unpack(record["keys"])
    for (name, stretch), (low, high) in zip(stretches.items(), json.loads(record["limits"]), strict=True):
        index, path = name.split("|", 1)
        curve = curves.get((path, int(index)))
        now = keyframes.read(curve) if curve is not None else stretch[:0]
        at = frames(now)
        before = now[at <= low + 1e-3] if low is not None else now[:0]
        after = now[at >= high - 1e-3] if high is not None else now[:0]
        keyframes.put(home, (path, int(index)), np.concatenate([before, stretch, after]), curve)
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
