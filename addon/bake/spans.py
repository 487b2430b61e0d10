# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames each line of a character was baked to, remembered on the Action with the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ...inference.keys.merge import Span
from ...inference.keys.records import frames
from ..blender.actions import SlotRef
from .edits import Place

SPANS = "facewright_lines"  # custom property of Actions: slot -> key of a line -> first and last frame


def spans(home: SlotRef | None) -> dict[str, Span]:
    """First and last frame of every line that was baked at `home`, by its key."""
    if home is None:
        return {}
    held = home.action.get(SPANS, {})
    found = next((held[mark].to_dict() for mark in home.marks if mark in held), {})
    return {line: (float(span[0]), float(span[1])) for line, span in found.items()}


def remember(home: SlotRef, baked: dict[str, Span]) -> None:
    """Store what `spans` gives."""
    held = home.action[SPANS].to_dict() if SPANS in home.action else {}
    for mark in home.marks:
        held.pop(mark, None)
    held[home.mark] = {line: list(span) for line, span in baked.items()}
    home.action[SPANS] = held


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
