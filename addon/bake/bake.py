# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the take of a character as keyframes on all its controls, in one undo step, around the artist's own keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import bpy

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
from . import copies, edits, influences, line_records, listening_of, neighbours, nla_poses, sound_places
from .all_or_none import carry_out
from .grids import grids_of
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
    """Key a motion on a character, as `plan_placed` plans it; second 0 of it falls on `frame`."""
    line = Placed(motion, timeline_of(scene, frame), 0.0)
    return plan_placed(scene, who, {"": line}, name=name, mode=mode or Mode())()


def plan_placed(
    scene: bpy.types.Scene,
    who: character.Character,
    lines_of: Mapping[str, Placed],
    *,
    name: str,
    mode: Mode,
    others: Mapping[str, Placed] | None = None,
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
        motion that is no line. What lies beneath is keyed where no line of the character lies.
    name : str
        Of a new Action.
    mode : Mode
        How.
    others : mapping of str to Placed, optional
        The character's other lines by their keys, of which those count that are baked and overlap these, and what lies
        beneath.
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
    others = others or {}
    grids = grids_of(lines_of, others, locked, mode)
    if mode.into == STRIPS:
        return _plan_poses(scene, who, grids, name, mode, others, speeches or {})
    own = [part.block for part in who.parts]
    alone = len(lines_of) + len(others) == 1
    twins = {part.block: shown_by for part, shown_by in sharing.shared(scene, who)}
    plans = [plan_part(part, grids, mode, own, alone, twins.get(part.block, ())) for part in who.parts]

    def carry_out() -> BakeReport:
        before = [[] if plan.home is None else sound_places.places_of(plan.home) for plan in plans]
        homes, previous = write(scene, plans, name)
        for home, places in zip(homes, before, strict=True):
            _remember_places(home, places, grids, mode, speeches or {})
        return BakeReport.of_plans(who, plans, grids, locked, homes, previous)

    return carry_out


def _plan_poses(
    scene: bpy.types.Scene,
    who: character.Character,
    grids: Sequence[Grid],
    name: str,
    mode: Mode,
    others: Mapping[str, Placed],
    speeches: Mapping[str, Speech],
) -> Callable[[], BakeReport]:
    """Poses into the NLA, and what no pose moves into a new Action."""
    poses, parts = nla_poses.found(scene, who, mode.parts)
    alone = len({grid.key for grid in grids}) + len(others) == 1
    bake_others = None
    if parts:
        rest, new = replace(who, parts=tuple(parts)), replace(mode, into=NEW, parts=frozenset(PARTS))
        placed = {grid.key: grid.line for grid in grids}
        bake_others = plan_placed(scene, rest, placed, name=name, mode=new, others=others, speeches=speeches)

    def carry_out() -> BakeReport:
        laid = {one.part.block: nla.poses_home(one.part.block) for one in poses}
        before = {block: [] if home is None else sound_places.places_of(home) for block, home in laid.items()}
        if bake_others is None:
            report = nla_poses.lay(poses, grids, name, mode, alone)
        else:
            report = bake_others()
            report = report.with_poses(nla_poses.lay(poses, grids, name, mode, alone, report.actions))
        for block, places in before.items():
            home = nla.poses_home(block)
            if home is not None:
                _remember_places(home, places, grids, mode, speeches)
        return report

    return carry_out


def _remember_places(
    home: SlotRef,
    before: Sequence[sound_places.SoundPlace],
    grids: Sequence[Grid],
    mode: Mode,
    speeches: Mapping[str, Speech],
) -> None:
    now: dict[str, list[sound_places.SoundPlace]] = {}
    for grid in grids:
        if grid.key in (*speeches, talk.KEY):
            place = sound_places.place_of(speeches.get(grid.key, Speech("")), grid.timeline, grid.span, grid.key)
            now.setdefault(grid.key, []).append(place)
    if now:
        baked = influences.remembered(home) if nla.is_poses_home(home) else edits.baked_keys(home)
        sound_places.remember(home, now, before, list(baked.values()), part=mode.span is not None)
        every = [*before, *(place for places in now.values() for place in places)]
        neighbours.keep_blended(home, grids, every)
        line_records.keep(home, list(now), mode)


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
    copies.own_lines(scene, root)
    take = store.get(root)
    if listening or (take is None and partners.is_set(root)):
        listening_of.ensure(scene, root)
        return _bake(scene, mode or Mode(), [_Said(who, {}, listening=True)])[0]
    if take is None:
        raise MotionError(f"There is no take for '{root.name}' yet. Generate one, or make one again under Takes.")
    lines.ensure(scene, root)
    lines.ensure_unlocked(lines.active(root))
    return _bake(scene, mode or Mode(), [_Said(who, {lines.key_of(root): take})])[0]


def bake_lines(scene: bpy.types.Scene, who: character.Character, mode: Mode) -> BakeReport:
    """Bake all lines of a character that have a take and are not locked, and its listening. Raises as `bake`."""
    return bake_cast(scene, [who], mode)[0]


def bake_cast(scene: bpy.types.Scene, cast: Sequence[character.Character], mode: Mode) -> list[BakeReport]:
    """Bake all lines of several characters that have a take and are not locked, and their listening; all, or none.

    Raises
    ------
    FacewrightError
        When one has nothing to bake, or cannot be keyed; nothing of any has changed then.
    """
    return _bake(scene, mode, [_all_of(scene, who) for who in cast])


@dataclass(frozen=True)
class _Said:
    """What is baked of a character: takes of lines by their keys, and whether its listening, too."""

    who: character.Character
    takes: Mapping[str, store.Take]
    listening: bool = False


def _all_of(scene: bpy.types.Scene, who: character.Character) -> _Said:
    copies.own_lines(scene, who.root)
    lines.ensure(scene, who.root)
    locked = lines.locked(who.root)
    takes = {key: take for key, take in lines.spoken(who.root) if key not in locked}
    listening = listening_of.is_open(scene, who.root)
    if not takes and not listening:
        raise FacewrightError(f"All lines of '{who.root.name}' that have a take are locked. Unlock one.")
    return _Said(who, takes, listening)


def _bake(scene: bpy.types.Scene, mode: Mode, said: Sequence[_Said]) -> list[BakeReport]:
    """Bake something of characters, and end their previews: all of it, or nothing."""
    for one in said:
        ensure_bakeable(one.who)
    shown = [(one.who, preview.shown(one.who.root)) for one in said if preview.is_on(one.who.root)]
    for one in said:
        belonging.claim(one.who.root)
        preview.stop(one.who.root)
    try:
        reports = carry_out(scene, mode, [(one.who, partial(_plan, scene, one, mode)) for one in said])
    except BaseException:
        for who, take in shown:
            preview.start(scene, who, take)
        raise
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return [
        replace(report, warnings=(*report.warnings, *evaluate.troubles(one.who.root)))
        for report, one in zip(reports, said, strict=True)
    ]


def _plan(scene: bpy.types.Scene, said: _Said, mode: Mode) -> Callable[[], BakeReport]:
    """Plan the bake of what one character says."""
    root = said.who.root
    everything = {**dict(lines.spoken(root)), **said.takes}
    found = performance.all_placed(scene, root, everything.items(), parts=mode.parts)
    takes = _within(said.takes, found, mode)
    listening = said.listening or (talk.KEY in found and listening_of.fills(said.who, mode, found))
    wanted = {*takes, *([talk.KEY] if listening else [])}
    stem = next((Path(take.speech.path).stem for take in takes.values()), talk.KEY)
    return plan_placed(
        scene,
        said.who,
        {key: line for key, line in found.items() if key in wanted},
        name=f"{root.name} {stem}",
        mode=mode,
        others={key: line for key, line in found.items() if key not in wanted},
        speeches={key: sequencer.follow(scene, take.speech, lines.owner(root, key)) for key, take in takes.items()},
    )


def _within(takes: Mapping[str, store.Take], found: Mapping[str, Placed], mode: Mode) -> Mapping[str, store.Take]:
    """Of several lines, those that have some of the frames of a range; all where none has, which is said then."""
    if mode.span is None:
        return takes
    first, last = mode.span
    reach = {key: found[key].whole_frames for key in takes}
    return {key: takes[key] for key, (begin, end) in reach.items() if begin <= last and end >= first} or takes


def ensure_bakeable(who: character.Character) -> None:
    """Raise an error that says what to do when a part cannot be keyed."""
    for part in who.parts:
        part.target.ensure_editable(part.obj, part.block)
        data = part.block.animation_data
        if data is not None and data.use_tweak_mode:
            raise FacewrightError(
                f"An NLA strip of '{part.obj.name}' is in tweak mode. Leave it (Tab in the Nonlinear Animation editor)."
            )
