# SPDX-License-Identifier: GPL-3.0-or-later
"""One line taken out of what was baked, while lines that were baked after it, or with it, stay.

The records of bakes lie one on the other, and only the last one can be put back. So the keys of a line below it are
taken out of the Action and out of what the records above it remember. A record of which no line is left goes with the
next Unbake.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from ...inference.keys.merge import SAME_FRAME, Span
from ...inference.keys.records import frames
from ..blender import actions, nla, saved_paths
from ..blender.actions import SlotRef
from ..character.character import Part
from . import edits, nla_poses, records, sound_places, spans


def is_below(home: SlotRef, line: str) -> bool:
    """Whether a line is baked at `home`, and the last bake there is not of this line alone; of poses, no bake is."""
    known = spans.spans(home)
    return line in known and (records.lines(home) != [line] or (nla.is_poses_home(home) and len(known) > 1))


def is_spent(home: SlotRef) -> bool:
    """Whether all lines of the last bake at `home` were taken out already."""
    return records.record_of(home) is not None and records.lines(home) == []


def take_out(part: Part, home: SlotRef, line: str) -> int:
    """Take the keys of a line of a part out; returns how many keys of the artist's stay in its frames."""
    places = sound_places.places_of(home)
    others = [place for place in places if place.line != line]
    around = [place.span for place in others]
    own = [piece for span in spans.spans(home)[line] for piece in spans.without(span, around)]
    if nla.is_poses_home(home):
        kept = _clear_poses(home, own)
        records.leave_out(home, line, lambda baked: _outside(baked, own))
        record = records.record_of(home)
        if is_spent(home) and record["kind"] == nla_poses.KIND and not record.get("along"):
            records.forget(home)  # what it would put back are influences, as they were around this line
        return kept
    kept = _clear(home, own)
    keyed = {(curve.data_path, curve.array_index) for curve in home.existing_fcurves}
    for name, value in json.loads(records.record_of(home)["values"]).items():
        name = saved_paths.current(name)
        if part.target.curve(part.block, name) not in keyed:
            part.target.set_value(part.block, name, value)
    records.leave_out(home, line, lambda baked: _outside(baked, own))
    return kept


def with_own(now: np.ndarray, before: np.ndarray, baked: np.ndarray) -> np.ndarray:
    """The keys of a curve with those of before that were the artist's own, where there is none now [all dtype=KEY].

    `baked` are those of before that were baked.
    """
    taken = np.concatenate([frames(now), frames(baked[baked["type"] >= 0])])
    away = np.abs(frames(before)[:, None] - taken[None, :]).min(axis=1, initial=np.inf)
    keys = np.concatenate([now, before[away > SAME_FRAME]])
    return keys[np.argsort(frames(keys), kind="stable")]


def _clear(home: SlotRef, own: Sequence[Span]) -> int:
    """Take the baked keys of some frames out of all curves, and out of what is remembered of them."""
    baked, kept = edits.baked_keys(home), 0
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    now_at = {then: now for now, then in edits.renamed(home, baked, curves).items()}
    for place, base in baked.items():
        curve = curves.get(now_at.get(place, place))
        if curve is None or actions.is_locked(curve):
            continue
        keys = actions.read(curve)
        cleared = edits.merged(keys, keys[:0], base, own)
        kept += cleared.kept
        actions.replace_keys(home, now_at.get(place, place), cleared.keys, curve)
        baked[place] = _outside(base, own)
    edits.remember(home, baked)
    return kept


def _clear_poses(home: SlotRef, own: Sequence[Span]) -> int:
    """Take the baked keys of some frames out of the influences of all poses, and out of what is remembered of them."""
    kept = 0

    def clear(keys: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal kept
        cleared = edits.merged(keys, keys[:0], base, own)
        kept += cleared.kept
        return cleared.keys, _outside(base, own)

    nla_poses.work_over(home, clear)
    return kept


def _outside(keys: np.ndarray, spans_of: Sequence[Span]) -> np.ndarray:
    """The keys that do not lie in any of the spans."""
    at = frames(keys)
    inside = np.zeros(len(keys), bool)
    for begin, end in spans_of:
        inside |= (at > begin - 0.5) & (at < end + 0.5)
    return keys[~inside]
