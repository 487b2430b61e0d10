# SPDX-License-Identifier: GPL-3.0-or-later
"""A re-bake that keeps hand edits: a three-way merge of the last bake, the curve as it is now, and the new bake.

A key that is not as it was baked is a hand edit: changed, moved or added. It stays, and so does the gap where a baked
key was deleted. Each baked key that was edited has a territory, halfway to the baked keys on both sides of it; no new
keys are put there, by this bake or any later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .records import (
    APART,
    BEZIER,
    FREE,
    GONE,
    HAND,
    KEY,
    SAME_FRAME,
    are_among,
    frames,
    in_order,
    is_automatic,
    shape_only,
    share_a_frame,
    shifted,
    split_at,
)

Span = tuple[float, float]
EVERYWHERE: Span = (-np.inf, np.inf)

_SAME_VALUE = 1e-5
_SAME_HANDLE = 2e-3  # frames, and values; Blender lays aligned handles anew in single precision
_HALF = 0.45  # half the territory of a key that was added, frames
_NOTHING = np.zeros(0, KEY)


@dataclass(frozen=True, eq=False)
class Merged:
    """One curve after a re-bake.

    Parameters
    ----------
    keys : ndarray [shape=(K,), dtype=KEY]
        The keys of the merged curve.
    baked : ndarray [shape=(B,), dtype=KEY]
        What to remember of the curve: the `base` of the next merge.
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
    spans: Sequence[Span] = (EVERYWHERE,),
    first: Sequence[Span] = (),
    locked: Sequence[Span] = (),
) -> Merged:
    """Merge new keys into a curve and keep its hand edits.

    Parameters
    ----------
    now : ndarray [shape=(N,), dtype=KEY]
        The curve as it is; empty where there is none.
    new : ndarray [shape=(M,), dtype=KEY]
        What is to be baked, within `spans`.
    base : ndarray [shape=(B,), dtype=KEY], optional
        What was remembered of the last bake: its keys, those that are `GONE` and those by `HAND` or `APART`. None where
        this curve was never baked: then nothing in the spans is a hand edit.
    spans : sequence of tuple of float
        First and last frame of each range that may change, none of which meet; keys outside stay.
    first : sequence of tuple of float
        Ranges within `spans` to which nothing was ever baked: keys in them are no hand edits of a bake, and go.
    locked : sequence of tuple of float
        First and last frames of ranges that stay as they are.

    Returns
    -------
    Merged
        The keys of the curve, what to remember of it, and the number of hand edits kept.
    """
    was = _NOTHING if base is None else base[base["type"] >= 0]
    moved = moved_by(now, was) or 0.0
    edited, touched = _edits(shifted(now, -moved), was)
    edited &= base is not None
    gone = _gone(base, was[touched], moved)
    gone = gone[~_within(frames(gone), first)]
    known = in_order(np.concatenate([was[~touched], gone]))
    for edge in _borders(spans, locked):
        now, edited = _cut(now, edited, edge)
    at = frames(now)
    in_lock, inside, fresh = (_within(at, some) for some in (locked, spans, first))
    edited &= ~fresh
    as_baked = np.zeros(len(now), bool) if base is None else ~edited & ~fresh
    stays = in_lock | edited | ~inside
    new = fitted(new, now[~stays], spans)
    new = new[~_within(frames(new), locked)]
    taken = _within(frames(new), _territories(gone)) & ~_within(frames(new), first)
    spots = [(frame - _HALF, frame + _HALF) for frame in at[edited & inside].tolist()]
    free = ~taken & ~_within(frames(new), spots) & ~share_a_frame(new, now[stays])
    by_hand = shape_only(now[stays & ~as_baked])
    apart = _NOTHING if base is None else base[base["type"] == APART]
    by_hand["type"] = np.where(share_a_frame(by_hand, apart), APART, HAND)
    return Merged(
        keys=in_order(np.concatenate([now[stays], new[free]])),
        baked=in_order(np.concatenate([now[stays & as_baked], new[free], gone, by_hand])),
        kept=_count(at[edited & inside & ~in_lock], known, spans, locked),
    )


def count_edits(now: np.ndarray, base: np.ndarray, span: Span = EVERYWHERE) -> int:
    """How many keys of a curve are not as the bake left them, of which `base` was remembered, hand edits of then too.

    `now` is the curve as it is [shape=(N,), dtype=KEY]; `span` the first and last frame that count.
    """
    left = shape_only(base[base["type"] != GONE])
    left["type"] = 0
    edited, touched = _edits(shifted(now, -(moved_by(now, left) or 0.0)), left)
    at = frames(now)
    gone = _gone(left, left[touched])
    return _count(at[edited & _within(at, [span])], in_order(np.concatenate([left[~touched], gone])), [span], ())


def as_if_baked(
    now: np.ndarray, base: np.ndarray, *, spans: Sequence[Span] = (EVERYWHERE,), locked: Sequence[Span] = ()
) -> np.ndarray:
    """What to remember of a curve [dtype=KEY] as if all its keys in the spans were as they were baked.

    Outside of them and in locked ranges it is what was remembered.
    """
    free, known = (_within(frames(keys), spans) & ~_within(frames(keys), locked) for keys in (now, base))
    here = shape_only(now[free])
    here["type"] = 0
    return in_order(np.concatenate([base[~known], here]))


def edited(now: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Which keys of a curve are not as they were baked [bool], where `base` was remembered of the last bake."""
    return _edits(now, base[base["type"] >= 0])[0]


def _edits(now: np.ndarray, was: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which keys of the curve are hand edits, and which baked keys are no longer as they were [both bool]."""
    if len(now) == 0 or len(was) == 0:
        return np.ones(len(now), bool), np.ones(len(was), bool)
    at, before = frames(now), frames(was)
    nearest = _nearest(before, at)
    same = (np.abs(before[nearest] - at) <= SAME_FRAME) & _same(now, was[nearest])
    touched = np.ones(len(was), bool)
    touched[nearest[same]] = False
    return ~same, touched


def _same(now: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Which keys are as they were baked [bool]; handles count only where they shape the curve and are not laid."""
    close = np.abs(now["co"] - base["co"]) <= (SAME_FRAME, _SAME_VALUE)
    same = close.all(axis=1) & (now["interpolation"] == base["interpolation"])
    told = (base["amplitude"] != 0) | (base["back"] != 0) | (base["period"] != 0)  # earlier versions left these out
    same &= ~told | (now["easing"] == base["easing"])
    for side in ("handle_left", "handle_right"):
        same &= ~told | (now[f"{side}_type"] == base[f"{side}_type"])
        shapes = (base["interpolation"] == BEZIER) & ~(told & is_automatic(base[f"{side}_type"]))
        if not shapes.any():
            continue
        reach = (base[side] - base["co"]).astype(np.float64)
        room = np.full(reach.shape, _SAME_HANDLE)
        room[:, 0] += 4 * np.spacing(np.abs(base[side][:, 0]))  # frames are single precision: late ones are coarse
        room[:, 1] += room[:, 0] * np.abs(reach[:, 1]) / np.maximum(np.abs(reach[:, 0]), 1e-3)
        same &= ~shapes | (np.abs((now[side] - now["co"]) - reach) <= room).all(axis=1)
    return same


def moved_by(now: np.ndarray, base: np.ndarray) -> float | None:
    """Frames by which all baked keys of a curve were moved in time together; None where they were edited otherwise."""
    was = base[base["type"] >= 0]
    if len(now) != len(was) or not len(now):
        return None
    shift = float(now["co"][0, 0]) - float(was["co"][0, 0])
    return shift if _same(shifted(now, -shift), was).all() else None


def _gone(base: np.ndarray | None, touched: np.ndarray, moved: float = 0.0) -> np.ndarray:
    """The baked keys that were edited since any bake [dtype=KEY], with their territories: halfway to their neighbours.

    `touched` are those that were edited since the last one; `moved` is by how many frames all others were moved.
    """
    if base is None:
        return _NOTHING
    gone = shape_only(touched)
    if len(gone):
        was = np.unique(frames(base[base["type"] > HAND]))
        gaps = np.diff(was) / 2 if len(was) > 1 else np.array([_HALF])
        place = np.searchsorted(was, frames(gone))
        gone["handle_left"], gone["handle_right"] = gone["co"], gone["co"]
        gone["handle_left"][:, 0] -= np.append(gaps[0], gaps)[place]
        gone["handle_right"][:, 0] += np.append(gaps, gaps[-1])[place]
        gone["type"] = GONE
    return in_order(np.concatenate([shifted(base[base["type"] == GONE], moved), gone]))


def _territories(gone: np.ndarray) -> list[Span]:
    """First and last frame in which no key is put, for each baked key that is gone."""
    return list(
        zip(*(gone[side][:, 0].astype(float).tolist() for side in ("handle_left", "handle_right")), strict=True)
    )


def _nearest(sorted_frames: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The index in `sorted_frames` of the frame nearest to each of `at`."""
    right = np.clip(np.searchsorted(sorted_frames, at), 1, max(len(sorted_frames) - 1, 1))
    right = np.minimum(right, len(sorted_frames) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(sorted_frames[left] - at) <= np.abs(sorted_frames[right] - at), left, right)


def _within(at: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """Which frames lie in any of the spans, borders included [bool]."""
    if not spans or not len(at):
        return np.zeros(len(at), bool)
    begins, ends = (np.sort(np.array(edge)) for edge in zip(*spans, strict=True))
    begun = np.searchsorted(begins, at + 1e-3, side="right")
    return begun > np.searchsorted(ends, at - 1e-3, side="left")


def _borders(spans: Sequence[Span], locked: Sequence[Span]) -> list[float]:
    """The frames at which what may change meets what stays: ends of spans outside locks, and of locks within spans."""
    ends = {edge for span in spans for edge in span if not any(first < edge < last for first, last in locked)}
    ends |= {edge for lock in locked for edge in lock if any(first <= edge <= last for first, last in spans)}
    return sorted(edge for edge in ends if np.isfinite(edge))


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


def fitted(new: np.ndarray, old: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """The new keys; on a border the outward handle is the old key's, so that the curve outside keeps its shape."""
    new, at = new.copy(), frames(old)
    for edge, side in [pair for span in spans for pair in zip(span, ("handle_left", "handle_right"), strict=True)]:
        before, border = np.flatnonzero(np.abs(at - edge) < 1e-3), np.flatnonzero(np.abs(frames(new) - edge) < 1e-3)
        if len(before) and len(border):
            was, key = old[before[0]], new[border[0] : border[0] + 1]
            key[side] = was[side] + (key["co"][0] - was["co"])
            key["handle_left_type"] = key["handle_right_type"] = FREE  # else Blender changes the curve outside as well
            if side == "handle_right":
                key["interpolation"], key["easing"] = was["interpolation"], was["easing"]
    return new


def _count(edited: np.ndarray, known: np.ndarray, spans: Sequence[Span], locked: Sequence[Span]) -> int:
    """How many keys were changed, moved, added or deleted, given the frames of those that were changed or added.

    A baked key that is gone and an added one between its baked neighbours are one key that was moved.
    """
    was = frames(known)
    gone = np.flatnonzero((known["type"] == GONE) & _within(was, spans) & ~_within(was, locked))
    changed = are_among(edited, was[gone])
    left = gone[~are_among(was[gone], edited[changed])]
    low, high = (known[side][left, 0].astype(float) for side in ("handle_left", "handle_right"))
    begins, ends = 2 * low - was[left], 2 * high - was[left]  # its territory reaches halfway to them
    others = edited[~changed]
    moved = int(((others > begins[:, None]) & (others < ends[:, None])).any(axis=1).sum()) if len(others) else 0
    return int(changed.sum()) + len(others) + len(left) - min(moved, len(others))
