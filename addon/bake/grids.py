# SPDX-License-Identifier: GPL-3.0-or-later
"""Which whole frames a bake keys: those of each line, and between them those of what lies beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...inference.core.errors import FacewrightError
from ...inference.keys.merge import Span
from ...inference.retarget.performance import Placed
from . import spans
from .keys import Grid
from .mode import Mode


def grids_of(
    lines_of: Mapping[str, Placed], others: Mapping[str, Placed], locked: Sequence[Span], mode: Mode
) -> list[Grid]:
    """The frames to be keyed, of every line; what lies beneath comes last, in pieces between the lines.

    Raises
    ------
    FacewrightError
        When a range lies outside of a line, or nothing is left to be keyed.
    """
    every = {**others, **lines_of}
    grids = [
        _grid(key, line, {other: one for other, one in every.items() if other != key}, locked, mode)
        for key, line in lines_of.items()
        if not line.beneath
    ]
    for key, line in lines_of.items():
        if line.beneath:
            taken = [one.whole_frames for one in every.values() if not one.beneath]
            pieces = spans.without((round(line.begin), round(line.end)), taken)
            shown = [_clipped(piece, mode.span) for piece in pieces]
            frames = [np.arange(first, last + 1) for first, last in shown if first <= last]
            grids += [Grid(line, one, np.ones(len(one)), tuple(locked), key=key) for one in frames]
    if not grids:
        where = f"from frame {mode.span[0]} to {mode.span[1]}" if mode.span else "in the whole shot"
        raise FacewrightError(
            f"There is nothing to listen to {where}: it speaks all the time, or the shot lies elsewhere."
        )
    return grids


def _clipped(span: Span, to: Span | None) -> tuple[int, int]:
    """The whole frames of a span that lie in another, if one is given."""
    first, last = span if to is None else (max(span[0], to[0]), min(span[1], to[1]))
    return round(first), round(last)


def _grid(key: str, line: Placed, others: Mapping[str, Placed], locked: Sequence[Span], mode: Mode) -> Grid:
    """The frames to be keyed of a line."""
    first, last = line.whole_frames
    begin, end = mode.span or (first, last)
    if begin > last or end < first:
        raise FacewrightError(
            f"Expected a range within the take, which lasts from frame {first} to {last}, got {begin} to {end}."
        )
    frames = np.arange(max(first, begin), min(last, end) + 1)
    return Grid(line, frames, np.ones(len(frames)), tuple(locked), others, key)
