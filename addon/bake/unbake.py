# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: what was there before a bake, back again, one bake after the other, as `records` remembers it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError, RigError
from ...inference.keys.merge import Span, count_edits
from ...inference.keys.records import unpack
from ...inference.retarget.performance import Placed
from ..adjust import performance
from ..blender import actions, nla, saved_paths
from ..blender.actions import SlotRef
from ..character import character, sharing
from ..character.character import Part
from ..dialogue import talk
from ..preview import preview
from ..takes import lines
from . import (
    copies,
    edits,
    influences,
    keyed,
    line_records,
    neighbours,
    nla_additive,
    nla_poses,
    records,
    spans,
    unbake_line,
)
from .edits import Place
from .keyed import Keyed
from .records import baked_home, forget
from .worked import hold, since_bake

_OURS = re.compile(rf"({nla.TRACK}|{nla_additive.REST}|{nla.BEFORE})(\.\d+)?|{nla.POSE}.*")


def unbake(who: character.Character, line: str = "") -> str:
    """Take the bake of a line back, or the last bake; returns what to tell the artist.

    Parameters
    ----------
    who : Character
    line : str
        Key of the line. Where it was not baked, or "", the last bake is taken back, whatever that was of.

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
    if line == talk.KEY and not any(line in spans.spans(home) for _, home in baked):
        raise RigError(f"The listening of '{who.root.name}' is not baked. Its lines are taken back by Unbake.")
    below = [(part, home) for part, home in baked if line and unbake_line.is_below(home, line)]
    if below:
        preview.stop(who.root)
        found = [(part, home, line, _lines_of(who, home, line), _keyed(who, part, home)) for part, home in below]
        kept = sum(unbake_line.take_out(*one) for one in found)
        return "Took this line back; the others stay." + (f" Kept {kept} keys of yours." if kept else "")
    for _, home in baked:
        copies.ensure_not_of_another(who, home)
    preview.stop(who.root)
    said = ["Took the last bake back.", *_copies_of_edits(baked)]
    new = dict.fromkeys(home.action for _, home in baked if _kind(home) == "ACTION")
    laid = {action: _worked_in(action, baked) for action in new}
    backups = {home.action: copy for _, home in baked if (copy := records.record_of(home).get("backup")) is not None}
    for part, home in reversed(baked):  # what was written last goes first, where several parts share a slot
        out = line_records.taken_out(home)
        said += _take_back(part, home)
        _take_out_again(who, part, out)
        while (spent := baked_home(part.block)) is not None and unbake_line.is_spent(spent):
            if _kind(spent) == "ACTION" and spent.action not in laid:
                laid[spent.action] = _worked_in(spent.action, [(part, spent)])
            out = line_records.taken_out(spent)
            said += _take_back(part, spent)
            _take_out_again(who, part, out)
    said += [_dispose(action, worked_in) for action, worked_in in laid.items()]
    for copy in [copy for action, copy in backups.items() if actions.is_like(copy, action)]:
        bpy.data.actions.remove(copy)
    said += [sharing.sentence(part, twins) for part, twins in sharing.shared(bpy.context.scene, who)]
    said += ["Unbake again for the bake before it."] if any(baked_home(part.block) for part in who.parts) else []
    return " ".join(filter(None, said))


def _lines_of(who: character.Character, home: SlotRef, line: str) -> dict[str, Placed]:
    """The lines of a character that have a take, by their keys, and what lies beneath; none where one lies alone."""
    if not neighbours.is_met(home, line):
        return {}
    return performance.all_placed(bpy.context.scene, who.root, lines.spoken(who.root))


def _keyed(who: character.Character, part: Part, home: SlotRef) -> Keyed:
    """What is keyed at `home`: the controls of a part, or the influences of its poses."""
    if nla.is_poses_home(home):
        return influences.keyed(nla_poses.weights(bpy.context.scene, who, home.block))
    return keyed.controls_of(part)


def _take_out_again(who: character.Character, part: Part, out: Sequence[str]) -> None:
    """Take lines out of an Action that is in use once more, which were taken out of those that took its place."""
    home = baked_home(part.block)
    if home is not None:
        for line in [one for one in out if one in spans.spans(home)]:
            unbake_line.take_out(part, home, line, _lines_of(who, home, line), _keyed(who, part, home))


def _kind(home: SlotRef) -> str:
    return records.record_of(home)["kind"]


def _take_back(part: Part, home: SlotRef) -> list[str]:
    """Put back what was there before the last bake of a part; returns sentences on what is kept besides."""
    record, kept = records.record_of(home), list[str]()
    values = json.loads(record["values"])
    poses = nla_poses.taken_with(home)
    kept += influences.keep_edited(poses) if poses is not None else []
    values |= nla_poses.take_along(home)
    if record["kind"] == "ACTION":
        kept += _restore_assignment(part, home, record)
    elif record["kind"] == "KEYS":
        _restore_keys(home, record, unbake_line.is_spent(home))
    else:
        nla_poses.restore(home, record)
    for name, value in values.items():
        part.target.set_value(part.block, saved_paths.current(name), value)
    forget(home)
    return kept


def abandon(home: SlotRef) -> None:
    """Put keys back that a bake took out of the Action in use before it failed."""
    _restore_keys(home, records.record_of(home), spent=False)
    forget(home)


def _restore_assignment(part: Part, home: SlotRef, record: Any) -> list[str]:
    block, data, names, kept = part.block, part.block.animation_data, _renamed(home), list[str]()
    artists = data.action if data.action not in (home.action, record.get("action")) else None  # over an added strip
    if artists is None or record.get("action") is not None:
        data.action = None
    if artists is not None and data.action is None:
        kept.append(f"The Action in use was {actions.keep(artists)}.")
    for track in _laid_since(data, json.loads(record["tracks"])):
        kept.append(_clear(data, track, record.get("action") if track.name.startswith(nla.BEFORE) else home.action))
    if record.get("added") is not None:
        nla.add_strip(actions.slot_by_key(block, record["added"], record["added_slot"]), 0)
    if record.get("action") is not None:
        before = actions.slot_by_key(block, record["action"], record["slot"])
        actions.assign(before)
        if before.action.library is None:
            before.action.use_fake_user = record["fake"]
            _rename(before, names)
    if not record["animated"] and data.action is None and not data.drivers and not data.nla_tracks:
        block.animation_data_clear()
    return kept


def _laid_since(data: bpy.types.AnimData, kept: list[str]) -> list[bpy.types.NlaTrack]:
    """Tracks of bakes above those that were there; several may have one name."""
    left, laid = Counter(kept), []
    for track in data.nla_tracks:
        left[track.name] -= 1
        if left[track.name] < 0 and _OURS.fullmatch(track.name):
            laid.append(track)
    return laid


def _clear(data: bpy.types.AnimData, track: bpy.types.NlaTrack, laid: bpy.types.Action | None) -> str:
    """Take the strip of a bake out of its track; the track goes unless the artist laid something into it.

    Returns a sentence on what the artist did to the strip or in its Action, and how that is kept.
    """
    rests = track.name.startswith((nla_additive.REST, nla.POSES))  # a track with an Action of its own, made with it
    posed = track.name.startswith(nla.POSE)
    strip = next((one for one in track.strips if rests or posed or one.action == laid), None)
    if strip is not None and not posed and any(len(curve.keyframe_points) for curve in strip.fcurves):
        track.name, track.mute = f"Unbaked {strip.name}", True
        return f"You keyed the strip '{strip.name}': it is kept, muted, in track '{track.name}'."
    action, said = strip.action if strip is not None else None, ""
    if strip is not None:
        track.strips.remove(strip)
    if rests and action is not None and action != laid:
        said = _dispose(action, since_bake(action) > 0)
    if not len(track.strips):
        data.nla_tracks.remove(track)
    return said


def _renamed(home: SlotRef) -> dict[Place, Place]:
    """Where curves lie now that lay elsewhere at the last bake: old place -> new place."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    names = edits.renamed(home, edits.baked_keys(home), curves)
    return {old: new for new, old in names.items() if edits.resolves(home.block, new)}


def _rename(home: SlotRef, names: dict[Place, Place]) -> None:
    """Let curves follow shape keys and bones that were renamed while the Action was not in use."""
    for curve in home.existing_fcurves if names else ():
        place = names.get((curve.data_path, curve.array_index))
        if place is not None:
            curve.data_path = place[0]


def _stretches(home: SlotRef, record: Any) -> Iterator[tuple[Place, np.ndarray, Span]]:
    """The curves that a bake changed: where each is now, its keys before, and the frames between which they lay."""
    names = _renamed(home)
    stretches = unpack(record["keys"])
    for (name, stretch), (low, high) in zip(stretches.items(), json.loads(record["limits"]), strict=True):
        index, path = name.split("|", 1)
        place = (saved_paths.current(path), int(index))
        span = (-np.inf if low is None else low, np.inf if high is None else high)
        yield names.get(place, place), stretch, span


def _copies_of_edits(baked: Sequence[tuple[Part, SlotRef]]) -> list[str]:
    """Copies of the Actions in use in which the artist worked on keys that an Unbake takes out; sentences on them."""
    counts: Counter[bpy.types.Action] = Counter()
    for _, home in baked:
        if _kind(home) == "KEYS":
            counts[home.action] += _edits_taken_out(home)
    said = []
    for action, count in (+counts).items():
        copy = records.backup(action, "unbaked")
        keys = "1 key" if count == 1 else f"{count} keys"
        said.append(f"Kept {keys} that you set or deleted since, in the copy '{copy.name}' with a fake user.")
    return said


def _edits_taken_out(home: SlotRef) -> int:
    """How many keys that the artist set or deleted since the last bake into an Action its Unbake takes out."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    base, then_at = edits.baked_keys(home), {new: old for old, new in _renamed(home).items()}
    return sum(
        count_edits(
            actions.read(curves[place]) if place in curves else before[:0], base[then_at.get(place, place)], span
        )
        for place, before, span in _stretches(home, records.record_of(home))
        if then_at.get(place, place) in base
    )


def _worked_in(action: bpy.types.Action, baked: Sequence[tuple[Part, SlotRef]]) -> bool:
    return since_bake(action, {home.mark: home for _, home in baked if home.action == action}) > 0


def _restore_keys(home: SlotRef, record: Any, spent: bool) -> None:
    """Put the keys back that a bake replaced; of one that is `spent` only the artist's own, beside those of now."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    known = unpack(record["memory"]) if record["memory"] else {}
    for place, stretch, (low, high) in [*_stretches(home, record)]:
        curve = curves.get(place)
        now = actions.read(curve) if curve is not None else stretch[:0]
        if spent:
            keys = unbake_line.with_own(now, stretch, known.get(f"{place[1]}|{place[0]}", stretch[:0]))
        else:
            keys = records.before_bake(now, stretch, (low, high))
        actions.replace_keys(home, place, keys, curve)
    if not spent or not record["memory"]:
        edits.restore_memory(home, record["memory"])


def _dispose(action: bpy.types.Action, worked_in: bool) -> str:
    """Remove the Action of a bake that nobody uses, unless the artist worked in it."""
    if worked_in:
        return hold(action)
    if action.users - action.use_fake_user > 0:
        return ""
    bpy.data.actions.remove(action)
    return ""
