# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: what was there before a bake, back again, one bake after the other, as `records` remembers it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, ClassVar

import bpy

from ...inference.core.errors import FacewrightError, RigError
from ...inference.keys.records import unpack
from ..blender import actions, nla, saved_paths
from ..blender.actions import SlotRef
from ..character import character
from ..character.character import Part
from ..preview import preview
from . import edits, nla_additive, nla_poses, records
from .edits import Place
from .records import baked_home, forget

_OURS = re.compile(rf"({nla.TRACK}|{nla_additive.REST}|{nla.BEFORE})(\.\d+)?|{nla.POSE}.*")


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
    together = {name for _, home in baked for name in json.loads(records.record_of(home)["together"])}
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
    baked_actions: dict[bpy.types.Action, bool] = {}  # -> whether the artist worked in it since
    for part, home in reversed(baked):  # what was written last goes first, where several parts share a slot
        record = records.record_of(home)
        values = json.loads(record["values"])
        values |= nla_poses.take_along(home)
        if record["kind"] == "ACTION":
            baked_actions[home.action] = (
                baked_actions.get(home.action, False) or edits.count_edits(home) > record["edits"]
            )
            _restore_assignment(part, home, record)
        elif record["kind"] == "KEYS":
            _restore_keys(home, record)
        else:
            nla_poses.restore(home, record)
        for name, value in values.items():
            part.target.set_value(part.block, saved_paths.current(name), value)
        forget(home)
    kept = [_dispose(action, worked_in) for action, worked_in in baked_actions.items()]
    again = " Unbake again for the bake before it." if any(baked_home(part.block) for part in who.parts) else ""
    return " ".join(["Took the last bake back.", *filter(None, kept)]) + again


def abandon(home: SlotRef) -> None:
    """Put keys back that a bake took out of the Action in use before it failed."""
    _restore_keys(home, records.record_of(home))
    forget(home)


def _restore_assignment(part: Part, home: SlotRef, record: Any) -> None:
    block, data, names = part.block, part.block.animation_data, _renamed(home)
    if data.action is not None and data.action not in (home.action, record.get("action")):
        actions.keep(data.action)  # one that the artist laid over an added strip
    data.action = None
    for track in _laid_since(data, json.loads(record["tracks"])):
        _clear(data, track, record.get("action") if track.name.startswith(nla.BEFORE) else home.action)
    if record.get("added") is not None:
        nla.add_strip(actions.slot_by_key(block, record["added"], record["added_slot"]), 0)
    if record.get("action") is not None:
        before = actions.slot_by_key(block, record["action"], record["slot"])
        actions.assign(before)
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
    rests = track.name.startswith((nla_additive.REST, nla.POSES))  # a track with an Action of its own, made with it
    posed = track.name.startswith(nla.POSE)
    strip = next((one for one in track.strips if rests or posed or one.action == laid), None)
    action = strip.action if strip is not None else None
    if strip is not None:
        track.strips.remove(strip)
    if rests and action is not None and action != laid and action.users == 0:
        bpy.data.actions.remove(action)
    if not len(track.strips):
        data.nla_tracks.remove(track)


def _renamed(home: SlotRef) -> dict[Place, Place]:
    """Where curves lie now that lay elsewhere at the last bake: old place -> new place."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    names = edits.renamed(edits.baked_keys(home), curves)
    return {old: new for new, old in names.items() if edits.resolves(home.block, new)}


def _rename(home: SlotRef, names: dict[Place, Place]) -> None:
    """Let curves follow shape keys and bones that were renamed while the Action was not in use."""
    for curve in home.existing_fcurves if names else ():
        place = names.get((curve.data_path, curve.array_index))
        if place is not None:
            curve.data_path = place[0]


def _restore_keys(home: SlotRef, record: Any) -> None:
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    names = _renamed(home)
    stretches = unpack(record["keys"])
    for (name, stretch), limits in zip(stretches.items(), json.loads(record["limits"]), strict=True):
        index, path = name.split("|", 1)
        place = (saved_paths.current(path), int(index))
        place = names.get(place, place)
        curve = curves.get(place)
        now = actions.read(curve) if curve is not None else stretch[:0]
        actions.replace_keys(home, place, records.before_bake(now, stretch, limits), curve)
    edits.restore_memory(home, record["memory"])


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
            message = unbake(character.find(context.view_layer.objects.active, context.scene))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.scene.frame_set(context.scene.frame_current, subframe=context.scene.frame_subframe)
        self.report({"INFO"}, message)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_unbake,))
