# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its controls, in one undo step, around the artist's own keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import bpy
import numpy as np
from bpy.props import BoolProperty

from ...inference.core.errors import FacewrightError, MotionError, RigError
from ...inference.core.motion import Motion
from ...inference.core.parts import PARTS
from ...inference.retarget.performance import Placed
from ..adjust import evaluate, performance
from ..blender import belonging, nla, sequencer
from ..blender.actions import SlotRef
from ..blender.sequencer import Speech
from ..blender.timeline import timeline_of
from ..character import character, sharing
from ..dialogue import partners, talk
from ..preview import preview
from ..takes import lines, store
from . import edits, listening_of, nla_poses, records, sound_places
from .grids import grids_of
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
) -> BakeReport:
    """Key a motion on a character, as `bake_placed` does; second 0 of it falls on `frame`."""
    line = Placed(motion, timeline_of(scene, frame), 0.0)
    return bake_placed(scene, who, {"": line}, name=name, mode=mode or Mode())


def bake_placed(
    scene: bpy.types.Scene,
    who: character.Character,
    lines_of: Mapping[str, Placed],
    *,
    name: str,
    mode: Mode,
    others: Sequence[Placed] = (),
    speeches: Mapping[str, Speech] | None = None,
) -> BakeReport:
    """Key lines on a character.

    Keys lie on whole frames, where the artist wants them; a start between frames shifts the values they take. Only few
    keys (`SPARSE`) hold closed lips between frames, too.

    Parameters
    ----------
    scene : bpy.types.Scene
        Gives the frame rate, and the markers that lock ranges.
    who : Character
        Gets the keys.
    lines_of : mapping of str to Placed
        What is keyed, and where: each line by its key, at least one. What was baked of other lines stays. "" for a
        motion that is no line. What lies beneath is keyed where no line of the character lies.
    name : str
        Of a new Action.
    mode : Mode
        How.
    others : sequence of Placed
        The character's other lines, of which those count that overlap these, and what lies beneath.
    speeches : mapping of str to Speech, optional
        The sounds of the lines. Where they lie is remembered with the keys, so that these can go with them.

    Raises
    ------
    FacewrightError
        When the character cannot be keyed, or the range lies outside the motion; nothing has changed then.
    """
    who = character.of_parts(who, scene, mode.parts)
    if not who.parts:
        raise RigError(f"Nothing of '{who.root.name}' is moved by: {', '.join(sorted(mode.parts))}. Choose more parts.")
    ensure_bakeable(who)
    locked = tuple(edits.locked_ranges(scene))
    grids = grids_of(lines_of, others, locked, mode)
    if mode.into == STRIPS:
        return _bake_poses(scene, who, grids, name, mode, others, speeches or {})
    own = [part.block for part in who.parts]
    alone = len(lines_of) + len(others) == 1
    twins = {part.block: shown_by for part, shown_by in sharing.shared(scene, who)}
    plans = [plan_part(part, grids, mode, own, alone, twins.get(part.block, ())) for part in who.parts]
    before = [[] if plan.home is None else sound_places.places_of(plan.home) for plan in plans]
    homes, previous = write(scene, plans, name, mode)
    for home, places in zip(homes, before, strict=True):
        _remember_places(home, places, grids, mode, speeches or {})
    changes = [change for plan in plans for change in plan.changes]
    frames = np.unique(np.concatenate([grid.frames for grid in grids]))
    inside = [
        np.searchsorted(change.keys["co"][:, 0], grid.frames[[0, -1]] + (-0.5, 0.5))
        for grid in grids
        for change in changes
    ]
    keeps_locks = any(plan.copies or mode.into == EXISTING for plan in plans)
    return BakeReport.of_changes(
        changes,
        frames,
        mode,
        keys=int(sum(end - begin for begin, end in inside)),
        warnings=[text for plan in plans for text in plan.warnings],
        actions=[home.action.name for home in homes],
        previous=previous,
        curves=len(changes),
        meshes=len(who.meshes),
        locked_curves=sum(len(plan.locked) for plan in plans),
        locked=locked if keeps_locks else (),
    )


def _bake_poses(
    scene: bpy.types.Scene,
    who: character.Character,
    grids: Sequence[Grid],
    name: str,
    mode: Mode,
    others: Sequence[Placed],
    speeches: Mapping[str, Speech],
) -> BakeReport:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, parts = nla_poses.found(scene, who, mode.parts)
    laid = {one.part.block: nla.poses_home(one.part.block) for one in poses}
    before = {block: [] if home is None else sound_places.places_of(home) for block, home in laid.items()}
    if not parts:
        report = nla_poses.lay(poses, grids, name, mode)
    else:
        rest, new = replace(who, parts=tuple(parts)), replace(mode, into=NEW, parts=frozenset(PARTS))
        placed = {grid.key: grid.line for grid in grids}
        report = bake_placed(scene, rest, placed, name=name, mode=new, others=others, speeches=speeches)
        report = report.with_poses(nla_poses.lay(poses, grids, name, mode, report.actions))
    for block, places in before.items():
        home = nla.poses_home(block)
        if home is not None:
            _remember_places(home, places, grids, mode, speeches)
    return report


def _remember_places(
    home: SlotRef,
    before: Sequence[sound_places.SoundPlace],
    grids: Sequence[Grid],
    mode: Mode,
    speeches: Mapping[str, Speech],
) -> None:
    keys = [key for key in dict.fromkeys(grid.key for grid in grids) if key in (*speeches, talk.KEY)]
    for key in keys:
        speech = speeches.get(key, Speech(""))
        own = [sound_places.place_of(speech, grid.timeline, grid.span, key) for grid in grids if grid.key == key]
        sound_places.remember(home, key, own, before, part=mode.span is not None)
        before = sound_places.places_of(home)
    if keys:
        records.keep_lines(home, keys)


def bake(
    scene: bpy.types.Scene, who: character.Character, mode: Mode | None = None, *, listening: bool = False
) -> BakeReport:
    """Bake the active line of a character, and end its preview.

    With `listening`, or where it has no take but a partner, what it does between its lines is baked instead.

    Raises
    ------
    FacewrightError
        When there is no take, or the character cannot be keyed; nothing has changed then.
    """
    root = who.root
    take = store.get(root)
    if listening or (take is None and partners.is_set(root)):
        return _bake(scene, who, mode or Mode(), {}, listening=True)
    if take is None:
        raise MotionError(f"There is no take for '{root.name}' yet. Generate one, or make one again under Takes.")
    lines.ensure(scene, root)
    lines.ensure_unlocked(lines.active(root))
    return _bake(scene, who, mode or Mode(), {lines.key_of(root): take})


def bake_lines(scene: bpy.types.Scene, who: character.Character, mode: Mode) -> BakeReport:
    """Bake all lines of a character that have a take and are not locked, and its listening. Raises as `bake`."""
    lines.ensure(scene, who.root)
    locked = {line.key for line in lines.items(who.root) if line.lock}
    takes = {key: take for key, take in lines.spoken(who.root) if key not in locked}
    listening = listening_of.is_open(scene, who.root)
    if not takes and not listening:
        raise FacewrightError(f"All lines of '{who.root.name}' that have a take are locked. Unlock one.")
    return _bake(scene, who, mode, takes, listening=listening)


def _bake(
    scene: bpy.types.Scene,
    who: character.Character,
    mode: Mode,
    takes: Mapping[str, store.Take],
    *,
    listening: bool = False,
) -> BakeReport:
    """Bake some lines of a character, given their keys and takes, and its listening; and end its preview."""
    ensure_bakeable(who)
    if listening:
        listening_of.ensure(scene, who.root)
    belonging.claim(who.root)
    was_on, shown = preview.is_on(who.root), preview.shown(who.root)
    preview.stop(who.root)
    try:
        every = {**dict(lines.spoken(who.root)), **takes}
        found = performance.all_placed(scene, who.root, every.items())
        listening = listening or (talk.KEY in found and listening_of.fills(who, mode, found))
        chosen_of = {*takes, *([talk.KEY] if listening else [])}
        placed = {key: line for key, line in found.items() if key in chosen_of}
        others = [line for key, line in found.items() if key not in chosen_of]
        stem = next((Path(take.speech.path).stem for take in takes.values()), "listening")
        speeches = {
            key: sequencer.follow(scene, take.speech, lines.owner(who.root, key)) for key, take in takes.items()
        }
        name = f"{who.root.name} {stem}"
        report = bake_placed(scene, who, placed, name=name, mode=mode, others=others, speeches=speeches)
    except BaseException:
        if was_on:
            preview.start(scene, who, shown)
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

    listening: BoolProperty(
        name="Listening",
        description="Bake what the character does between its lines, in place of the active line",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
        elif store.get(root := character.family_root(obj)) is None and not partners.is_set(root):
            cls.poll_message_set("Nothing to bake: press Generate first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            who = character.find(context.view_layer.objects.active, context.scene)
            mode = chosen(context.scene, self.properties)
            show_on(self.properties, context.scene)
            report = bake(context.scene, who, mode, listening=self.listening)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"WARNING" if report.warnings else "INFO"}, str(report))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_bake,))
