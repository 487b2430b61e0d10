# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of one curve while lines are baked into it, one after the other, around what else is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...inference.keys.merge import EVERYWHERE, Span, merge
from ...inference.keys.records import frames
from . import edits


@dataclass(frozen=True)
class Stretch:
    """The frames of a curve that the bake of a line changes.

    Parameters
    ----------
    span : Span
        Those that are keyed anew.
    first : tuple of Span
        Of these, those on which nothing of facewright was baked yet: keys there are replaced, for they are no edits of
        a bake.
    left : tuple of Span
        Those that the last bake of the line keyed, and this one does not.
    locked : tuple of Span
        Those that the artist locked.
    """

    span: Span = EVERYWHERE
    first: tuple[Span, ...] = ()
    left: tuple[Span, ...] = ()
    locked: tuple[Span, ...] = ()


@dataclass(frozen=True, eq=False)
class CurveKeys:
    """A curve, as far as it is worked out.

    Parameters
    ----------
    keys : ndarray [dtype=KEY]
    baked : ndarray [dtype=KEY] or None
        What will be remembered as baked; None where nothing was.
    kept : int
        How many keys that the artist changed, moved, added or deleted stay so.
    """

    keys: np.ndarray
    baked: np.ndarray | None
    kept: int = 0

    def with_line(self, new: np.ndarray, stretch: Stretch, keep_edits: bool) -> CurveKeys:
        """The curve with the keys of a line in their stretch."""
        keys, baked = self.keys, self.baked
        for left in stretch.left:
            cleared = edits.merged(keys, new[:0], baked, left, stretch.locked, keep_edits)
            keys, baked = cleared.keys, cleared.baked
        if stretch.first == (stretch.span,) and baked is not None:
            whole = merge(keys, new, None, span=stretch.span, locked=stretch.locked)
            around = merge(keys, new, baked, span=stretch.span, locked=stretch.locked).baked
            inside = ~_is_outside(whole.baked, stretch.span)
            remembered = [around[_is_outside(around, stretch.span)], whole.baked[inside]]
            return CurveKeys(whole.keys, _sorted(remembered), self.kept)
        for first in stretch.first if baked is not None else ():
            keys = merge(keys, new[:0], None, span=first, locked=stretch.locked).keys
        done = edits.merged(keys, new, baked, stretch.span, stretch.locked, keep_edits)
        return CurveKeys(done.keys, done.baked, self.kept + done.kept)


def count_replaced(before: np.ndarray, after: np.ndarray, baked: np.ndarray | None) -> int:
    """How many keys of the artist's own, never baked, are gone from a curve."""
    own = before
    if baked is not None and len(baked) and len(before):
        there = set(map(tuple, baked[baked["type"] >= 0]["co"].tolist()))
        own = before[[tuple(one) not in there for one in before["co"].tolist()]]
    return edits.count_removed(own, after)


def _is_outside(keys: np.ndarray, span: Span) -> np.ndarray:
    at = frames(keys)
    return (at < span[0] - 1e-3) | (at > span[1] + 1e-3)


def _sorted(parts: Sequence[np.ndarray]) -> np.ndarray:
    keys = np.concatenate(parts)
    return keys[np.argsort(frames(keys), kind="stable")]
