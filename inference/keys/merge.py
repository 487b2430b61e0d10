# SPDX-License-Identifier: GPL-3.0-or-later
"""A re-bake that keeps hand edits: a three-way merge of the last bake, the curve as it is now, and the new bake.

A key that is not as it was baked is a hand edit: changed, moved or added. It stays, and so does the gap where a baked
key was deleted. Each baked key that was edited has a territory, halfway to the baked keys on both sides of it; no new
keys are put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .records import BEZIER, FREE, frames, split_at

Span = tuple[float, float]
EVERYWHERE: Span = (-np.inf, np.inf)

SAME_FRAME = 0.02  # keys closer than this are one key
_SAME_VALUE = 1e-5
_SAME_HANDLE = 2e-3  # frames, and values; Blender lays aligned handles anew in single precision
_HALF = 0.45  # half the territory of a key that was added, frames


@dataclass(frozen=True, eq=False)
class Merged:
    """One curve after a re-bake.

    Parameters
    ----------
    keys : ndarray [shape=(K,), dtype=KEY]
        The keys of the merged curve.
    baked : ndarray [shape=(B,), dtype=KEY]
        The keys to store as baked: the `base` of the next merge.
    kept : int
        How many hand edits are kept: keys changed, moved, added or deleted.
    """

    keys: np.ndarray
    baked: np.ndarray
    kept: int


def merge(
    now: np.ndarray,
    new: np.ndarray,
    base: np.ndarray | None = None,
    *,
    span: Span = EVERYWHERE,
    locked: Sequence[Span] = (),
) -> Merged:
    """Merge new keys into a curve and keep its hand edits.

    Parameters
    ----------
    now : ndarray [shape=(N,), dtype=KEY]
        The curve as it is; empty where there is none.
    new : ndarray [shape=(M,), dtype=KEY]
        What is to be baked, within `span`.
    base : ndarray [shape=(B,), dtype=KEY], optional
        What was baked last; None where this curve was never baked: then nothing in the span is a hand edit.
    span : tuple of float
        First and last frame that may change; keys outside stay.
    locked : sequence of tuple of float
        First and last frames of ranges that stay as they are.

    Returns
    -------
    Merged
        The keys of the curve, those to store as baked, and the number of hand edits kept.
    """
    edited, touched = _edits(now, base)
    for edge in sorted({edge for pair in (*locked, span) for edge in pair if np.isfinite(edge)}):
        now, edited = _cut(now, edited, edge)
    at = frames(now)
    in_lock, inside = _within(at, locked), _within(at, [span])
    as_baked = np.zeros(len(now), bool) if base is None else ~edited
    stays = in_lock | edited | ~inside
    new = _fitted(new, now[~stays], span)
    new = new[~_within(frames(new), locked)]
    spots = [*at[edited & inside].tolist()]
    territory = [*_cells(base, touched), *((frame - _HALF, frame + _HALF) for frame in spots)]
    free = ~_within(frames(new), territory) & ~_near(frames(new), at[stays])
    remembered = [now[stays & as_baked], new]
    if base is not None:
        outside = _within(frames(base), locked) | ~_within(frames(base), [span])
        remembered.append(base[touched & outside])
    return Merged(
        keys=_sorted(np.concatenate([now[stays], new[free]])),
        baked=_sorted(np.concatenate(remembered)),
        kept=_count(at[edited & inside & ~in_lock], base, touched, span, locked),
    )


def moved_by(now: np.ndarray, base: np.ndarray) -> float | None:
    """Frames by which all baked keys of a curve were moved in time together; None where they were edited otherwise."""
    if not len(now) or len(now) != len(base) or not _same(_moved(now, base), base).all():
        return None
    return float(now["co"][0, 0] - base["co"][0, 0])


def _edits(now: np.ndarray, base: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Which keys of the curve are hand edits, and which baked keys are no longer as they were [both bool]."""
    if base is None or len(base) == 0:
        return np.full(len(now), base is not None), np.zeros(0, bool)
    if len(now) == 0:
        return np.zeros(0, bool), np.ones(len(base), bool)
    at, was = frames(now), frames(base)
    if moved_by(now, base) is not None:
        return np.zeros(len(now), bool), np.zeros(len(base), bool)  # all moved in time together: the sound was moved
    nearest = _nearest(was, at)
    same = (np.abs(was[nearest] - at) <= SAME_FRAME) & _same(now, base[nearest])
    touched = np.ones(len(base), bool)
    touched[nearest[same]] = False
    return ~same, touched


def _same(now: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Which keys are as they were baked [bool]; handles count only where they shape the curve."""
    close = np.abs(now["co"] - base["co"]) <= (SAME_FRAME, _SAME_VALUE)
    same = close.all(axis=1) & (now["interpolation"] == base["interpolation"])
    bezier = base["interpolation"] == BEZIER
    for side in ("handle_left", "handle_right"):
        reach = (base[side] - base["co"]).astype(np.float64)
        room = np.full(reach.shape, _SAME_HANDLE)
        room[:, 0] += 4 * np.spacing(np.abs(base[side][:, 0]))  # frames are single precision: late ones are coarse
        room[:, 1] += room[:, 0] * np.abs(reach[:, 1]) / np.maximum(np.abs(reach[:, 0]), 1e-3)
        same &= ~bezier | (np.abs((now[side] - now["co"]) - reach) <= room).all(axis=1)
    return same


def _moved(now: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The keys moved in time as a whole, so that the first lies on the first baked one."""
    back = now.copy()
    for field in ("co", "handle_left", "handle_right"):
        back[field][:, 0] -= now["co"][0, 0] - base["co"][0, 0]
    return back


def _nearest(sorted_frames: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The index in `sorted_frames` of the frame nearest to each of `at`."""
    right = np.clip(np.searchsorted(sorted_frames, at), 1, max(len(sorted_frames) - 1, 1))
    right = np.minimum(right, len(sorted_frames) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(sorted_frames[left] - at) <= np.abs(sorted_frames[right] - at), left, right)


def _cells(base: np.ndarray | None, touched: np.ndarray) -> list[Span]:
    """First and last frame of the territories of the baked keys that were edited."""
    if base is None or not touched.any():
        return []
    was = frames(base)
    gaps = np.diff(was) / 2 if len(was) > 1 else np.array([_HALF])
    before, after = np.append(gaps[0], gaps)[: len(was)], np.append(gaps, gaps[-1])[: len(was)]
    return list(zip((was - before)[touched].tolist(), (was + after)[touched].tolist(), strict=True))


def _within(at: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """Which frames lie in any of the spans, borders included [bool]."""
    if not spans or not len(at):
        return np.zeros(len(at), bool)
    begins, ends = (np.sort(np.array(edge)) for edge in zip(*spans, strict=True))
    begun = np.searchsorted(begins, at + 1e-3, side="right")
    return begun > np.searchsorted(ends, at - 1e-3, side="left")


def _cut(now: np.ndarray, edited: np.ndarray, edge: float) -> tuple[np.ndarray, np.ndarray]:
    """The curve with a key on a border, which keeps its shape on the side that stays, and which keys are hand edits.

    The key on the border is none.
    """
    if len(now) == 0:
        return now, edited
    split = split_at(now, edge)
    if len(split) > len(now):
        edited = np.insert(edited, int(np.searchsorted(frames(now), edge)), False)
    return split, edited


def _fitted(new: np.ndarray, old: np.ndarray, span: Span) -> np.ndarray:
    """The new keys; on a border the outward handle is the old key's, so that the curve outside keeps its shape."""
    new, at = new.copy(), frames(old)
    for edge, side in zip(span, ("handle_left", "handle_right"), strict=True):
        before, border = np.flatnonzero(np.abs(at - edge) < 1e-3), np.flatnonzero(np.abs(frames(new) - edge) < 1e-3)
        if len(before) and len(border):
            was, key = old[before[0]], new[border[0] : border[0] + 1]
            key[side] = was[side] + (key["co"][0] - was["co"])
            key["handle_left_type"] = key["handle_right_type"] = FREE  # else Blender changes the curve outside as well
            if side == "handle_right":
                key["interpolation"], key["easing"] = was["interpolation"], was["easing"]
    return new


def _near(at: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which frames are those of one of the other keys [bool]."""
    return _within(at, [(frame - SAME_FRAME, frame + SAME_FRAME) for frame in others.tolist()])


def _sorted(keys: np.ndarray) -> np.ndarray:
    return keys[np.argsort(frames(keys), kind="stable")]


def _count(edited: np.ndarray, base: np.ndarray | None, touched: np.ndarray, span: Span, locked: Sequence[Span]) -> int:
    """How many keys were changed, moved, added or deleted.

    A baked key that is gone and an added one between its baked neighbours are one key that was moved.
    """
    if base is None:
        return 0
    was = frames(base)
    gone = np.flatnonzero(touched & _within(was, [span]) & ~_within(was, locked))
    changed = _near(edited, was[gone])
    left = gone[~_near(was[gone], edited[changed])]
    begins, ends = was[np.maximum(left - 1, 0)], was[np.minimum(left + 1, len(was) - 1)]
    others = edited[~changed]
    moved = int(((others > begins[:, None]) & (others < ends[:, None])).any(axis=1).sum()) if len(others) else 0
    return int(changed.sum()) + len(others) + len(left) - min(moved, len(others))
