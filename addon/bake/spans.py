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
from .sound_places import without as without


def spans(home: SlotRef | None) -> dict[str, tuple[Span, ...]]:
    """First and last frames of every line that was baked at `home`, by its key: several of listening, between lines."""
    found: dict[str, tuple[Span, ...]] = {}
    for place in [] if home is None else places_of(home):
        if place.line:
            found[place.line] = (*found.get(place.line, ()), place.span)
    return found


def last_of(
    known: Mapping[str, tuple[Span, ...]], line: str, baked: Mapping[Place, np.ndarray], alone: bool
) -> tuple[Span, ...]:
    """First and last frames of the last bake of a line; none where it was not baked.

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
    return _extent(baked.values()) if line and alone and not known else known.get(line, ())


def _extent(keys: Iterable[np.ndarray]) -> tuple[Span, ...]:
    """First and last frame of keys; none where there are none."""
    at = [frames(one)[[0, -1]] for one in keys if len(one)]
    return ((float(min(first for first, _ in at)), float(max(last for _, last in at))),) if at else ()
