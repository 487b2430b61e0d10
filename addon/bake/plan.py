# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake will do to one part of a character: its keys, worked out around what is there. Nothing is written here.

Everything that may fail on the artist's side fails here, so that a bake that cannot be done has changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.keys.records import KEY
from ..blender import actions
from ..blender.actions import SlotRef
from ..character import sharing
from ..character.character import Part
from . import edits, keyed, laid_lines, nla_additive, records
from .beside_added import beside_added
from .edits import CurveChange, Place
from .keys import Grid
from .laid_lines import Existing
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


_NOTHING = Existing(None, {}, {}, {}, frozenset())
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
    changes, locked = laid_lines.changes_of(keyed.controls_of(part), grids, mode, existing, alone)
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


def _find(part: Part, places: Sequence[Place], mode: Mode) -> Existing:
    """What animates a part; curves whose shape key or bone was renamed are found under its new name."""
    home = edits.slot_to_protect(part, mode)
    if home is None:
        return _NOTHING
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    baked = edits.baked_keys(home)
    names = edits.follow_renames(home, baked, curves)
    locked = frozenset(place for place in places if place in curves and actions.is_locked(curves[place]))
    return Existing(home, curves, baked, names, locked)


def _builds_on(existing: Existing, grids: Sequence[Grid], mode: Mode) -> bool:
    """Whether the bake is worked into what is there; else it starts from nothing in an Action of its own."""
    locked = any(grid.locked for grid in grids)
    return bool(existing.baked or existing.locked or locked or mode.span or mode.into == EXISTING)


def _warnings(part: Part, grids: Iterable[Grid], mode: Mode, places: Sequence[Place], existing: Existing) -> list[str]:
    """Sentences about what will not move as the curves at these places say."""
    values = np.concatenate([part.rig.evaluate(grid.motion, grid.timeline, grid.frames) for grid in grids])
    warnings = part.target.obstacles(part.obj, part.block, part.rig.controls, values)
    warnings += nla_additive.obstacles(part) if mode.into == ADDITIVE else []
    return warnings + edits.modified(part, [existing.curves[place] for place in places if place in existing.curves])
