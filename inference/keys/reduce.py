# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframe reduction: few keys whose curve stays within a tolerance of every sample of a dense curve.

A key has a value and one slope; the handles of a Bezier key lie a third of the way to its neighbours, so that the
curve between two keys is the cubic Hermite polynomial in time and can be checked exactly. Slopes are limited as in
Fritsch and Carlson, "Monotone Piecewise Cubic Interpolation" (SIAM J. Numer. Anal. 1980,
https://doi.org/10.1137/0717021): between two keys a curve never leaves their values, so nothing overshoots and closed
lips stay closed.

Keys are put where the curve turns, then where the error is worst (as in Schneider's fit, Graphics Gems 1990), and then
every key that is not needed is taken away again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

REST = 1e-4  # a sample at the very end of its curve's range, such as a weight of 0, is held this closely

_TURN = 2  # a turning point is the highest or lowest of so many samples on both sides
_STRIDE = 3  # every third key is tried at a time, because the slope of a key depends on its two neighbours


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys of one curve.

    Parameters
    ----------
    frames : ndarray [shape=(K,), float64]
        Ascending; need not be whole.
    values : ndarray [shape=(K,), float64]
    slopes : ndarray [shape=(K,), float64]
        Value per frame through both handles; unused where keys are joined by straight lines.
    smooth : bool
        Whether keys are joined by Bezier curves, not by straight lines.
    """

    frames: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    smooth: bool

    def at(self, frames: ArrayLike) -> np.ndarray:
        """The curve at any frames [shape=(n,), float64], as Blender evaluates it; held outside the keys."""
        frames = np.clip(np.asarray(frames, np.float64), self.frames[0], self.frames[-1])
        if len(self.frames) == 1:
            return np.full(frames.shape, self.values[0])
        left = np.clip(np.searchsorted(self.frames, frames, side="right") - 1, 0, len(self.frames) - 2)
        a, b, c, d = (term[left] for term in _polynomials(self.frames, self.values, self.slopes, self.smooth))
        x = frames - self.frames[left]
        return a + x * (b + x * (c + x * d))


def reduce_keys(
    frames: ArrayLike,
    values: ArrayLike,
    tolerance: ArrayLike,
    *,
    exact: Sequence[ArrayLike] | None = None,
    smooth: bool = True,
) -> list[Keys]:
    """Keys for dense curves.

    At every sample each curve is within its tolerance, and within `REST` where the sample is the highest or lowest
    value of the whole curve; between samples it stays within tolerance of the two around it. No curve leaves its own
    range.

    Parameters
    ----------
    frames : array_like [shape=(F,)]
        Ascending.
    values : array_like [shape=(F, C)]
        One column for each curve, linear between the frames.
    tolerance : float or array_like [shape=(C,) or (F, C)]
        Largest error in the unit of the values; 0 keeps a key on every frame.
    exact : sequence of array_like [each shape=(E, 2)], optional
        For each curve, frames and values of keys that it has to have; the frames may lie between the samples.
    smooth : bool
        Bezier curves, else straight lines.

    Returns
    -------
    list of Keys
        One for each column.
    """
    frames = np.asarray(frames, np.float64)
    columns = np.asarray(values, np.float64).T
    tolerances = np.broadcast_to(np.asarray(tolerance, np.float64), columns.shape[::-1]).T
    points = exact if exact is not None else [()] * len(columns)
    return [
        _Curve(*_with_points(frames, column, largest, np.asarray(own, np.float64).reshape(-1, 2)), smooth).reduced()
        for column, largest, own in zip(columns, tolerances, points, strict=True)
    ]


def _with_points(
    frames: np.ndarray, values: np.ndarray, tolerance: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frames and values with the points among them, which of them are required keys, and their tolerances.

    Required are the points and both ends.
    """
    at, values = points[:, 0], values.copy()
    close = np.abs(frames[np.clip(np.searchsorted(frames, at - 1e-3), 0, len(frames) - 1)] - at) <= 1e-3
    nearest = np.searchsorted(frames, at[close] - 1e-3)
    values[nearest] = points[close, 1]
    inside = ~close & (at > frames[0]) & (at < frames[-1])
    spots = np.searchsorted(frames, at[inside])
    required = np.zeros(len(frames), bool)
    required[[0, -1]] = True
    required[nearest] = True
    return (
        np.insert(frames, spots, at[inside]),
        np.insert(values, spots, points[inside, 1]),
        np.insert(required, spots, True),
        np.insert(tolerance, spots, 0.0),
    )


class _Curve:
    """One curve while its keys are reduced. Its error is checked at each sample and halfway to the next."""

    def __init__(self, t: np.ndarray, y: np.ndarray, required: np.ndarray, tolerance: np.ndarray, smooth: bool) -> None:
        self.t, self.y, self.required, self.tolerance, self.smooth = t, y, required, tolerance, smooth
        self.count = len(t)
        self.raw = np.gradient(y, t) if smooth and self.count > 1 else np.zeros_like(y)
        half = np.append((t[:-1] + t[1:]) / 2, t[-1])
        self.checked = np.stack([t, half], axis=1)  # (n, 2)
        after = np.append(y[1:], y[-1])
        low, high = y.min(), y.max()
        lowest = np.stack([y, np.minimum(y, after)], axis=1)
        highest = np.stack([y, np.maximum(y, after)], axis=1)
        room = tolerance[:, None]
        self.floor = np.maximum(lowest - np.where(lowest >= high - REST / 2, REST, room), low)
        self.ceiling = np.minimum(highest + np.where(highest <= low + REST / 2, REST, room), high)

    def reduced(self) -> Keys:
        """The keys that are left; one on every sample where the tolerance is 0."""
        if self.tolerance.max() <= 0 or self.count <= 2:
            return self.keys(np.ones(self.count, bool))
        if np.ptp(self.y) <= REST:
            return self.keys(self.required)
        mask = self.split(self.required | self.turns())
        for _ in range(2):
            for turn in range(_STRIDE):
                mask = self.remove(mask, turn)
        return self.keys(self.split(mask))

    def keys(self, mask: np.ndarray) -> Keys:
        """Keys on the samples of a mask."""
        spots = np.flatnonzero(mask)
        return Keys(self.t[spots], self.y[spots], self.slopes(spots), self.smooth)

    def turns(self) -> np.ndarray:
        """Turning points that stand out by more than the tolerance [shape=(n,), bool]."""
        around = sliding_window_view(np.pad(self.y, _TURN, mode="edge"), 2 * _TURN + 1)
        low, high = around.min(axis=1), around.max(axis=1)
        return ((self.y == low) | (self.y == high)) & (high - low > self.tolerance)

    def slopes(self, spots: np.ndarray) -> np.ndarray:
        """Slopes of the samples, limited so that the curve between any two keys rises or falls all the way."""
        if not self.smooth or len(spots) < 2:
            return np.zeros(len(spots))
        rise = np.diff(self.y[spots]) / np.diff(self.t[spots])
        before, after = np.append(rise[0], rise), np.append(rise, rise[-1])
        steepest = 3 * np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
        return np.sign(before) * np.clip(self.raw[spots] * np.sign(before), 0, steepest)

    def violation(self, spots: np.ndarray, slopes: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, ...]:
        """The samples of the segments `which`, how far the curve leaves its bounds there, and its error there."""
        lengths = np.diff(spots)
        inside = np.repeat(which, lengths)
        n = len(inside)
        a, b, c, d = (
            np.repeat(term[which], lengths[which])[:, None]
            for term in _polynomials(self.t[spots], self.y[spots], slopes, self.smooth)
        )
        x = self.checked[:n][inside] - np.repeat(self.t[spots[:-1]][which], lengths[which])[:, None]
        curve = a + x * (b + x * (c + x * d))
        over = np.maximum(self.floor[:n][inside] - curve, curve - self.ceiling[:n][inside]).max(axis=1)
        return np.flatnonzero(inside), over, np.abs(curve[:, 0] - self.y[:n][inside])

    def violating(self, spots: np.ndarray, slopes: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the segments `which` that leave their bounds, and the sample with the largest error in each."""
        which = which & (np.diff(spots) > 1)  # between neighbours there is nothing to add
        if not which.any():
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        samples, over, error = self.violation(spots, slopes, which)
        lengths = np.diff(spots)[which]
        begins = np.cumsum(lengths) - lengths
        broken = np.maximum.reduceat(over, begins) > 1e-9
        error[begins] = -1.0  # the key itself
        worst = np.repeat(np.maximum.reduceat(error, begins), lengths)
        first = np.flatnonzero(error == worst)
        owner = np.repeat(np.arange(len(lengths)), lengths)[first]
        _, once = np.unique(owner, return_index=True)
        return np.flatnonzero(which)[broken], samples[first[once]][broken]

    def split(self, mask: np.ndarray) -> np.ndarray:
        """The mask with keys added until the curve is within its bounds."""
        mask = mask.copy()
        was = np.full(self.count, np.nan)  # slopes at the last check; a segment whose ends are unchanged needs no other
        while True:
            spots = np.flatnonzero(mask)
            slopes = self.slopes(spots)
            changed = was[spots] != slopes
            _, worst = self.violating(spots, slopes, changed[:-1] | changed[1:])
            if len(worst) == 0:
                return mask
            was[spots] = slopes
            mask[worst] = True
            was[spots[np.searchsorted(spots, worst) - 1]] = np.nan

    def remove(self, mask: np.ndarray, turn: int) -> np.ndarray:
        """The mask without every third key, but for those that the curve needs to stay within its bounds."""
        spots = np.flatnonzero(mask)
        tried = np.zeros(self.count, bool)
        tried[spots[turn::_STRIDE]] = True
        tried &= ~self.required
        while tried.any():
            left = np.flatnonzero(mask & ~tried)
            broken, _ = self.violating(left, self.slopes(left), np.ones(len(left) - 1, bool))
            if len(broken) == 0:
                return mask & ~tried
            back = np.zeros(self.count, bool)
            for shift in (-1, 0, 1) if self.smooth else (0,):
                near = np.clip(broken + shift, 0, len(left) - 2)
                back |= self._between(left[near], left[near + 1])
            if not (back & tried).any():
                return mask
            tried &= ~back
        return mask

    def _between(self, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Which samples lie in any of these spans, the ends left out [shape=(n,), bool]."""
        edges = np.zeros(self.count + 1, np.intp)
        np.add.at(edges, begins, 1)
        np.add.at(edges, ends, -1)
        return np.cumsum(edges[:-1]) > 0


def _polynomials(t: np.ndarray, y: np.ndarray, slopes: np.ndarray, smooth: bool) -> tuple[np.ndarray, ...]:
    """Coefficients of 1, x, x^2, x^3 for each segment, x being the frames since its first key."""
    width = np.diff(t)
    rise = np.diff(y) / width
    if not smooth:
        return y[:-1], rise, np.zeros_like(rise), np.zeros_like(rise)
    begin, end = slopes[:-1], slopes[1:]
    return y[:-1], begin, (3 * rise - 2 * begin - end) / width, (begin + end - 2 * rise) / width**2
