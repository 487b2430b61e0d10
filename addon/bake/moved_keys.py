# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a curve, laid anew where the sounds of its lines lie now: all lines at once, one over the other.

Every line is taken out with its edits before any is laid in, so that no line lands on keys that have yet to go. Of
lines that meet, the one that begins later lies over the other, as in a bake.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from ...inference.core.curves import smoothstep
from ...inference.keys.merge import edited, fitted
from ...inference.keys.records import (
    APART,
    HAND,
    frames,
    in_order,
    shape_only,
    share_a_frame,
    shifted,
    split_at,
)
from ...inference.takes.ends import LEAD
from .sound_places import BENEATH, SoundPlace


class End(Enum):
    """With which value a line begins or ends."""

    AS_BAKED = 0
    AT_REST = 1  # it met another line there, which is elsewhere now
    ON_OTHERS = 2  # it lies over another line there


@dataclass(frozen=True)
class Layer:
    """The keys of a line, where they were and where they go; `ends` are its first and its last."""

    then: SoundPlace
    now: SoundPlace
    ends: tuple[End, End] = (End.AS_BAKED, End.AS_BAKED)

    @property
    def way(self) -> tuple[float, float]:
        """Where frame 0 goes, and how many times as long it takes; the same for lines that move as one."""
        longer = self.now.rate / self.then.rate
        return round(self.now.first - self.then.first * longer, 6), round(longer, 9)


@dataclass(frozen=True, eq=False)
class Laid:
    """A curve with its lines where they go.

    Parameters
    ----------
    keys, baked : ndarray [dtype=KEY]
        Its keys, and what is remembered as baked.
    hand : ndarray [shape=(K,), bool]
        Which of the keys are the artist's.
    kept, lost : int
        How many keys of the artist's lie in the frames of lines that came there; and how many are gone, as another key
        of the artist's came to the same frame.
    """

    keys: np.ndarray
    baked: np.ndarray
    hand: np.ndarray
    kept: int = 0
    lost: int = 0


def layers(moves: Sequence[tuple[SoundPlace, SoundPlace]], locked: Collection[str]) -> list[Layer]:
    """The lines in the order in which they are laid.

    `moves` are where each was and where it goes, also of those that stay; those with `locked` keys join nothing.
    """
    every = [Layer(then, now) for then, now in moves]
    every.sort(key=lambda one: (one.then.line != BENEATH, one.now.first, one.then != one.now))
    return [
        one if one.then.line in (BENEATH, *locked) else Layer(one.then, one.now, _ends(one, every[:number], every))
        for number, one in enumerate(every)
    ]


def _ends(layer: Layer, below: Sequence[Layer], every: Sequence[Layer]) -> tuple[End, End]:
    def end(then: float, now: float, outwards: int) -> End:
        if any(_meets(other.now, now, outwards) for other in below if other.way != layer.way):
            return End.ON_OTHERS
        met = any(_meets(other.then, then, outwards) for other in every if other.way != layer.way)
        return End.AT_REST if met else End.AS_BAKED

    return end(layer.then.first, layer.now.first, -1), end(layer.then.last, layer.now.last, 1)


def _meets(place: SoundPlace, frame: float, outwards: int) -> bool:
    """Whether a line that ends on a frame has a place beside or below it; what lies beneath all ends beside lines."""
    at = np.array([frame, frame + outwards] if place.line == BENEATH else [frame])
    return bool(place.holds(at).any())


def laid(
    keys: np.ndarray, baked: np.ndarray, order: Sequence[Layer], rest: float | None, others_by: float = 0.0
) -> Laid:
    """The keys of a curve with its lines where they go, edits and all.

    Parameters
    ----------
    keys, baked : ndarray [dtype=KEY]
        The curve as it is, and what is remembered as baked, both where the lines were.
    order : sequence of Layer
        What `layers` gives.
    rest : float or None
        The value of the curve on a silent face; None where it is stepped, or there is no such value.
    others_by : float
        Frames by which keys of no line go.
    """
    hand = edited(keys, baked)
    apart = baked["type"] == APART
    own, own_baked = (np.any([one.then.holds(frames(some)) for one in order], axis=0) for some in (keys, baked))
    own &= ~share_a_frame(keys, baked[apart])
    fixed = shifted(baked[~own_baked | apart], others_by)
    fixed["type"][fixed["type"] == APART] = HAND
    beneath = Laid(shifted(keys[~own], others_by), fixed, hand[~own])
    curve = beneath
    for number, layer in enumerate(order):
        over = [one.then for one in order[number + 1 :] if one.way == layer.way]
        mine, mine_baked = own & _of(keys, layer.then, over), ~apart & _of(baked, layer.then, over)
        line = Laid(shifted(keys[mine], *layer.way), shifted(baked[mine_baked], *layer.way), hand[mine])
        curve = _over(curve, line if rest is None else _joined(curve, line, layer, rest), layer)
    among = beneath.hand & np.any([one.now.holds(frames(beneath.keys)) for one in order], axis=0)
    left = shape_only(beneath.keys[among & share_a_frame(beneath.keys, curve.keys[curve.hand])])
    left["type"] = APART
    known = curve.baked[(curve.baked["type"] != HAND) | ~share_a_frame(curve.baked, left)]
    return replace(curve, baked=in_order(np.concatenate([known, left])))


def _of(keys: np.ndarray, place: SoundPlace, over: Sequence[SoundPlace]) -> np.ndarray:
    """Which keys are those of a line, where others that move with it lie over it [bool]."""
    at = frames(keys)
    return place.holds(at) & ~np.any([np.zeros(len(at), bool), *(other.holds(at) for other in over)], axis=0)


def _joined(below: Laid, line: Laid, layer: Layer, rest: float) -> Laid:
    """A line that begins and ends with the values it has to; keys of the artist's keep theirs."""
    bare = line.baked[line.baked["type"] >= 0]
    if not len(bare):
        return line
    keys, baked = line.keys, line.baked
    for end, at in zip(layer.ends, layer.now.span, strict=True):
        if end is not End.AS_BAKED:
            to = rest if end is End.AT_REST else _value(below.keys, at, rest)
            apart, reach = to - _value(bare, at, rest), LEAD * layer.now.rate
            keys = _bent(keys, ~line.hand, at, reach, apart, to if end is End.AT_REST else None)
            baked = _bent(baked, baked["type"] >= 0, at, reach, apart, to if end is End.AT_REST else None)
    return replace(line, keys=keys, baked=baked)


def _bent(
    keys: np.ndarray, which: np.ndarray, at: float, reach: float, by: float, not_beyond: float | None
) -> np.ndarray:
    """The keys with some of them higher by a number on a frame, and by less within reach of it."""
    keys = keys.copy()
    value = keys["co"][:, 1].astype(np.float64)
    new = value + by * (1 - smoothstep(np.abs(frames(keys) - at) / reach))
    if not_beyond is not None:
        new = np.clip(new, np.minimum(value, not_beyond), np.maximum(value, not_beyond))
    for field in ("co", "handle_left", "handle_right"):
        keys[field][which, 1] += (new - value)[which]
    return keys


def _value(keys: np.ndarray, frame: float, rest: float) -> float:
    """The value of a curve on a frame; `rest` where it has no keys."""
    if not len(keys):
        return rest
    cut = split_at(keys, frame)
    return float(cut["co"][np.argmin(np.abs(frames(cut) - frame)), 1])


def _over(below: Laid, line: Laid, layer: Layer) -> Laid:
    """A line laid over a curve: it takes the place of what was baked there; the artist's keys stay."""
    for end, at in zip(layer.ends, layer.now.span, strict=True):
        if end is End.ON_OTHERS:
            below = _cut(below, at)
    inside, baked_inside = (layer.now.holds(frames(some)) for some in (below.keys, below.baked))
    keys = fitted(line.keys, below.keys[inside], [layer.now.span])
    baked = fitted(line.baked, below.baked[baked_inside], [layer.now.span])
    held = inside & below.hand
    replaced = held & share_a_frame(below.keys, keys[line.hand])
    stay = ~inside | (held & ~replaced)
    fits = line.hand | ~share_a_frame(keys, below.keys[held])
    together = np.concatenate([below.keys[stay], keys[fits]])
    order = np.argsort(frames(together), kind="stable")
    known = below.baked[~baked_inside | (below.baked["type"] == HAND)]
    baked = baked[(baked["type"] < 0) | ~share_a_frame(baked, below.keys[held & ~replaced])]
    return Laid(
        together[order],
        in_order(np.concatenate([known, baked])),
        np.concatenate([below.hand[stay], line.hand[fits]])[order],
        below.kept + int((held & ~replaced).sum()),
        below.lost + int(replaced.sum()),
    )


def _cut(curve: Laid, at: float) -> Laid:
    """The same curve with a key on a frame, so that it keeps its shape on the side that stays."""
    keys = split_at(curve.keys, at)
    if len(keys) == len(curve.keys):
        return curve
    hand = np.insert(curve.hand, int(np.searchsorted(frames(curve.keys), at)), False)
    known = curve.baked[(curve.baked["type"] < 0) | ~share_a_frame(curve.baked, keys[~hand])]
    return replace(curve, keys=keys, baked=in_order(np.concatenate([known, shape_only(keys[~hand])])), hand=hand)
