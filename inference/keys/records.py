# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an F-curve as NumPy records: all that Blender stores with a key, so that keys can be restored exactly.

Fields and numbers are those of ``bpy.types.Keyframe`` (https://docs.blender.org/api/current/bpy.types.Keyframe.html).
"""

from __future__ import annotations

import io
import zlib
from functools import lru_cache

import numpy as np

from .reduce import Keys

KEY = np.dtype(
    [
        ("co", "f4", (2,)),
        ("handle_left", "f4", (2,)),
        ("handle_right", "f4", (2,)),
        ("handle_left_type", "i4"),
        ("handle_right_type", "i4"),
        ("interpolation", "i4"),
        ("easing", "i4"),
        ("type", "i4"),
        ("amplitude", "f4"),
        ("back", "f4"),
        ("period", "f4"),
    ]
)

SAME_FRAME = 0.02  # keys closer than this are one key
CONSTANT, LINEAR, BEZIER = 0, 1, 2  # interpolation
FREE, AUTO, VECTOR, ALIGNED, AUTO_CLAMPED = 0, 1, 2, 3, 4  # types of handles
_AUTOMATIC = np.isin(np.arange(256), (AUTO, VECTOR, AUTO_CLAMPED))

# What a bake remembers of a curve says in the field `type` which keys are not its own.
GONE = -1  # a baked key that the artist changed, moved or deleted; its handles are the borders of its territory
HAND = -2  # a key of the artist's that the bake left where it was
APART = -3  # one that is of no line, among the frames of a line that was moved there: it goes along with none


def records(keys: Keys) -> np.ndarray:
    """Reduced keys as records for Blender.

    Parameters
    ----------
    keys : Keys
        Smooth keys get aligned handles, exactly those with which the curve was checked; keys joined by straight lines
        get automatic handles, for an artist who makes them Bezier later.

    Returns
    -------
    ndarray [shape=(K,), dtype=KEY]
    """
    table = np.zeros(len(keys.frames), KEY)
    table["co"] = np.stack([keys.frames, keys.values], axis=1)
    table["interpolation"] = BEZIER if keys.smooth else LINEAR
    table["handle_left_type"] = table["handle_right_type"] = ALIGNED if keys.smooth else AUTO_CLAMPED
    table["amplitude"], table["back"], table["period"] = 0.8, 1.70158, 4.1  # Blender's own defaults
    third = np.diff(keys.frames) / 3 if len(keys.frames) > 1 else np.array([1 / 3])
    before, after = np.append(third[0], third), np.append(third, third[-1])
    slopes = keys.slopes if keys.smooth else np.zeros_like(keys.values)
    for side, step in (("handle_left", -before[: len(table)]), ("handle_right", after[: len(table)])):
        table[side] = np.stack([keys.frames + step, keys.values + step * slopes], axis=1)
    return table


def frames(keys: np.ndarray) -> np.ndarray:
    """Frames of the keys [shape=(K,), float64]."""
    return keys["co"][:, 0].astype(np.float64)


def split_at(keys: np.ndarray, frame: float) -> np.ndarray:
    """The same curve with one more key at this frame; unchanged where the frame is not between two keys.

    The handles that face the new key are shortened and no longer automatic, so that the curve keeps its shape. Eased
    interpolations (sine, bounce, ...) cannot be cut; they are left alone.
    """
    at = frames(keys)
    right = int(np.searchsorted(at, frame))
    if right == 0 or right == len(keys) or min(abs(at[right] - frame), abs(at[right - 1] - frame)) < 1e-3:
        return keys
    keys = keys.copy()
    begin, end = keys[right - 1 : right], keys[right : right + 1]
    kind = int(begin["interpolation"][0])
    new = begin.copy()
    if kind == BEZIER:
        _cut_bezier(begin, new, end, frame)
    elif kind in (CONSTANT, LINEAR):
        rise = (end["co"] - begin["co"])[0, 1] / (at[right] - at[right - 1]) if kind == LINEAR else 0.0
        value = begin["co"][0, 1] + (frame - at[right - 1]) * rise
        for field, away in (("handle_left", (at[right - 1] - frame) / 3), ("handle_right", (at[right] - frame) / 3)):
            new[field] = [[frame + away, value + away * rise]]
        new["co"] = [[frame, value]]
        new["handle_left_type"] = new["handle_right_type"] = AUTO_CLAMPED
    else:
        return keys
    return np.insert(keys, right, new)


def _cut_bezier(begin: np.ndarray, new: np.ndarray, end: np.ndarray, frame: float) -> None:
    """De Casteljau's construction; the arguments are single records, changed in place."""
    points = np.array([begin["co"][0], begin["handle_right"][0], end["handle_left"][0], end["co"][0]], np.float64)
    low, high = 0.0, 1.0  # Blender keeps handles from making the curve run back in time: frame rises with the parameter
    for _ in range(50):
        middle = (low + high) / 2
        if _bezier(points[:, 0], middle) < frame:
            low = middle
        else:
            high = middle
    t = (low + high) / 2
    a, b, c = points[:-1] * (1 - t) + points[1:] * t
    d, e = a * (1 - t) + b * t, b * (1 - t) + c * t
    begin["handle_right"], new["handle_left"], new["handle_right"], end["handle_left"] = a, d, e, c
    new["co"] = d * (1 - t) + e * t
    new["handle_left_type"] = new["handle_right_type"] = ALIGNED
    for key, near, far in (
        (begin, "handle_right_type", "handle_left_type"),
        (end, "handle_left_type", "handle_right_type"),
    ):
        aligned = key[far][0] in (AUTO, AUTO_CLAMPED, ALIGNED) and key[near][0] in (AUTO, AUTO_CLAMPED, ALIGNED)
        key[near] = ALIGNED if aligned else FREE
        if key[far][0] in (AUTO, AUTO_CLAMPED):
            key[far] = ALIGNED if aligned else FREE


def _bezier(points: np.ndarray, t: float) -> float:
    s = 1 - t
    return float(points @ np.array([s**3, 3 * s * s * t, 3 * s * t * t, t**3]))


def in_order(keys: np.ndarray) -> np.ndarray:
    """The keys by their frames."""
    return keys[np.argsort(frames(keys), kind="stable")]


def shifted(keys: np.ndarray, by: float, longer: float = 1.0) -> np.ndarray:
    """The keys where they go in time: so many times as long from frame 0 on, and so many frames later."""
    keys = keys.copy()
    for field in ("co", "handle_left", "handle_right") if (longer, by) != (1.0, 0.0) else ():
        keys[field][:, 0] = keys[field][:, 0].astype(np.float64) * longer + by
    return keys


def share_a_frame(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which keys are on the frame of one of the others [bool]."""
    return are_among(frames(keys), frames(others))


def are_among(at: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which frames are those of one of the other keys, given theirs [bool]."""
    taken = np.sort(others)
    if not len(taken):
        return np.zeros(len(at), bool)
    after = np.searchsorted(taken, at)
    nearest = [np.abs(taken[np.clip(index, 0, len(taken) - 1)] - at) for index in (after - 1, after)]
    return np.minimum(*nearest) <= SAME_FRAME


def is_automatic(types: np.ndarray) -> np.ndarray:
    """Which handles Blender lays by itself, given their types [bool]."""
    return _AUTOMATIC[types]


def shape_only(keys: np.ndarray) -> np.ndarray:
    """The keys with only the fields that shape the curve: two that are equal here look the same.

    Of `type` nothing is left but `GONE`, `HAND` and `APART`.
    """
    bare = np.zeros(len(keys), KEY)
    for field in set(KEY.names or ()).difference(("handle_left", "handle_right", "type")):
        bare[field] = keys[field]
    bare["type"] = np.minimum(keys["type"], 0)
    shown = (keys["interpolation"] == BEZIER) | (keys["type"] == GONE)
    for side in ("handle_left", "handle_right"):
        bare[side][shown] = keys[side][shown]
    return bare


def pack(curves: dict[str, np.ndarray]) -> bytes:
    """Keys of named curves in few bytes, field by field; a field that is the same in all keys takes one number."""
    all_keys = np.concatenate([np.zeros(0, KEY), *curves.values()])
    columns = {"names": np.array([*curves], "U"), "counts": np.array([len(keys) for keys in curves.values()], "i8")}
    for field in KEY.names or ():
        flat = np.ascontiguousarray(all_keys[field])
        same = len(flat) > 0 and (flat == flat[0]).all()
        # One byte of each number after the other: neighbours are alike, and zlib sees it.
        columns[field] = flat[:1] if same else flat.view("u1").reshape(-1, 4).T.copy()
    file = io.BytesIO()
    np.savez(file, **columns)
    return zlib.compress(file.getvalue(), 1)


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """The curves that `pack` packed, by name, not to be written to.

    Raises
    ------
    ValueError
        When the bytes are something else.
    """
    return dict(_unpacked(data))


@lru_cache(maxsize=64)  # of every data-block of a character or two: a bake, an unbake and a panel ask again and again
def _unpacked(data: bytes) -> tuple[tuple[str, np.ndarray], ...]:
    try:
        with np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False) as held:
            counts = held["counts"]
            all_keys = np.zeros(int(counts.sum()), KEY)
            for field in KEY.names or ():
                column = held[field]
                shape = all_keys[field].shape
                numbers = np.ascontiguousarray(column.T).view(KEY[field].base) if column.dtype == "u1" else column
                all_keys[field] = numbers.reshape(shape) if column.dtype == "u1" else numbers
            all_keys.flags.writeable = False
            parts = np.split(all_keys, np.cumsum(counts)[:-1])
            return tuple((str(name), part) for name, part in zip(held["names"], parts, strict=False))
    except (zlib.error, OSError, KeyError, EOFError) as error:
        raise ValueError(f"Expected packed keys, got something else ({error}).") from error
