# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of one part of a character: on every frame or few, straight or smooth, blended into what was there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...inference.core.curves import smoothstep
from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.keys import records, reduce
from ...inference.keys.merge import Span
from ...inference.lips.contacts import GAP, lip_contacts
from ...inference.retarget.performance import Placed, evaluate
from ...inference.retarget.rig import Rig
from ...inference.takes.ends import LEAD
from .mode import BEZIER, SPARSE, Mode

_CLOSED = 0.2  # of the error, while lips are shut
_SNAP = 0.2  # frames; a closure this close to a whole frame is keyed there, for handles need room


@dataclass(frozen=True, eq=False)
class Grid:
    """The whole frames to be keyed, and how much of the new motion counts on each.

    Parameters
    ----------
    line : Placed
        What is baked, where it lies.
    frames : ndarray [shape=(F,)]
    weight : ndarray [shape=(F,)]
        In [0, 1]; below 1 where the bake blends into what was there.
    locked : tuple of Span
        Frames that the artist locked.
    others : mapping of str to Placed
        The other lines of the character by their keys, which may overlap this one, and what lies beneath.
    key : str
        Of the line; several grids have the key of listening, which lies between lines. "" for a motion that is no line.
    """

    line: Placed
    frames: np.ndarray
    weight: np.ndarray
    locked: tuple[Span, ...] = ()
    others: Mapping[str, Placed] = field(default_factory=dict)
    key: str = ""

    @property
    def motion(self) -> Motion:
        """What is baked."""
        return self.line.motion

    @property
    def timeline(self) -> Timeline:
        """Where the seconds of the motion lie among the frames."""
        return self.line.timeline

    @property
    def span(self) -> Span:
        """The first and the last frame to be keyed."""
        return float(self.frames[0]), float(self.frames[-1])

    @property
    def eased(self) -> bool:
        """Whether the line comes out of the face at rest and goes back into it, to its first and last frame."""
        return self.line.lead > 0 and self.span == self.line.whole_frames


def weights(frames: np.ndarray, span: Span, locked: Sequence[Span], blend: int) -> np.ndarray:
    """How much of the new motion counts [shape=(F,)]: coming in after the borders of the span and of locks."""
    away = np.minimum(frames - span[0], span[1] - frames).astype(float)
    for first, last in locked:
        away = np.minimum(away, np.maximum(first - frames, frames - last))
    return np.clip(away / blend, 0, 1) if blend else np.where(away < 0, 0.0, 1.0)


def keys_of(
    rig: Rig, grid: Grid, mode: Mode, before: Callable[[int, float], float], around: np.ndarray
) -> list[np.ndarray]:
    """Keys for each control of a rig, and nothing is written yet.

    Parameters
    ----------
    rig : Rig
        Turns channels into the values of its controls.
    grid : Grid
        What is baked, and where.
    mode : Mode
        How.
    before : callable
        Value of a control, by number, that is there now at a frame.
    around : ndarray [shape=(2, T)]
        Values with which to begin on the first frame and to end on the last one, to join what is there; NaN where
        nothing is.

    Returns
    -------
    list of ndarray [each dtype=KEY]
    """
    few = mode.keys == SPARSE  # which hold closed lips between frames, too
    values = evaluate(rig, (grid.line, *grid.others.values()), grid.frames, between=few).astype(np.float64)
    stepped = rig.stepped
    if grid.eased or grid.line.beneath:
        values[:, ~stepped] = _joined(values, around, grid)[:, ~stepped]
    for row in np.flatnonzero(grid.weight < 1):
        old = np.array([before(target, float(grid.frames[row])) for target in range(values.shape[1])])
        weight = np.where(stepped, np.round(grid.weight[row]), grid.weight[row])  # one drawing or the other
        values[row] = values[row] * weight + old * (1 - weight)
    keys = iter(_flowing(rig, grid, mode, values[:, ~stepped], ~stepped))
    return [
        stepped_keys(grid.frames, values[:, n]) if is_stepped else next(keys)
        for n, is_stepped in enumerate(stepped.tolist())
    ]


def _joined(values: np.ndarray, around: np.ndarray, grid: Grid) -> np.ndarray:
    """Values that leave what is there on the first frame and come back to what is there on the last one."""
    lead = (grid.line.lead or LEAD) * grid.timeline.fps
    coming = 1 - smoothstep((grid.frames - grid.frames[0]) / lead)[:, None]
    going = 1 - smoothstep((grid.frames[-1] - grid.frames) / lead)[:, None]
    apart = np.nan_to_num(around - values[[0, -1]])
    return values + apart[0] * coming + apart[1] * going


def _flowing(rig: Rig, grid: Grid, mode: Mode, values: np.ndarray, which: np.ndarray) -> list[np.ndarray]:
    """The keys of the controls that are interpolated, not stepped, given their values."""
    smooth = mode.interpolation == BEZIER
    if mode.keys != SPARSE or not which.any():
        no_tolerance = np.zeros(values.shape[1])
        return [records.records(keys) for keys in reduce.reduce_keys(grid.frames, values, no_tolerance, smooth=smooth)]
    tolerance, exact = _contact_rules(rig, grid, values, which, mode.error)
    return [
        records.records(keys) for keys in reduce.reduce_keys(grid.frames, values, tolerance, exact=exact, smooth=smooth)
    ]


def stepped_keys(frames: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Keys [dtype=KEY] of a stepped control: the first, one where it changes, and the last."""
    changes = np.append(True, np.diff(values) != 0)
    changes[-1] = True  # or the range of the Action would end before the take does
    begins = np.flatnonzero(changes)
    keys = records.records(reduce.Keys(frames[begins].astype(np.float64), values[begins], np.zeros(len(begins)), False))
    keys["interpolation"] = records.CONSTANT
    return keys


def at_rest(rig: Rig, standing: list[float]) -> list[float]:
    """The values of a rig's controls on a silent face, which an added strip leaves out; for drawings the one shown."""
    return np.where(np.isnan(rig.neutral), standing, rig.neutral).tolist()


def lowered(keys: list[np.ndarray], rest: list[float]) -> list[np.ndarray]:
    """The keys of each control as differences from its rest; changed in place."""
    for curve_keys, value in zip(keys, rest, strict=True):
        for part in ("co", "handle_left", "handle_right"):
            curve_keys[part][:, 1] -= value
    return keys


def _contact_rules(
    rig: Rig, grid: Grid, values: np.ndarray, which: np.ndarray, error: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The tolerance of each value [shape=(F, T)], and the points (frame, value) that each control must meet exactly."""
    motion = grid.motion
    gains = np.abs(rig.retarget(_each_alone(motion)) - rig.retarget(_silence(motion)))[:, which]  # (C, T)
    full = gains.max(axis=0)
    tolerance = np.tile(error * np.where(full > 0, full, 1.0), (len(grid.frames), 1))
    lips = np.flatnonzero(gains[[name in GAP for name in motion.channels]].max(axis=0, initial=0.0) > 0)
    contacts = lip_contacts(motion)
    shut = np.flatnonzero(contacts.cover(grid.timeline.seconds(grid.frames), 0.5 / grid.timeline.fps))
    tolerance[np.ix_(shut, lips)] *= _CLOSED
    at = grid.timeline.frame(contacts.moments)
    met = np.zeros((0, values.shape[1]))
    if len(at):
        met = rig.retarget(replace(motion, values=motion.at(contacts.moments)))[:, which]
    row = np.searchsorted(grid.frames, at) - 1
    inside = (row >= 0) & (row < len(grid.frames) - 1)
    row, at, met = row[inside], at[inside], met[inside]
    whole = (grid.weight[row] == 1) & (grid.weight[row + 1] == 1)
    exact = [np.zeros((0, 2)) for _ in range(values.shape[1])]
    for target in lips:
        exact[target] = _points(grid.frames, values[:, target], row[whole], at[whole], met[whole, target])
    return tolerance, exact


def _points(frames: np.ndarray, values: np.ndarray, row: np.ndarray, at: np.ndarray, met: np.ndarray) -> np.ndarray:
    """Frames and values of lip contacts, on whole frames where one is near; none where the curve rests anyway.

    `row` is the last frame before each contact, `at` its exact frame, `met` the value there.
    """
    nearest = row + (at - frames[row] > 0.5)
    snaps = np.abs(at - frames[nearest]) <= _SNAP
    at, met = np.where(snaps, frames[nearest], at), np.where(snaps, values[nearest], met)
    around = np.stack([values[row], values[row + 1], met])
    return np.stack([at, met], axis=1)[np.ptp(around, axis=0) > reduce.REST]


def _each_alone(motion: Motion) -> Motion:
    return replace(motion, values=np.eye(len(motion.channels), dtype=np.float32))


def _silence(motion: Motion) -> Motion:
    return replace(motion, values=np.zeros((1, len(motion.channels)), np.float32))
