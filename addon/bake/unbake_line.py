# SPDX-License-Identifier: GPL-3.0-or-later
"""One line taken out of what was baked, while lines that were baked after it, or with it, stay.

The records of bakes lie one on the other, and only the last one can be put back. So the keys of a line below it are
taken out of the Action and out of what the records above it remember. A record of which no line is left goes with the
next Unbake.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import bpy
import numpy as np

from ...inference.keys.merge import Merged, Span
from ...inference.keys.records import HAND, KEY, frames, in_order, share_a_frame
from ...inference.retarget.performance import Placed
from ..blender import actions, nla, saved_paths
from ..blender.actions import SlotRef
from ..character.character import Part
from . import edits, influences, line_records, neighbours, nla_poses, records, sound_places, spans
from .edits import Place
from .keyed import Keyed
from .mode import ADDITIVE, EXISTING, STRIPS, Mode
from .neighbours import Uncovered

Table = Mapping[str, Any]  # a place of a sound, as it is saved


def is_below(home: SlotRef, line: str) -> bool:
    """Whether a line is baked at `home`, and the last bake there is not of this line alone; of poses, no bake is."""
    known = spans.spans(home)
    return line in known and (line_records.lines(home) != [line] or (nla.is_poses_home(home) and len(known) > 1))


def is_spent(home: SlotRef) -> bool:
    """Whether all lines of the last bake at `home` were taken out already."""
    return records.record_of(home) is not None and line_records.lines(home) == []


def take_out(part: Part, home: SlotRef, line: str, lines_of: Mapping[str, Placed], keyed: Keyed) -> int:
    """Take the keys of a line of a part out; returns how many keys of the artist's stay in its frames.

    Parameters
    ----------
    part : Part
    home : SlotRef
    line : str
        Its key.
    lines_of : mapping of str to Placed
        The lines of the character by their keys. Those that are baked where this one lies are laid anew there.
    keyed : Keyed
        What is keyed at `home`: the controls of the part, or the influences of its poses.
    """
    others = {key: one for key, one in lines_of.items() if key != line}
    if nla.is_poses_home(home):
        kept = _clear_poses(home, line, others, keyed)
        record = records.record_of(home)
        if is_spent(home) and record["kind"] == nla_poses.KIND and not record.get("along"):
            records.forget(home)  # what it would put back are influences, as they were around this line
        return kept
    kept = _clear(home, line, others, keyed)
    still = {(curve.data_path, curve.array_index) for curve in home.existing_fcurves}
    for name, value in json.loads(records.record_of(home)["values"]).items():
        name = saved_paths.current(name)
        if part.target.curve(part.block, name) not in still:
            part.target.set_value(part.block, name, value)
    return kept


def with_own(now: np.ndarray, before: np.ndarray, baked: np.ndarray) -> np.ndarray:
    """The keys of a curve with those of before that were the artist's own, where there is none now [all dtype=KEY].

    `baked` are those of before that were baked.
    """
    taken = np.concatenate([now, baked[baked["type"] >= 0]])
    return in_order(np.concatenate([now, before[~share_a_frame(before, taken)]]))


def _clear(home: SlotRef, line: str, others: Mapping[str, Placed], keyed: Keyed) -> int:
    """Take the baked keys of a line out of all curves and records, and lay those anew that lie beneath it."""
    baked, kept, changes = edits.baked_keys(home), 0, {}
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    now_at = {then: now for now, then in edits.renamed(home, baked, curves).items()}
    renamed = baked | {now: baked[then] for then, now in now_at.items()}
    into = EXISTING if home == actions.slot_in_use(home.block) else ADDITIVE
    under = _under(home, line, others, keyed, into, curves, renamed)
    places = [asdict(place) for place in sound_places.places_of(home)]
    for then, base in baked.items():
        place = now_at.get(then, then)
        curve = curves.get(place)
        if curve is not None and actions.is_locked(curve):
            continue
        now = actions.read(curve) if curve is not None else base[:0]
        done = _without(line, under, place, now, base, places)
        kept += done.kept
        changes[f"{then[1]}|{then[0]}"] = now, done.keys
        baked[then] = done.baked
        if curve is not None:
            actions.replace_keys(home, place, done.keys, curve)
    edits.remember(home, baked)

    def work(name: str, keys: np.ndarray, base: np.ndarray, places: Sequence[Table]) -> tuple[np.ndarray, np.ndarray]:
        index, path = name.split("|", 1)
        then = (saved_paths.current(path), int(index))
        done = _without(line, under, now_at.get(then, then), keys, base, places)
        return done.keys, done.baked

    line_records.leave_out(home, line, changes, work)
    return kept


def _without(
    line: str,
    under: Sequence[Uncovered],
    place: Place | None,
    keys: np.ndarray,
    base: np.ndarray,
    places: Sequence[Table],
) -> Merged:
    """A curve without the baked keys of a line, and with those of lines beneath; `places` are of all that is baked."""
    own = [(one["first"], one["last"]) for one in places if one["line"] == line]
    around = [(one["line"], (one["first"], one["last"])) for one in places if one["line"] != line]
    alone = [piece for span in own for piece in spans.without(span, [other for _, other in around])]
    beneath = [one for one in under if own and (one.key, one.span) in around]
    pieces = [piece for one in beneath if place is not None for piece in one.by_piece(place)]
    changed = [*alone, *(span for span, _ in pieces)]
    if not changed:
        return Merged(keys, base, 0)
    new = in_order(np.concatenate([keys[:0], *(laid for _, laid in pieces)]))
    done = edits.merged(keys, new, base, changed)
    # What the artist keyed since then still counts as edits.
    known = in_order(np.concatenate([done.baked[done.baked["type"] != HAND], base[base["type"] == HAND]]))
    return replace(done, baked=_outside(known, alone))


def _clear_poses(home: SlotRef, line: str, others: Mapping[str, Placed], keyed: Keyed) -> int:
    """Take the baked keys of a line out of the influences of all poses, and out of records; lay others anew there."""
    kept, places = 0, [asdict(place) for place in sound_places.places_of(home)]
    there = influences.existing(home, home.block, influences.laid(home.block))
    under = _under(home, line, others, keyed, STRIPS, there.curves, there.baked)

    def clear(pose: str, keys: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal kept
        done = _without(line, under, (pose, 0), keys, base, places)
        kept += done.kept
        return done.keys, done.baked

    def work(pose: str, keys: np.ndarray, base: np.ndarray, places: Sequence[Table]) -> tuple[np.ndarray, np.ndarray]:
        done = _without(line, under, (pose, 0), keys, base, places)
        return done.keys, done.baked

    laid = influences.laid(home.block)
    influences.work_over(home, clear)
    nothing = np.zeros(0, KEY)
    line_records.leave_out(home, line, dict.fromkeys(laid, (nothing, nothing)), work)
    return kept


def _under(
    home: SlotRef,
    line: str,
    others: Mapping[str, Placed],
    keyed: Keyed,
    into: str,
    curves: Mapping[Place, bpy.types.FCurve],
    baked: Mapping[Place, np.ndarray],
) -> list[Uncovered]:
    """The lines that are baked where a line is taken out, which nothing lies over any more."""

    def mode_of(key: str) -> Mode:
        return Mode(into=into, **line_records.how(home, key))

    return neighbours.uncovered(keyed, home, others, spans.spans(home)[line], mode_of, curves, baked)


def _outside(keys: np.ndarray, spans_of: Sequence[Span]) -> np.ndarray:
    """The keys that do not lie in any of the spans."""
    at = frames(keys)
    inside = np.zeros(len(keys), bool)
    for begin, end in spans_of:
        inside |= (at > begin - 0.5) & (at < end + 0.5)
    return keys[~inside]
