# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a line, which begins and ends with values that join what stays before and behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bpy
import numpy as np

from ...inference.keys.merge import Span
from ...inference.retarget.performance import evaluate
from ...inference.retarget.rig import Rig
from ..blender import actions
from ..dialogue import talk
from .keyed import Keyed
from .keys import Grid, keys_of, lowered
from .mode import ADDITIVE, Mode


def beside(known: Mapping[str, tuple[Span, ...]], grids: Sequence[Grid], grid: Grid) -> list[float | None]:
    """The frames before and after a grid, where listening or a line next to it was baked and stays so.

    NaN where nothing is to be joined, as both are baked now; None where the curve itself is, as around any line.
    """
    if not grid.line.beneath and not any(other.beneath for other in grid.others.values()):
        return [None, None]
    found: list[float | None] = []
    now = [other.span for other in grids]
    if grid.line.beneath:
        there = [span for key, spans_of in known.items() if key != grid.key for span in spans_of]
    else:
        there = [span for other in grid.others.values() if other.beneath for span in known.get(talk.KEY, ())]
    for frame in (grid.span[0] - 1, grid.span[1] + 1):
        if any(begin <= frame <= end for begin, end in now):
            found.append(np.nan)
        elif any(begin <= frame <= end for begin, end in there):
            found.append(frame)
        else:
            found.append(np.nan if grid.line.beneath else None)
    return found


def joined_keys(
    keyed: Keyed,
    grid: Grid,
    mode: Mode,
    curves: Sequence[bpy.types.FCurve | None],
    last: tuple[Span, ...],
    beside_it: Sequence[float | None],
    left: Sequence[Span] = (),
) -> list[np.ndarray]:
    """The new keys [dtype=KEY] of each curve, given those there are; for an added strip, above the rest.

    `last`, `beside_it` and `left` as of `around`.
    """
    added = mode.into == ADDITIVE  # what an added strip holds is a difference from rest
    standing, rest = (keyed.rest, keyed.above()) if added else (keyed.standing, keyed.rest)

    def value_before(control: int, frame: float) -> float:
        curve = curves[control]
        return standing[control] if curve is None else curve.evaluate(frame) + (rest[control] if added else 0.0)

    there = around(keyed.rig, grid, curves, last, beside_it, left)
    keys = keys_of(keyed.rig, grid, mode, value_before, there + rest if added else there)
    return lowered(keys, rest) if added else keys


def around(
    rig: Rig,
    grid: Grid,
    curves: Sequence[bpy.types.FCurve | None],
    last: tuple[Span, ...],
    beside_it: Sequence[float | None],
    left: Sequence[Span] = (),
) -> np.ndarray:
    """The values on the first and the last frame of a grid [shape=(2, T)]; NaN where nothing is to be joined.

    `last` are the frames of the last bake of its line, `beside_it` is what `beside` gives, `left` are frames from which
    lines go away.
    """

    def there(frame: float) -> np.ndarray:
        within = any(begin < frame < end for begin, end in last) or _holds(left, frame)
        if within and any(one.begin < frame < one.end for one in grid.others.values() if not one.beneath):
            return np.full(len(curves), np.nan)  # the motion has the other line in it, and these keys more than that
        return np.array([_without_last(curve, frame, last, left) for curve in curves])

    return np.array(
        [
            there(frame) if at is None else _continued(rig, grid, curves, at, frame)
            for frame, at in zip(grid.span, beside_it, strict=True)
        ]
    )


def _continued(
    rig: Rig, grid: Grid, curves: Sequence[bpy.types.FCurve | None], beside: float, frame: float
) -> np.ndarray:
    """Values on a frame that go on from those of the curves on the one beside it as the motion does [shape=(T,)]."""
    if np.isnan(beside):
        return np.full(len(curves), np.nan)
    there = [np.nan if curve is None else curve.evaluate(beside) for curve in curves]
    first, second = (evaluate(rig, (grid.line, *grid.others.values()), np.array([at]))[0] for at in (beside, frame))
    return np.array(there) + second - first


def _holds(among: Sequence[Span], frame: float) -> bool:
    return any(begin <= frame <= end for begin, end in among)


def _without_last(curve: bpy.types.FCurve | None, frame: float, last: tuple[Span, ...], left: Sequence[Span]) -> float:
    """Value of a curve on a frame, without what goes away there: the last bake of the line, and what others leave.

    NaN where nothing else is.
    """
    if curve is None:
        return np.nan
    edges = (last[0][0], last[-1][1]) if last else (frame,)  # keys there continue what is around the line
    if frame in edges and not _holds(left, frame):
        return curve.evaluate(frame)
    co = actions.read(curve)["co"]
    away = [*((last[0][0], last[-1][1]) for _ in last[:1]), *left]
    others = co[[not _holds(away, at) for at in co[:, 0].tolist()]]
    return float(np.interp(frame, *others.T)) if len(others) else np.nan
