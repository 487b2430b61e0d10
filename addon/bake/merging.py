# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of one curve while lines are baked into it, one after the other, around what else is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...inference.keys.merge import EVERYWHERE, Span
from ...inference.keys.records import in_order
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

    @property
    def changed(self) -> tuple[Span, ...]:
        """All frames that change."""
        return (self.span, *self.left)

    def meets(self, other: Stretch) -> bool:
        """Whether there is a frame that both change."""
        return any(a[0] <= b[1] and b[0] <= a[1] for a in self.changed for b in other.changed)


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

    def with_lines(self, lines: Sequence[tuple[np.ndarray, Stretch]], keep_edits: bool) -> CurveKeys:
        """The curve with the keys of lines in their stretches; where these meet, later lines lie over earlier ones."""
        curve = self
        for together in _apart(lines):
            new = np.concatenate([keys for keys, _ in together])
            stretches = [stretch for _, stretch in together]
            done = edits.merged(
                curve.keys,
                in_order(new),
                curve.baked,
                [span for stretch in stretches for span in stretch.changed],
                first=[span for stretch in stretches for span in stretch.first],
                locked=list(dict.fromkeys(span for stretch in stretches for span in stretch.locked)),
                keep_edits=keep_edits,
            )
            curve = CurveKeys(done.keys, done.baked, curve.kept + done.kept)
        return curve


def _apart(lines: Sequence[tuple[np.ndarray, Stretch]]) -> list[list[tuple[np.ndarray, Stretch]]]:
    """The lines in groups that change no frame in common; of two that do, the earlier one is in an earlier group."""
    groups: list[list[tuple[np.ndarray, Stretch]]] = []
    for line in lines:
        met = [number for number, group in enumerate(groups) if any(line[1].meets(other) for _, other in group)]
        number = met[-1] + 1 if met else 0
        groups[number:] = [[*(groups[number] if number < len(groups) else []), line], *groups[number + 1 :]]
    return groups


def count_replaced(before: np.ndarray, after: np.ndarray, baked: np.ndarray | None) -> int:
    """How many keys of the artist's own, never baked, are gone from a curve."""
    own = before
    if baked is not None and len(baked) and len(before):
        there = set(map(tuple, baked[baked["type"] >= 0]["co"].tolist()))
        own = before[[tuple(one) not in there for one in before["co"].tolist()]]
    return edits.count_removed(own, after)
