# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake will do to one part of a character: its keys, worked out around what is there. Nothing is written here.

Everything that may fail on the artist's side fails here, so that a bake that cannot be done has changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np

from ...inference.keys.merge import EVERYWHERE, Span
from ...inference.keys.records import KEY
from ...inference.retarget.performance import Placed
from ..blender import actions
from ..blender.actions import SlotRef
from ..character import sharing
from ..character.character import Part
from . import edits, joining, neighbours, nla_additive, records, spans
from .beside_added import beside_added
from .edits import CurveChange, Place
from .keys import Grid, weights
from .merging import CurveKeys, Stretch, count_replaced
from .mode import ADDITIVE, EXISTING, Mode


@dataclass(frozen=True, eq=False)
class PartPlan:
    """What is to be done to one part.

    Parameters
    ----------
    part : Part
        What gets the keys.
    mode : Mode
        How: into the added layer where that is what is in use.
    home : SlotRef or None
        Where the keys are that the bake builds on; None for an Action or slot that starts empty.
    changes : list of CurveChange
        The curves to be written.
    locked : list of CurveChange
        The curves that the artist locked, which stay as they are.
    copies : bool
        Whether a copy of the Action at `home` is written instead of the Action itself.
    record : dict
        What was there before, for Unbake; of `records.note_assignment`.
    renamed : frozenset of Place
        Where curves were at the last bake whose shape key or bone has another name now.
    eased : bool
        Whether all that is baked comes out of the face at rest and goes back into it by itself.
    warnings : list of str
        Sentences about what will not move as the curves say, and who else does.
    """

    part: Part
    mode: Mode
    home: SlotRef | None
    changes: list[CurveChange]
    locked: list[CurveChange]
    copies: bool
    record: dict[str, Any]
    renamed: frozenset[Place]
    eased: bool
    warnings: list[str]

    @property
    def in_place(self) -> bool:
        """Whether the keys go into the Action that is there."""
        return self.home is not None and not self.copies


@dataclass(frozen=True, eq=False)
class _Existing:
    """What animates a part before the bake.

    Parameters
    ----------
    home : SlotRef or None
        The slot that holds its keys.
    curves : dict
        The F-curves of that slot, by place.
    baked : dict
        The keys of the last bake [dtype=KEY], by place.
    renamed : dict
        Where curves are now -> where they were at the last bake.
    locked : frozenset of Place
        The curves that the artist locked.
    """

    home: SlotRef | None
    curves: dict[Place, bpy.types.FCurve]
    baked: dict[Place, np.ndarray]
    renamed: dict[Place, Place]
    locked: frozenset[Place]


_NOTHING = _Existing(None, {}, {}, {}, frozenset())
_NO_KEYS = np.zeros(0, KEY)


def plan_part(
    part: Part,
    grids: Sequence[Grid],
    mode: Mode,
    own: Sequence[bpy.types.ID],
    alone: bool,
    twins: Sequence[bpy.types.Object] = (),
) -> PartPlan:
    """Work out the keys of a part around what is there.

    Parameters
    ----------
    part : Part
        What gets the keys.
    grids : sequence of Grid
        What is baked, the frames to be keyed, and the ranges that the artist locked. What was baked of other lines
        stays.
    mode : Mode
        How.
    own : sequence of bpy.types.ID
        The data-blocks of the character: an Action that also moves others is copied, not changed.
    alone : bool
        Whether the character has one line only, and does not listen.
    twins : sequence of bpy.types.Object
        Objects of other characters that show the same data-block: its Action is theirs, too, and copied, not changed.

    Raises
    ------
    FacewrightError
        When the keys that are there were to be changed, but are linked, or a new Action would hide added ones.
    """
    mode = beside_added(part, mode, {grid.key for grid in grids})
    places = [part.target.curve(part.block, name) for name in part.rig.controls]
    existing = _find(part, places, mode)
    if not _builds_on(existing, grids, mode):
        existing = _NOTHING
    curves = [existing.curves.get(place) for place in places]
    before = [
        CurveKeys(_NO_KEYS if curve is None else actions.read(curve), existing.baked.get(place))
        for place, curve in zip(places, curves, strict=True)
    ]
    beside = {key: line for grid in grids for key, line in grid.others.items()}
    grids = neighbours.among(grids, neighbours.baked_at(existing.home))
    lines = _keys_of_lines(part, grids, mode, existing, curves, alone, beside)
    now = [curve.with_lines(keys, mode.keep_edits) for curve, keys in zip(before, lines, strict=True)]
    changes, locked = _changes(places, before, now, existing, mode)
    home = existing.home
    return PartPlan(
        part=part,
        mode=mode,
        home=home,
        changes=changes,
        locked=locked,
        copies=home is not None and (mode.into != EXISTING or bool(twins) or edits.plays_elsewhere(home, own)),
        record=records.note_assignment(part),
        renamed=frozenset(existing.renamed.values()),
        eased=all(grid.eased for grid in grids),
        warnings=[
            *_warnings(part, grids, mode, [change.place for change in changes], existing),
            *([sharing.sentence(part, twins)] if twins else []),
        ],
    )


def _keys_of_lines(
    part: Part,
    grids: Sequence[Grid],
    mode: Mode,
    existing: _Existing,
    curves: Sequence[bpy.types.FCurve | None],
    alone: bool,
    beside: Mapping[str, Placed],
) -> list[list[tuple[np.ndarray, Stretch]]]:
    """What is laid into the curve of each control: the keys of lines, and of those that lie where one of these leaves.

    `beside` are all other lines of the character, of which `grids` have those that count.
    """
    known = baked = spans.spans(existing.home)
    left = neighbours.left(known, grids) if mode.span is None else ()
    unsettled = neighbours.unsettled(known, grids, left)
    stays = {key: at for key, at in known.items() if mode.span or key not in {grid.key for grid in grids}}
    lines: list[list[tuple[np.ndarray, Stretch]]] = [[] for _ in curves]
    for number, grid in enumerate(grids):
        grid = _blended(grid, existing, mode)
        last = spans.last_of(known, grid.key, existing.baked, alone)
        new = joining.joined_keys(part, grid, mode, curves, last, joining.beside(stays, grids, grid), unsettled)
        keyed = [other.span for other in grids if other.key == grid.key]
        stretch = _stretch(grid, mode, existing, baked, last, keyed)
        for own_lines, keys in zip(lines, new, strict=True):
            own_lines.append((keys, stretch))
        if grid.key:
            done = tuple(other.span for other in grids[: number + 1] if other.key == grid.key)
            baked = baked | {grid.key: _baked_spans(done, grid, mode, last)}
    locked, home = grids[0].locked, existing.home
    there = existing.curves, existing.baked
    for one in neighbours.uncovered(part, home, beside, left, lambda _: mode, *there, now=grids, locked=locked):
        for name, own_lines in zip(part.rig.controls, lines, strict=True):
            pieces = one.by_piece(part.target.curve(part.block, name))
            own_lines += [(keys, Stretch(span, locked=locked)) for span, keys in pieces]
    return lines


def _stretch(
    grid: Grid,
    mode: Mode,
    existing: _Existing,
    baked: Mapping[str, tuple[Span, ...]],
    last: tuple[Span, ...],
    own: Sequence[Span],
) -> Stretch:
    """The frames that the bake of a line changes.

    `baked` are those of all lines so far, `last` and `own` those of the line at its last bake and at this one.
    """
    if not grid.key:
        return Stretch(grid.span if mode.span else EVERYWHERE, locked=grid.locked)
    others = [span for key, spans_of in baked.items() if key != grid.key for span in spans_of]
    known = last or (existing.baked and not baked)  # the latter was baked before there were lines
    left = [piece for span in last for piece in spans.without(span, [*own, *others])] if mode.span is None else []
    return Stretch(
        span=grid.span,
        first=() if known else spans.without(grid.span, others),
        left=tuple(left),
        locked=grid.locked,
    )


def _baked_spans(done: tuple[Span, ...], grid: Grid, mode: Mode, last: tuple[Span, ...]) -> tuple[Span, ...]:
    """The frames of a line that are baked then: those of a part of it are added to those baked before."""
    if mode.span is None or not last:
        return done
    if grid.line.beneath:
        return (*last, *done)
    return ((min(last[0][0], grid.span[0]), max(last[-1][1], grid.span[1])),)


def _find(part: Part, places: Sequence[Place], mode: Mode) -> _Existing:
    """What animates a part; curves whose shape key or bone was renamed are found under its new name."""
    home = edits.slot_to_protect(part, mode)
    if home is None:
        return _NOTHING
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    baked = edits.baked_keys(home)
    names = edits.follow_renames(home, baked, curves)
    locked = frozenset(place for place in places if place in curves and actions.is_locked(curves[place]))
    return _Existing(home, curves, baked, names, locked)


def _builds_on(existing: _Existing, grids: Sequence[Grid], mode: Mode) -> bool:
    """Whether the bake is worked into what is there; else it starts from nothing in an Action of its own."""
    locked = any(grid.locked for grid in grids)
    return bool(existing.baked or existing.locked or locked or mode.span or mode.into == EXISTING)


def _blended(grid: Grid, existing: _Existing, mode: Mode) -> Grid:
    """The grid, coming in and going out where keys stay around it: at the ends of a range, and around locks."""
    if existing.home is None:
        return replace(grid, locked=())
    span = EVERYWHERE if grid.eased or (existing.baked and not mode.span) else grid.span
    if grid.line.beneath:
        span = mode.span or EVERYWHERE  # at its other ends lines go on
    return replace(grid, weight=weights(grid.frames, span, grid.locked, mode.blend))


def _changes(
    places: Sequence[Place], before: Sequence[CurveKeys], now: Sequence[CurveKeys], existing: _Existing, mode: Mode
) -> tuple[list[CurveChange], list[CurveChange]]:
    """Each curve with its new keys; and the locked ones, as they are."""
    changes, locked = [], []
    for place, was, done in zip(places, before, now, strict=True):
        if place in existing.locked:
            locked.append(CurveChange(place, was.keys, was.keys, _NO_KEYS if was.baked is None else was.baked, 0))
            continue
        assert done.baked is not None  # something was just baked
        replaced = count_replaced(was.keys, done.keys, was.baked) if mode.into == EXISTING else 0
        changes.append(CurveChange(place, was.keys, done.keys, done.baked, done.kept, replaced))
    return changes, locked


def _warnings(part: Part, grids: Iterable[Grid], mode: Mode, places: Sequence[Place], existing: _Existing) -> list[str]:
    """Sentences about what will not move as the curves at these places say."""
    values = np.concatenate([part.rig.evaluate(grid.motion, grid.timeline, grid.frames) for grid in grids])
    warnings = part.target.obstacles(part.obj, part.block, part.rig.controls, values)
    warnings += nla_additive.obstacles(part) if mode.into == ADDITIVE else []
    return warnings + edits.modified(part, [existing.curves[place] for place in places if place in existing.curves])
