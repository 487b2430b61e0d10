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
from ...inference.keys.merge import Span
from ...inference.retarget.performance import Placed
from ..adjust import evaluate, performance
from ..blender.timeline import timeline_of
from ..character import character
from ..preview import preview
from ..takes import lines, store
from . import edits, nla_poses
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
    """Key a motion on a character, as `bake_line` does; second 0 of it falls on `frame`."""
    return bake_line(scene, who, Placed(motion, timeline_of(scene, frame), 0.0), name=name, mode=mode or Mode())


def bake_line(
    scene: bpy.types.Scene,
    who: character.Character,
    line: Placed,
    *,
    name: str,
    mode: Mode,
    key: str = "",
    others: Sequence[Placed] = (),
) -> BakeReport:
    """Key a line on a character.

    Keys lie on whole frames, where the artist wants them; a start between frames shifts the values they take. Only few
    keys (`SPARSE`) hold closed lips between frames, too.

    Parameters
    ----------
    scene : bpy.types.Scene
        Gives the frame rate, and the markers that lock ranges.
    who : Character
        Gets the keys.
    line : Placed
        What is keyed, and where.
    name : str
        Of a new Action.
    mode : Mode
        How.
    key : str
        Of the line: what was baked of other lines stays. "" for a motion that is no line.
    others : sequence of Placed
        The character's other lines, of which those count that overlap this one.

    Raises
    ------
    FacewrightError
        When the character cannot be keyed, or the range lies outside the motion; nothing has changed then.
    """
    ensure_bakeable(who)
    grid = _grid(line, others, edits.locked_ranges(scene), mode)
    if mode.into == STRIPS:
        return _bake_poses(scene, who, grid, name, mode, key)
    own = [part.block for part in who.parts]
    plans = [plan_part(part, grid, mode, own, key) for part in who.parts]
    homes, previous = write(scene, plans, name, mode)
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
    scene: bpy.types.Scene, who: character.Character, grid: Grid, name: str, mode: Mode, key: str
) -> BakeReport:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, others = nla_poses.found(scene, who)
    if not others:
        return nla_poses.lay(poses, grid, name, mode)
    rest, new = replace(who, parts=tuple(others)), replace(mode, into=NEW)
    baked = bake_line(scene, rest, grid.line, name=name, mode=new, key=key, others=grid.others)
    return baked.with_poses(nla_poses.lay(poses, grid, name, mode, baked.actions))


def _grid(line: Placed, others: Sequence[Placed], locked: Sequence[Span], mode: Mode) -> Grid:
    """The frames to be keyed."""
    first, last = line.whole_frames
    begin, end = mode.span or (first, last)
    if begin > last or end < first:
        raise FacewrightError(
            f"Expected a range within the take, which lasts from frame {first} to {last}, got {begin} to {end}."
        )
    frames = np.arange(max(first, begin), min(last, end) + 1)
    return Grid(line, frames, np.ones(len(frames)), tuple(locked), tuple(others))


def bake(scene: bpy.types.Scene, who: character.Character, mode: Mode | None = None) -> BakeReport:
    """Bake the active line of a character, and end its preview.

    Raises
    ------
    FacewrightError
        When there is no take, or the character cannot be keyed; nothing has changed then.
    """
    take = store.get(who.root)
    if take is None:
        raise MotionError(f"There is no take for '{who.root.name}' yet. Generate one, or make one again under Takes.")
    lines.ensure_unlocked(lines.active(who.root))
    ensure_bakeable(who)
    lines.ensure(scene, who.root)
    showing = preview.is_on(who.root)
    preview.stop(who.root)
    try:
        line = performance.placed(scene, who.root, take)
        others = [
            performance.placed(scene, who.root, other)
            for other in performance.takes_with(who.root, take)
            if other.motion is not take.motion
        ]
        name, key = f"{who.root.name} {Path(take.speech.path).stem}", lines.key_of(who.root)
        report = bake_line(scene, who, line, name=name, mode=mode or Mode(), key=key, others=others)
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
