# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames each line of a character was baked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ...inference.keys.merge import Span
from ...inference.keys.records import frames
from ..blender.actions import SlotRef
from .edits import Place
from .sound_places import places_of


def spans(home: SlotRef | None) -> dict[str, Span]:
    """First and last frame of every line that was baked at `home`, by its key."""
    return {} if home is None else {place.line: place.span for place in places_of(home) if place.line}


def last_of(known: Mapping[str, Span], line: str, baked: Mapping[Place, np.ndarray], alone: bool) -> Span | None:
    """First and last frame of the last bake of a line; None where it was not baked.

    Parameters
    ----------
    known : mapping
        What `spans` gives.
    line : str
        Key of the line.
    baked : mapping
        The keys of the last bakes [dtype=KEY], by place.
    alone : bool
        Whether the character has no other line: keys of before there were lines are then its own.
    """
    return _extent(baked.values()) if line and alone and not known else known.get(line)


def without(span: Span, others: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of a span of whole frames where others lie over it."""
    left = [span]
    for begin, end in others:
        left = [
            piece
            for low, high in left
            for piece in ((low, min(high, begin - 1)), (max(low, end + 1), high))
            if piece[0] <= piece[1]
        ]
    return tuple(left)


def _extent(keys: Iterable[np.ndarray]) -> Span | None:
    """First and last frame of keys; None where there are none."""
    at = [frames(one)[[0, -1]] for one in keys if len(one)]
    return (float(min(first for first, _ in at)), float(max(last for _, last in at))) if at else None
