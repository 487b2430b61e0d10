# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its controls, in one undo step, around the artist's own keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError, MotionError
from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.keys.merge import Span
from ..adjust import evaluate
from ..blender import nla, sequencer
from ..blender.sequencer import Speech
from ..blender.timeline import timeline_of
from ..character import character
from ..preview import preview
from ..takes import store
from . import edits, nla_poses, sound_places
from .keys import Grid
from .mode import EXISTING, NEW, STRIPS, BakeFields, Mode, chosen, show_on
from .plan import plan_part
from .report import BakeReport
from .write import write


def bake_motion(
    scene: bpy.types.Scene,
    who: character.Character,
    motion: Motion,
    *,
    frame: float,
    name: str,
    mode: Mode | None = None,
    speech: Speech | None = None,
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
    speech : Speech, optional
        The sound of the motion, and how fast it is heard. Where it lies is remembered with the keys, so that they can
        go with it when it is moved.

    Raises
    ------
    FacewrightError
        When the character cannot be keyed, or the range lies outside the motion; nothing has changed then.
    """
    mode = mode or Mode()
    ensure_bakeable(who)
    timeline = timeline_of(scene, frame) if speech is None else replace(speech, frame=frame).timeline(scene)
    grid = _grid(motion, timeline, edits.locked_ranges(scene), mode)
    if mode.into == STRIPS:
        return _bake_poses(scene, who, motion, grid, name, mode, speech)
    own = [part.block for part in who.parts]
    plans = [plan_part(part, motion, grid, mode, own) for part in who.parts]
    place = None if speech is None else sound_places.place_of(speech, grid.timeline, grid.frames)
    before = [sound_places.places_of(plan.home) if plan.home is not None else [] for plan in plans]
    homes, previous = write(scene, plans, name, mode)
    for home, lay in zip(homes, before, strict=True):
        if place is not None:
            sound_places.remember(home, place, lay, part=mode.span is not None)
    changes = [change for plan in plans for change in plan.changes]
    inside = [np.searchsorted(change.keys["co"][:, 0], grid.frames[[0, -1]] + (-0.5, 0.5)) for change in changes]
    keeps_locks = any(plan.copies or mode.into == EXISTING for plan in plans)
    return BakeReport.of_changes(
        changes,
        grid.frames,
        mode,
        keys=int(sum(end - begin for begin, end in inside)),
        warnings=[text for plan in plans for text in plan.warnings],
        actions=[home.action.name for home in homes],
        previous=previous,
        curves=len(changes),
        meshes=len(who.meshes),
        locked_curves=sum(len(plan.locked) for plan in plans),
        locked=grid.locked if keeps_locks else (),
    )


def _bake_poses(
    scene: bpy.types.Scene,
    who: character.Character,
    motion: Motion,
    grid: Grid,
    name: str,
    mode: Mode,
    speech: Speech | None,
) -> BakeReport:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, others = nla_poses.found(scene, who)
    place = None if speech is None else sound_places.place_of(speech, grid.timeline, grid.frames)
    laid = {one.part.block: nla.poses_home(one.part.block) for one in poses}
    before = {block: sound_places.places_of(home) if home is not None else [] for block, home in laid.items()}
    if not others:
        report = nla_poses.lay(poses, motion, grid, name, mode)
    else:
        rest, into = replace(who, parts=tuple(others)), replace(mode, into=NEW)
        begin = grid.timeline.first_frame
        report = bake_motion(scene, rest, motion, frame=begin, name=name, mode=into, speech=speech)
        report = report.with_poses(nla_poses.lay(poses, motion, grid, name, mode, report.actions))
    for one in poses:
        home = nla.poses_home(one.part.block)
        if place is not None and home is not None:
            sound_places.remember(home, place, before[one.part.block], part=mode.span is not None)
    return report


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
        speech = sequencer.follow(scene, take.speech, who.root.name)
        timeline = speech.timeline(scene)
        motion = evaluate.motion_of(scene, who.root, take, timeline)
        name = f"{who.root.name} {Path(take.speech.path).stem}"
        report = bake_motion(scene, who, motion, frame=speech.frame, name=name, mode=mode, speech=speech)
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
