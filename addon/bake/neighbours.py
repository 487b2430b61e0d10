# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a character that meet one another: which count for one that is keyed, and what lies beneath one that leaves.

Only what is baked counts. A line has no keys before it is baked, and afterwards they lie where it was then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...inference.core.timeline import Timeline
from ...inference.keys.merge import Span
from ...inference.keys.records import frames, split_at
from ...inference.retarget.performance import Placed
from ..blender.actions import SlotRef
from ..dialogue import talk
from . import joining, sound_places, spans
from .edits import Place
from .keyed import Keyed
from .keys import Grid
from .mode import Mode


@dataclass(frozen=True, eq=False)
class Uncovered:
    """A line that is baked, where another one no longer lies over it.

    Parameters
    ----------
    key : str
        Of the line.
    span : Span
        First and last frame to which it was baked.
    pieces : tuple of Span
        Those of its frames that have to be keyed anew.
    keys : dict
        All of this line [dtype=KEY], by place; empty for curves to which it was not baked.
    """

    key: str
    span: Span
    pieces: tuple[Span, ...]
    keys: dict[Place, np.ndarray]

    def by_piece(self, place: Place) -> list[tuple[Span, np.ndarray]]:
        """The pieces, each with its keys of a curve."""
        keys = self.keys.get(place)
        return [] if keys is None else [(piece, _within(keys, piece)) for piece in self.pieces]


def among(grids: Sequence[Grid], there: Mapping[str, sound_places.SoundPlace]) -> list[Grid]:
    """The grids of lines with those of their other lines only that count: baked `there`, or by this bake."""
    now = {grid.key for grid in grids}

    def met(grid: Grid) -> dict[str, Placed]:
        others = {
            key: line if line.beneath or key in now else _as_baked(line, there[key])
            for key, line in grid.others.items()
            if line.beneath or key in now or key in there
        }
        return {key: line for key, line in others.items() if line.meets(grid.line)}

    return [grid if grid.line.beneath else replace(grid, others=met(grid)) for grid in grids]


def keep_blended(home: SlotRef, grids: Sequence[Grid], before: Sequence[sound_places.SoundPlace]) -> None:
    """Go on remembering lines that a longer one was baked over all of: its keys have them in it.

    `before` are the places of what was baked there and of what is baked now.
    """
    known = sound_places.places_of(home)
    there = {place.line: place for place in before if place.line}
    blended = among(grids, there)
    lost = {key for grid in blended if not grid.line.beneath for key, line in grid.others.items() if not line.beneath}
    lost -= {place.line for place in known}
    if lost:
        sound_places.write(home, [*known, *(place for key, place in there.items() if key in lost)])


def left(known: Mapping[str, tuple[Span, ...]], grids: Sequence[Grid]) -> tuple[Span, ...]:
    """The frames to which lines were baked that are now baked elsewhere; `known` is what `spans.spans` gives."""
    now: dict[str, list[Span]] = {}
    for grid in grids:
        if not grid.line.beneath:
            now.setdefault(grid.key, []).append(grid.span)
    return tuple(piece for key, own in now.items() for span in known.get(key, ()) for piece in spans.without(span, own))


def unsettled(known: Mapping[str, tuple[Span, ...]], grids: Sequence[Grid], left: Sequence[Span]) -> tuple[Span, ...]:
    """The frames on which curves are not what they will be: what lines leave, and lines that lie beneath that."""
    now = {talk.KEY, *(grid.key for grid in grids)}
    lines = [span for key, own in known.items() if key not in now for span in own]
    return (*left, *(span for span in lines if any(_common(span, piece) for piece in left)))


def uncovered(
    keyed: Keyed,
    home: SlotRef | None,
    lines_of: Mapping[str, Placed],
    gone: Sequence[Span],
    mode_of: Callable[[str], Mode],
    curves: Mapping[Place, bpy.types.FCurve],
    baked: Mapping[Place, np.ndarray],
    *,
    now: Sequence[Grid] = (),
    locked: tuple[Span, ...] = (),
) -> list[Uncovered]:
    """The lines that are baked at `home` beneath frames that another line leaves, with their own keys there.

    Parameters
    ----------
    keyed : Keyed
    home : SlotRef or None
    lines_of : mapping of str to Placed
        Lines of the character by their keys, without the one that leaves. Of others the keys stay as they are.
    gone : sequence of Span
        What is left.
    mode_of : callable
        How each line is keyed.
    curves, baked : mapping
        The F-curves at `home`, and the keys that were baked [dtype=KEY], by place.
    now : sequence of Grid
        What is baked now, and needs not be keyed once more.
    locked : tuple of Span
    """
    there = {key: place for key, place in baked_at(home).items() if key in lines_of}
    taken, found = [grid.span for grid in now], list[Uncovered]()
    fresh = {grid.key: grid.line for grid in now}
    beneath = {key: line for key, line in lines_of.items() if line.beneath}
    still = {key: _as_baked(lines_of[key], place) for key, place in there.items() if key not in {**fresh, **beneath}}
    placed = {**beneath, **still, **fresh}
    for key, line in still.items():
        place = there[key]
        pieces = tuple(
            piece for span in gone for cut in _common(span, place.span) for piece in spans.without(cut, taken)
        )
        if not pieces:
            continue
        taken += pieces
        others = {other: one for other, one in placed.items() if other != key and one.meets(line)}
        at = np.arange(round(place.first), round(place.last) + 1)
        grid = Grid(line, at, np.ones(len(at)), locked, others, key)
        beside = joining.beside(spans.spans(home), now, grid)
        there_now = [curves.get(name) for name in keyed.places]
        own = joining.joined_keys(keyed, grid, mode_of(key), there_now, (place.span,), beside, gone)
        keys = {
            name: new if _is_on(baked.get(name), place.span, gone) else new[:0]
            for name, new in zip(keyed.places, own, strict=True)
        }
        found.append(Uncovered(key, place.span, pieces, keys))
    return found


def baked_at(home: SlotRef | None) -> dict[str, sound_places.SoundPlace]:
    """Where lines lie that are baked at `home`, by their keys."""
    return {} if home is None else {place.line: place for place in sound_places.places_of(home) if place.line}


def is_met(home: SlotRef, line: str) -> bool:
    """Whether another line is baked on frames to which a line was baked."""
    there = baked_at(home)
    return any(_common(place.span, there[line].span) for key, place in there.items() if key not in (line, talk.KEY))


def _as_baked(line: Placed, place: sound_places.SoundPlace) -> Placed:
    """A line where it lay when it was baked."""
    return replace(line, timeline=Timeline(place.rate, place.frame))


def _common(a: Span, b: Span) -> list[Span]:
    begin, end = max(a[0], b[0]), min(a[1], b[1])
    return [(begin, end)] if begin <= end else []


def _within(keys: np.ndarray, span: Span) -> np.ndarray:
    """The keys of a curve between two frames, which have keys as well."""
    for edge in span:
        keys = split_at(keys, edge)
    at = frames(keys)
    return keys[(at > span[0] - 0.5) & (at < span[1] + 0.5)]


def _is_on(baked: np.ndarray | None, span: Span, gone: Iterable[Span]) -> bool:
    """Whether a line was baked to a curve, as far as its frames tell that nothing else lay on."""
    if baked is None:
        return False
    alone = spans.without(span, gone)
    at = frames(baked)
    return not alone or any(((at >= begin) & (at <= end)).any() for begin, end in alone)
