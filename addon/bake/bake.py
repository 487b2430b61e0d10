# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its controls, in one undo step, around the artist's own keys."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError, MotionError
from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.keys.merge import EVERYWHERE, Span
from ...inference.keys.records import KEY
from ..adjust import evaluate
from ..blender import actions, nla, sequencer
from ..blender.actions import SlotRef
from ..blender.timeline import timeline_of
from ..character import character
from ..character.character import Part
from ..preview import preview
from ..takes import store
from . import edits, nla_additive, nla_poses, records, unbake
from .edits import CurveChange, Place
from .keys import Grid, at_rest, keys_of, lowered, shares
from .mode import ADDITIVE, EXISTING, NEW, SPARSE, STRIPS, BakeFields, Mode, chosen, show_on
from .report import BakeReport


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is to be done to one part: everything that may fail is behind it."""

    part: Part
    home: SlotRef | None
    changes: list[CurveChange]
    locked: list[CurveChange]
    copies: bool
    record: dict[str, Any]
    renamed: frozenset[Place]
    warnings: list[str]


def bake_motion(
    scene: bpy.types.Scene,
    who: character.Character,
    motion: Motion,
    *,
    frame: float,
    name: str,
    mode: Mode | None = None,
) -> BakeReport:
    """Key a motion on a character.

    Keys lie on whole frames, where the artist wants them; a start between frames shifts the values they take. Only few
    keys (`SPARSE`) hold closed lips between frames, too.

    Parameters
    ----------
    scene : bpy.types.Scene
        Gives the frame rate, and the markers that lock ranges.
    who : Character
        Gets the keys.
    motion : Motion
        Second 0 falls on `frame`.
    frame : float
        May lie between frames.
    name : str
        Of a new Action.
    mode : Mode, optional
        How; every frame into a new Action when not given.

    Raises
    ------
    FacewrightError
        When the character cannot be keyed, or the range lies outside the motion; nothing has changed then.
    """
    mode = mode or Mode()
    ensure_bakeable(who)
    grid = _grid(motion, timeline_of(scene, frame), edits.locked_ranges(scene), mode)
    if mode.into == STRIPS:
        return _bake_poses(scene, who, motion, grid, name, mode)
    own = [part.block for part in who.parts]
    plans = [_plan(part, motion, grid, mode, own) for part in who.parts]
    homes, previous = _write(scene, plans, name, mode)
    changes = [change for plan in plans for change in plan.changes]
    inside = [np.searchsorted(change.keys["co"][:, 0], grid.frames[[0, -1]] + (-0.5, 0.5)) for change in changes]
    return BakeReport(
        actions=tuple(dict.fromkeys(home.action.name for home in homes)),
        previous=tuple(dict.fromkeys(text for text in previous if text)),
        curves=len(changes),
        keys=int(sum(end - begin for begin, end in inside)),
        meshes=len(who.meshes),
        frames=(int(grid.frames[0]), int(grid.frames[-1])),
        warnings=tuple(text for plan in plans for text in plan.warnings),
        dense=len(changes) * len(grid.frames) if mode.keys == SPARSE else 0,
        kept=sum(change.kept for change in changes),
        kept_curves=sum(change.kept > 0 for change in changes),
        replaced=sum(change.replaced for change in changes),
        locked_curves=sum(len(plan.locked) for plan in plans),
        locked_ranges=sum(begin <= grid.frames[-1] and end >= grid.frames[0] for begin, end in grid.locked)
        if any(plan.copies or mode.into == EXISTING for plan in plans)
        else 0,
        into=mode.into,
    )


def _bake_poses(
    scene: bpy.types.Scene, who: character.Character, motion: Motion, grid: Grid, name: str, mode: Mode
) -> BakeReport:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, others = nla_poses.found(scene, who)
    if not others:
        return nla_poses.lay(poses, motion, grid, name, mode)
    rest = replace(who, parts=tuple(others))
    baked = bake_motion(scene, rest, motion, frame=grid.timeline.first_frame, name=name, mode=replace(mode, into=NEW))
    return nla_poses.joined(nla_poses.lay(poses, motion, grid, name, mode, baked.actions), baked)


def _grid(motion: Motion, timeline: Timeline, locked: Sequence[Span], mode: Mode) -> Grid:
    """The frames to be keyed."""
    first, last = timeline.whole_frames(motion.start, motion.end)
    begin, end = mode.span or (first, last)
    if begin > last or end < first:
        raise FacewrightError(
            f"Expected a range within the take, which lasts from frame {first} to {last}, got {begin} to {end}."
        )
    frames = np.arange(max(first, begin), min(last, end) + 1)
    return Grid(timeline, frames, np.ones(len(frames)), tuple(locked))


def _plan(part: Part, motion: Motion, grid: Grid, mode: Mode, own: Sequence[bpy.types.ID]) -> _Plan:
    """Work out the keys of a part around what is there; nothing is changed yet. `own` is all the bake may move."""
    home = edits.slot_to_protect(part, mode)
    places = [part.target.curve(part.block, name) for name in part.rig.controls]
    curves = {(one.data_path, one.array_index): one for one in home.existing_fcurves} if home else {}
    base = edits.baked_keys(home) if home else {}
    names = edits.follow_renames(home, base, curves) if home else {}
    shut = {place for place in places if place in curves and actions.is_locked(curves[place])}
    stays = bool(base or shut or grid.locked or mode.span or mode.into == EXISTING)  # what is there is the ground
    if not stays:
        home, curves, shut = None, {}, set()
    limits = (float(grid.frames[0]), float(grid.frames[-1]))
    span = limits if mode.span else EVERYWHERE
    if home is None:
        grid = replace(grid, locked=())
    else:
        blended = limits if mode.span or not base else EVERYWHERE
        grid = replace(grid, share=shares(grid.frames, blended, grid.locked, mode.blend))
    added = mode.into == ADDITIVE
    standing = [part.target.value(part.block, name) for name in part.rig.controls]
    rest = at_rest(part.rig, standing)
    if added:
        standing, rest = rest, nla_additive.above_nothing(part, rest)

    def before(target: int, frame: float) -> float:
        curve = curves.get(places[target])
        return standing[target] if curve is None else curve.evaluate(frame) + (rest[target] if added else 0.0)

    new = keys_of(part.rig, motion, grid, mode, before)
    if added:
        new = lowered(new, rest)
    changes, left = [], []
    for place, keys in zip(places, new, strict=True):
        now = actions.read(curves[place]) if place in curves else np.zeros(0, KEY)
        was = base.get(place)
        if place in shut:
            left.append(CurveChange(place, now, now, was if was is not None else now[:0], 0))
            continue
        done = edits.merged(now, keys, was, span, grid.locked, mode.keep_edits)
        replaced = (
            edits.count_removed(now, done.keys) if mode.into == EXISTING and (was is None or not mode.keep_edits) else 0
        )
        changes.append(CurveChange(place, now, done.keys, done.baked, done.kept, replaced))
    copies = home is not None and (mode.into != EXISTING or edits.plays_elsewhere(home, own))
    values = part.rig.evaluate(motion, grid.timeline, grid.frames)
    warnings = part.target.obstacles(part.obj, part.block, part.rig.controls, values)
    warnings += nla_additive.obstacles(part) if added else []
    warnings += edits.modified(part, [curves[place] for place in places if place in curves and place not in shut])
    record = records.note_assignment(part)
    return _Plan(part, home, changes, left, copies, record, frozenset(names.values()), warnings)


def _write(scene: bpy.types.Scene, plans: Sequence[_Plan], name: str, mode: Mode) -> tuple[list[SlotRef], list[str]]:
    """Carry the plans out. When anything fails the new Actions are gone again, and changed ones are as they were."""
    made: list[bpy.types.Action] = []
    in_place: list[SlotRef] = []
    together = [plan.part.obj.name for plan in plans]
    homes: list[SlotRef] = []
    try:
        copies: dict[bpy.types.Action, bpy.types.Action] = {}
        for plan in plans:
            if plan.home is not None and not plan.copies:
                records.keep_keys(plan.home, plan.changes, plan.record["values"], together)
                in_place.append(plan.home)
                homes.append(plan.home)
            elif plan.home is not None:
                source = plan.home.action
                if source not in copies:
                    copies[source] = source.copy()
                    copies[source].name = actions.name_for(name, plan.part.obj.name)
                    copies[source].use_fake_user = False
                    copies[source].pop(records.RECORD, None)  # what was before the source was before that
                    made.append(copies[source])
                homes.append(actions.slot_by_key(plan.part.block, copies[source], plan.home.mark))
            else:
                shared = made[0] if made else None
                homes.append(actions.new_slot(plan.part.block, plan.part.obj.name, name, shared))
                made += [homes[-1].action] if homes[-1].action not in made else []
            _fill(scene, homes[-1], plan)
    except BaseException:
        for home in reversed(in_place):
            with suppress(Exception):  # one that does not go back must not keep the others from it
                unbake.abandon(home)
        for action in made:
            bpy.data.actions.remove(action)
        raise
    previous = [_assign(plan, home, mode, together) for plan, home in zip(plans, homes, strict=True)]
    return homes, previous


def _fill(scene: bpy.types.Scene, home: SlotRef, plan: _Plan) -> None:
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    for change in plan.changes:
        actions.replace_keys(home, change.place, change.keys, curves.get(change.place))
    baked = {place: keys for place, keys in edits.baked_keys(home).items() if place not in plan.renamed}
    edits.remember(home, baked | {change.place: change.baked for change in plan.changes}, scene)


def _assign(plan: _Plan, home: SlotRef, mode: Mode, together: list[str]) -> str:
    """Let the part be animated by its new home, and say what became of the Action in use."""
    if home is plan.home:
        return ""
    records.keep_assignment(home, plan.record, together)
    if mode.into == ADDITIVE:
        return nla_additive.lay(plan.part, home, 0 if np.isnan(plan.part.rig.neutral).any() else mode.blend)
    if plan.home is not None:
        actions.assign(home)
        return actions.keep(plan.home.action)
    said = nla.keep_previous(plan.part.block, [change.place[0] for change in plan.changes])
    actions.assign(home)
    return said


def bake(scene: bpy.types.Scene, who: character.Character, mode: Mode | None = None) -> BakeReport:
    """Bake the take that was generated for a character, and end its preview.

    Raises
    ------
    FacewrightError
        When there is no take, or the character cannot be keyed; nothing has changed then.
    """
    take = store.get(who.root)
    if take is None:
        raise MotionError(f"There is no take for '{who.root.name}' yet. Generate one, or make one again under Takes.")
    ensure_bakeable(who)
    showing = preview.is_on(who.root)
    preview.stop(who.root)
    try:
        timeline = sequencer.speech_timeline(scene, take.speech)
        motion = evaluate.motion_of(scene, who.root, take, timeline)
        name = f"{who.root.name} {Path(take.speech.path).stem}"
        report = bake_motion(scene, who, motion, frame=timeline.first_frame, name=name, mode=mode)
    except BaseException:
        if showing:
            preview.start(scene, who, take)
        raise
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return replace(report, warnings=(*report.warnings, *evaluate.troubles(who.root)))


def ensure_bakeable(who: character.Character) -> None:
    """Raise an error that says what to do when a part cannot be keyed."""
    for part in who.parts:
        part.target.ensure_editable(part.obj, part.block)
        data = part.block.animation_data
        if data is not None and data.use_tweak_mode:
            raise FacewrightError(
                f"An NLA strip of '{part.obj.name}' is in tweak mode. Leave it (Tab in the Nonlinear Animation editor)."
            )


class FACEWRIGHT_OT_bake(BakeFields, bpy.types.Operator):
    """Write the take as keyframes on everything of the character that moves. The Action in use is kept"""

    bl_idname = "facewright.bake"
    bl_label = "Bake"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
        elif store.get(character.family_root(obj)) is None:
            cls.poll_message_set("Nothing to bake: press Generate first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            who = character.find(context.view_layer.objects.active, context.scene)
            mode = chosen(context.scene, self.properties)
            show_on(self.properties, context.scene)
            report = bake(context.scene, who, mode)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"WARNING" if report.warnings else "INFO"}, str(report))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_bake,))
