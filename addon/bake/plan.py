# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake will do to one part of a character: its keys, worked out around what is there. Nothing is written here.

Everything that may fail on the artist's side fails here, so that a bake that cannot be done has changed nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy
import numpy as np

from ...inference.core.motion import Motion
from ...inference.keys.merge import EVERYWHERE, Span
from ...inference.keys.records import KEY
from ..blender import actions
from ..blender.actions import SlotRef
from ..character import sharing
from ..character.character import Part
from . import edits, nla_additive, records
from .edits import CurveChange, Place
from .keys import Grid, at_rest, keys_of, lowered, weights
from .mode import ADDITIVE, EXISTING, Mode


@dataclass(frozen=True, eq=False)
class PartPlan:
    """What is to be done to one part.

    Parameters
    ----------
    part : Part
        What gets the keys.
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
    warnings : list of str
        Sentences about what will not move as the curves say, and who else does.
    """

    part: Part
    home: SlotRef | None
    changes: list[CurveChange]
    locked: list[CurveChange]
    copies: bool
    record: dict[str, Any]
    renamed: frozenset[Place]
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


def plan_part(
    part: Part,
    motion: Motion,
    grid: Grid,
    mode: Mode,
    own: Sequence[bpy.types.ID],
    twins: Sequence[bpy.types.Object] = (),
) -> PartPlan:
    """Work out the keys of a part around what is there.

    Parameters
    ----------
    part : Part
        What gets the keys.
    motion : Motion
        What is baked.
    grid : Grid
        The frames to be keyed, and the ranges that the artist locked.
    mode : Mode
        How.
    own : sequence of bpy.types.ID
        The data-blocks of the character: an Action that also moves others is copied, not changed.
    twins : sequence of bpy.types.Object
        Objects of other characters that show the same data-block: its Action is theirs, too, and copied, not changed.

    Raises
    ------
    FacewrightError
        When the keys that are there were to be changed, but are linked.
    """
    places = [part.target.curve(part.block, name) for name in part.rig.controls]
    existing = _find(part, places, mode)
    if not _builds_on(existing, grid, mode):
        existing = _NOTHING
    grid = _blended(grid, existing, mode)
    keys = _evaluate(part, motion, grid, mode, [existing.curves.get(place) for place in places])
    changes, locked = _merge(places, keys, existing, grid, mode)
    home = existing.home
    return PartPlan(
        part=part,
        home=home,
        changes=changes,
        locked=locked,
        copies=home is not None and (mode.into != EXISTING or bool(twins) or edits.plays_elsewhere(home, own)),
        record=records.note_assignment(part),
        renamed=frozenset(existing.renamed.values()),
        warnings=[
            *_warnings(part, motion, grid, mode, [change.place for change in changes], existing),
            *([sharing.sentence(part, twins)] if twins else []),
        ],
    )


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


def _builds_on(existing: _Existing, grid: Grid, mode: Mode) -> bool:
    """Whether the bake is worked into what is there; else it starts from nothing in an Action of its own."""
    return bool(existing.baked or existing.locked or grid.locked or mode.span or mode.into == EXISTING)


def _limits(grid: Grid) -> Span:
    """The first and the last frame to be keyed."""
    return float(grid.frames[0]), float(grid.frames[-1])


def _blended(grid: Grid, existing: _Existing, mode: Mode) -> Grid:
    """The grid, coming in and going out where keys stay around it: at the ends of a range, and around locks."""
    if existing.home is None:
        return replace(grid, locked=())
    span = _limits(grid) if mode.span or not existing.baked else EVERYWHERE
    return replace(grid, weight=weights(grid.frames, span, grid.locked, mode.blend))


def _evaluate(
    part: Part, motion: Motion, grid: Grid, mode: Mode, curves: Sequence[bpy.types.FCurve | None]
) -> list[np.ndarray]:
    """The new keys [dtype=KEY] of each control, given the curves there are; for an added strip, above the rest."""
    standing = [part.target.value(part.block, name) for name in part.rig.controls]
    rest = at_rest(part.rig, standing)
    added = mode.into == ADDITIVE
    if added:  # what an added strip holds is a difference from rest
        standing, rest = rest, nla_additive.above_nothing(part, rest)

    def value_before(control: int, frame: float) -> float:
        curve = curves[control]
        return standing[control] if curve is None else curve.evaluate(frame) + (rest[control] if added else 0.0)

    keys = keys_of(part.rig, motion, grid, mode, value_before)
    return lowered(keys, rest) if added else keys


def _merge(
    places: Sequence[Place], keys: Sequence[np.ndarray], existing: _Existing, grid: Grid, mode: Mode
) -> tuple[list[CurveChange], list[CurveChange]]:
    """Each curve with its new keys worked in around the artist's own; and the locked ones, as they are."""
    changes, locked = [], []
    span = _limits(grid) if mode.span else EVERYWHERE
    for place, new in zip(places, keys, strict=True):
        curve, baked = existing.curves.get(place), existing.baked.get(place)
        now = np.zeros(0, KEY) if curve is None else actions.read(curve)
        if place in existing.locked:
            locked.append(CurveChange(place, now, now, now[:0] if baked is None else baked, 0))
            continue
        merged = edits.merged(now, new, baked, span, grid.locked, mode.keep_edits)
        replaces = mode.into == EXISTING and (baked is None or not mode.keep_edits)  # else hand edits are merged
        replaced = edits.count_removed(now, merged.keys) if replaces else 0
        changes.append(CurveChange(place, now, merged.keys, merged.baked, merged.kept, replaced))
    return changes, locked


def _warnings(
    part: Part, motion: Motion, grid: Grid, mode: Mode, places: Sequence[Place], existing: _Existing
) -> list[str]:
    """Sentences about what will not move as the curves at these places say."""
    values = part.rig.evaluate(motion, grid.timeline, grid.frames)
    warnings = part.target.obstacles(part.obj, part.block, part.rig.controls, values)
    warnings += nla_additive.obstacles(part) if mode.into == ADDITIVE else []
    return warnings + edits.modified(part, [existing.curves[place] for place in places if place in existing.curves])
