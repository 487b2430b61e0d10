# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake lays into each curve: the keys of its lines, and of those that another line no longer lies over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...inference.keys.merge import EVERYWHERE, Span
from ...inference.keys.records import KEY
from ...inference.retarget.performance import Placed
from ..blender import actions
from ..blender.actions import SlotRef
from . import joining, neighbours, spans
from .edits import CurveChange, Place
from .keyed import Keyed
from .keys import Grid, weights
from .merging import CurveKeys, Stretch, count_replaced
from .mode import EXISTING, STRIPS, Mode

_NO_KEYS = np.zeros(0, KEY)


@dataclass(frozen=True, eq=False)
class Existing:
    """What animates a part, or the influences of its poses, before the bake.

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


def changes_of(
    keyed: Keyed, grids: Sequence[Grid], mode: Mode, existing: Existing, alone: bool
) -> tuple[list[CurveChange], list[CurveChange]]:
    """Each curve with its new keys; and those that the artist locked, as they are.

    Parameters
    ----------
    keyed : Keyed
    grids : sequence of Grid
        The lines that are baked, with all others of the character.
    mode : Mode
    existing : Existing
    alone : bool
        Whether the character has one line only, and does not listen.
    """
    beside = {key: line for grid in grids for key, line in grid.others.items()}
    grids = neighbours.among(grids, neighbours.baked_at(existing.home))
    lines = _keys_of_lines(keyed, grids, mode, existing, alone, beside)
    changes, locked = [], []
    for place, own_lines in zip(keyed.places, lines, strict=True):
        curve = existing.curves.get(place)
        was = CurveKeys(_NO_KEYS if curve is None else actions.read(curve), existing.baked.get(place))
        if place in existing.locked:
            locked.append(CurveChange(place, was.keys, was.keys, _NO_KEYS if was.baked is None else was.baked, 0))
            continue
        done = was.with_lines(own_lines, mode.keep_edits)
        assert done.baked is not None  # something was just baked
        replaced = count_replaced(was.keys, done.keys, was.baked) if mode.into == EXISTING else 0
        changes.append(CurveChange(place, was.keys, done.keys, done.baked, done.kept, replaced))
    return changes, locked


def _keys_of_lines(
    keyed: Keyed,
    grids: Sequence[Grid],
    mode: Mode,
    existing: Existing,
    alone: bool,
    beside: Mapping[str, Placed],
) -> list[list[tuple[np.ndarray, Stretch]]]:
    """What is laid into each curve: the keys of lines, and of those that lie where one of these leaves.

    `beside` are all other lines of the character, of which `grids` have those that count.
    """
    curves = [existing.curves.get(place) for place in keyed.places]
    known = baked = spans.spans(existing.home)
    left = neighbours.left(known, grids) if mode.span is None else ()
    unsettled = neighbours.unsettled(known, grids, left)
    stays = {key: at for key, at in known.items() if mode.span or key not in {grid.key for grid in grids}}
    lines: list[list[tuple[np.ndarray, Stretch]]] = [[] for _ in curves]
    for number, grid in enumerate(grids):
        grid = _blended(grid, existing, mode)
        last = spans.last_of(known, grid.key, existing.baked, alone)
        new = joining.joined_keys(keyed, grid, mode, curves, last, joining.beside(stays, grids, grid), unsettled)
        here = [other.span for other in grids if other.key == grid.key]
        stretch = _stretch(grid, mode, existing, baked, last, here)
        for own_lines, keys in zip(lines, new, strict=True):
            own_lines.append((keys, stretch))
        if grid.key:
            done = tuple(other.span for other in grids[: number + 1] if other.key == grid.key)
            baked = baked | {grid.key: _baked_spans(done, grid, mode, last)}
    locked, home = grids[0].locked, existing.home
    there = existing.curves, existing.baked
    for one in neighbours.uncovered(keyed, home, beside, left, lambda _: mode, *there, now=grids, locked=locked):
        for place, own_lines in zip(keyed.places, lines, strict=True):
            pieces = one.by_piece(place)
            own_lines += [(keys, Stretch(span, locked=locked)) for span, keys in pieces]
    return lines


def _stretch(
    grid: Grid,
    mode: Mode,
    existing: Existing,
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
    keeps_all = mode.into == STRIPS  # no copy could keep the artist's keys of influences
    left = [piece for span in last for piece in spans.without(span, [*own, *others])] if mode.span is None else []
    return Stretch(
        span=grid.span,
        first=() if known or keeps_all else spans.without(grid.span, others),
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


def _blended(grid: Grid, existing: Existing, mode: Mode) -> Grid:
    """The grid, coming in and going out where keys stay around it: at the ends of a range, and around locks."""
    if existing.home is None:
        return replace(grid, locked=())
    span = EVERYWHERE if grid.eased or (existing.baked and not mode.span) else grid.span
    if grid.line.beneath:
        span = mode.span or EVERYWHERE  # at its other ends lines go on
    return replace(grid, weight=weights(grid.frames, span, grid.locked, mode.blend))
