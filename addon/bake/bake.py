# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its controls, in one undo step, around the artist's own keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError, MotionError, RigError
from ...inference.core.motion import Motion
from ...inference.core.parts import PARTS
from ...inference.keys.merge import Span
from ...inference.retarget.performance import Placed
from ..adjust import evaluate, performance
from ..blender import belonging, nla, sequencer
from ..blender.actions import SlotRef
from ..blender.sequencer import Speech
from ..blender.timeline import timeline_of
from ..character import character, sharing
from ..preview import preview
from ..takes import lines, store
from . import copies, edits, nla_poses, records, sound_places
from .all_or_none import carry_out
from .keys import Grid
from .mode import NEW, STRIPS, Mode
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
    """Key lines on a character: what `plan_placed` plans, carried out."""
    return plan_placed(scene, who, lines_of, name=name, mode=mode, others=others, speeches=speeches)()


def plan_placed(
    scene: bpy.types.Scene,
    who: character.Character,
    lines_of: Mapping[str, Placed],
    *,
    name: str,
    mode: Mode,
    others: Sequence[Placed] = (),
    speeches: Mapping[str, Speech] | None = None,
) -> Callable[[], BakeReport]:
    """Work out how lines are keyed on a character; what it returns keys them. Nothing has changed before.

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
        motion that is no line.
    name : str
        Of a new Action.
    mode : Mode
        How.
    others : sequence of Placed
        The character's other lines, of which those count that overlap these.
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
    grids = {
        key: _grid(line, (*others, *(one for one in lines_of.values() if one is not line)), locked, mode)
        for key, line in lines_of.items()
    }
    if mode.into == STRIPS:
        return _plan_poses(scene, who, grids, name, mode, speeches or {})
    own = [part.block for part in who.parts]
    alone = len(lines_of) + len(others) == 1
    twins = {part.block: shown_by for part, shown_by in sharing.shared(scene, who)}
    plans = [plan_part(part, grids, mode, own, alone, twins.get(part.block, ())) for part in who.parts]

    def carry_out() -> BakeReport:
        before = [[] if plan.home is None else sound_places.places_of(plan.home) for plan in plans]
        homes, previous = write(scene, plans, name, mode)
        for home, places in zip(homes, before, strict=True):
            _remember_places(home, places, grids, mode, speeches or {})
        return BakeReport.of_plans(who, plans, grids, mode, locked, homes, previous)

    return carry_out


def _plan_poses(
    scene: bpy.types.Scene,
    who: character.Character,
    grids: Mapping[str, Grid],
    name: str,
    mode: Mode,
    speeches: Mapping[str, Speech],
) -> Callable[[], BakeReport]:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, others = nla_poses.found(scene, who, mode.parts)
    bake_others = None
    if others:
        rest, new = replace(who, parts=tuple(others)), replace(mode, into=NEW, parts=frozenset(PARTS))
        placed = {key: grid.line for key, grid in grids.items()}
        around = [one for grid in grids.values() for one in grid.others if one not in placed.values()]
        bake_others = plan_placed(scene, rest, placed, name=name, mode=new, others=around, speeches=speeches)

    def carry_out() -> BakeReport:
        laid = {one.part.block: nla.poses_home(one.part.block) for one in poses}
        before = {block: [] if home is None else sound_places.places_of(home) for block, home in laid.items()}
        if bake_others is None:
            report = nla_poses.lay(poses, grids, name, mode)
        else:
            report = bake_others()
            report = report.with_poses(nla_poses.lay(poses, grids, name, mode, report.actions))
        for block, places in before.items():
            home = nla.poses_home(block)
            if home is not None:
                _remember_places(home, places, grids, mode, speeches)
        return report

    return carry_out


def _remember_places(
    home: SlotRef,
    before: Sequence[sound_places.SoundPlace],
    grids: Mapping[str, Grid],
    mode: Mode,
    speeches: Mapping[str, Speech],
) -> None:
    now = [sound_places.place_of(speech, grids[key].timeline, grids[key].span, key) for key, speech in speeches.items()]
    if speeches:
        sound_places.remember(home, now, before, part=mode.span is not None)
        records.keep_lines(home, list(speeches))


def _grid(line: Placed, others: Sequence[Placed], locked: Sequence[Span], mode: Mode) -> Grid:
    """The frames to be keyed."""
    first, last = line.whole_frames
    begin, end = mode.span or (first, last)
    if begin > last or end < first:
        raise FacewrightError(
            f"Expected a range within the take, which lasts from frame {first} to {last}, got {begin} to {end}."
        )
    frames = np.arange(max(first, begin), min(last, end) + 1)
    return Grid(line, frames, np.ones(len(frames)), tuple(locked), tuple(one for one in others if one.meets(line)))


def bake(scene: bpy.types.Scene, who: character.Character, mode: Mode | None = None) -> BakeReport:
    """Bake the active line of a character, and end its preview.

    Raises
    ------
    FacewrightError
        When there is no take, or the character cannot be keyed; nothing has changed then.
    """
    copies.own_lines(scene, who.root)
    take = store.get(who.root)
    if take is None:
        raise MotionError(f"There is no take for '{who.root.name}' yet. Generate one, or make one again under Takes.")
    lines.ensure(scene, who.root)
    lines.ensure_unlocked(lines.active(who.root))
    return _bake(scene, mode or Mode(), [(who, {lines.key_of(who.root): take})])[0]


def bake_lines(scene: bpy.types.Scene, who: character.Character, mode: Mode) -> BakeReport:
    """Bake all lines of a character that have a take and are not locked, at least one, at once. Raises as `bake`."""
    return bake_cast(scene, [who], mode)[0]


def bake_cast(scene: bpy.types.Scene, cast: Sequence[character.Character], mode: Mode) -> list[BakeReport]:
    """Bake all lines of several characters that have a take and are not locked, all of them or none.

    Raises
    ------
    FacewrightError
        When one has no such line, or cannot be keyed; nothing of any has changed then.
    """
    return _bake(scene, mode, [(who, _takes_of_all(scene, who)) for who in cast])


def _takes_of_all(scene: bpy.types.Scene, who: character.Character) -> dict[str, store.Take]:
    copies.own_lines(scene, who.root)
    lines.ensure(scene, who.root)
    locked = {line.key for line in lines.items(who.root) if line.lock}
    takes = {key: take for key, take in lines.spoken(who.root) if key not in locked}
    if not takes:
        raise FacewrightError(f"All lines of '{who.root.name}' that have a take are locked. Unlock one.")
    return takes


def _bake(
    scene: bpy.types.Scene, mode: Mode, said: Sequence[tuple[character.Character, Mapping[str, store.Take]]]
) -> list[BakeReport]:
    """Bake some lines of characters, given their keys and takes, and end the previews: all of them, or none."""
    for who, _ in said:
        ensure_bakeable(who)
    shown = [(who, take) for who, _ in said if (take := preview.shown(who.root)) is not None]
    for who, _ in said:
        belonging.claim(who.root)
        preview.stop(who.root)
    try:
        reports = carry_out(scene, mode, [(who, partial(_plan, scene, who, mode, takes)) for who, takes in said])
    except BaseException:
        for who, take in shown:
            preview.start(scene, who, take)
        raise
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return [
        replace(report, warnings=(*report.warnings, *evaluate.troubles(who.root)))
        for report, (who, _) in zip(reports, said, strict=True)
    ]


def _plan(
    scene: bpy.types.Scene, who: character.Character, mode: Mode, takes: Mapping[str, store.Take]
) -> Callable[[], BakeReport]:
    """Plan the bake of some lines of a character, given their keys and takes."""
    every = {**dict(lines.spoken(who.root)), **takes}
    placed = {key: performance.placed(scene, who.root, key, take) for key, take in every.items()}
    others = [placed.pop(key) for key in [*placed] if key not in takes]
    if mode.span is not None:  # of several lines, those that have some of these frames; plan_placed says it of none
        first, last = mode.span
        reach = {key: line.whole_frames for key, line in placed.items()}
        within = {key: placed[key] for key, (begin, end) in reach.items() if begin <= last and end >= first}
        placed = within or placed
    takes = {key: takes[key] for key in placed}
    name = f"{who.root.name} {Path(next(iter(takes.values())).speech.path).stem}"
    speeches = {key: sequencer.follow(scene, take.speech, lines.owner(who.root, key)) for key, take in takes.items()}
    return plan_placed(scene, who, placed, name=name, mode=mode, others=others, speeches=speeches)


def ensure_bakeable(who: character.Character) -> None:
    """Raise an error that says what to do when a part cannot be keyed."""
    for part in who.parts:
        part.target.ensure_editable(part.obj, part.block)
        data = part.block.animation_data
        if data is not None and data.use_tweak_mode:
            raise FacewrightError(
                f"An NLA strip of '{part.obj.name}' is in tweak mode. Leave it (Tab in the Nonlinear Animation editor)."
            )
