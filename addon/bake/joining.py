# SPDX-License-Identifier: GPL-3.0-or-later
"""The values with which a line begins and ends, so that it joins what stays before and behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import bpy
import numpy as np

from ...inference.keys.merge import Span
from ...inference.retarget.performance import evaluate
from ...inference.retarget.rig import Rig
from ..blender import actions
from ..dialogue import talk
from .keys import Grid


def beside(known: Mapping[str, tuple[Span, ...]], grids: Sequence[Grid], grid: Grid) -> list[float | None]:
    """The frames before and after a grid, where listening or a line next to it was baked and stays so.

    NaN where nothing is to be joined, as both are baked now; None where the curve itself is, as around any line.
    """
    if not grid.line.beneath and not any(other.beneath for other in grid.others):
        return [None, None]
    found: list[float | None] = []
    now = [other.span for other in grids]
    if grid.line.beneath:
        there = [span for key, spans_of in known.items() if key != grid.key for span in spans_of]
    else:
        there = [span for other in grid.others if other.beneath for span in known.get(talk.KEY, ())]
    for frame in (grid.span[0] - 1, grid.span[1] + 1):
        if any(begin <= frame <= end for begin, end in now):
            found.append(np.nan)
        elif any(begin <= frame <= end for begin, end in there):
            found.append(frame)
        else:
            found.append(np.nan if grid.line.beneath else None)
    return found


def around(
    rig: Rig,
    grid: Grid,
    curves: Sequence[bpy.types.FCurve | None],
    last: tuple[Span, ...],
    beside_it: Sequence[float | None],
) -> np.ndarray:
    """The values on the first and the last frame of a grid [shape=(2, T)]; NaN where nothing is to be joined.

    `last` are the frames of the last bake of its line, `beside_it` is what `beside` gives.
    """
    return np.array(
        [
            [_without_last(curve, frame, last) for curve in curves]
            if at is None
            else _continued(rig, grid, curves, at, frame)
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
    first, second = (evaluate(rig, (grid.line, *grid.others), np.array([at]))[0] for at in (beside, frame))
    return np.array(there) + second - first


def _without_last(curve: bpy.types.FCurve | None, frame: float, last: tuple[Span, ...]) -> float:
    """Value of a curve on a frame, without what the last bake of the line put there; NaN where nothing else is."""
    if curve is None:
        return np.nan
    if not last or frame in (last[0][0], last[-1][1]):  # keys on its first and last frame continue what is around it
        return curve.evaluate(frame)
    co = actions.read(curve)["co"]
    others = co[(co[:, 0] < last[0][0]) | (co[:, 0] > last[-1][1])]
    return float(np.interp(frame, *others.T)) if len(others) else np.nan
