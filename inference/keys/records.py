# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an F-curve as NumPy records: everything Blender stores with a key, so that keys come back as they were.

Fields and numbers are those of ``bpy.types.Keyframe`` (https://docs.blender.org/api/current/bpy.types.Keyframe.html).
"""

from __future__ import annotations

import io
import zlib

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

CONSTANT, LINEAR, BEZIER = 0, 1, 2  # interpolation
FREE, AUTO, VECTOR, ALIGNED, AUTO_CLAMPED = 0, 1, 2, 3, 4  # types of handles


def records(keys: Keys) -> np.ndarray:
    """Keys as Blender is to store them.

    Parameters
    ----------
    keys : Keys
        Handles of smooth ones are aligned and lie where the curve was checked with them; straight ones get handles
        that Blender lays itself, ready for the day they become Bezier.

    Returns
    -------
    ndarray [shape=(K,), dtype=KEY]
    """
    made = np.zeros(len(keys.frames), KEY)
    made["co"] = np.stack([keys.frames, keys.values], axis=1)
    made["interpolation"] = BEZIER if keys.smooth else LINEAR
    made["handle_left_type"] = made["handle_right_type"] = ALIGNED if keys.smooth else AUTO_CLAMPED
    made["amplitude"], made["back"], made["period"] = 0.8, 1.70158, 4.1  # Blender's own defaults
    third = np.diff(keys.frames) / 3 if len(keys.frames) > 1 else np.array([1 / 3])
    before, after = np.append(third[0], third), np.append(third, third[-1])
    slopes = keys.slopes if keys.smooth else np.zeros_like(keys.values)
    for side, step in (("handle_left", -before[: len(made)]), ("handle_right", after[: len(made)])):
        made[side] = np.stack([keys.frames + step, keys.values + step * slopes], axis=1)
    return made


def frames(keys: np.ndarray) -> np.ndarray:
    """Frames of the keys [shape=(K,), float64]."""
    return keys["co"][:, 0].astype(np.float64)


def split_at(keys: np.ndarray, frame: float) -> np.ndarray:
    """The same curve with a key at this frame, where it lies between two others.

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
        part = (frame - at[right - 1]) / (at[right] - at[right - 1]) if kind == LINEAR else 0.0
        new["co"] = [[frame, begin["co"][0, 1] * (1 - part) + end["co"][0, 1] * part]]
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


def shape_only(keys: np.ndarray) -> np.ndarray:
    """The same keys without what does not shape the curve: all that is needed to see whether one was touched."""
    bare = np.zeros(len(keys), KEY)
    bezier = keys["interpolation"] == BEZIER
    bare["co"], bare["interpolation"] = keys["co"], keys["interpolation"]
    for side in ("handle_left", "handle_right"):
        bare[side][bezier] = keys[side][bezier]
    return bare


def pack(curves: dict[str, np.ndarray]) -> bytes:
    """Keys of named curves in few bytes, field by field; a field that is the same everywhere takes one number."""
    every = np.concatenate([np.zeros(0, KEY), *curves.values()])
    columns = {"names": np.array([*curves], "U"), "counts": np.array([len(keys) for keys in curves.values()], "i8")}
    for field in KEY.names or ():
        flat = np.ascontiguousarray(every[field])
        same = len(flat) > 0 and (flat == flat[0]).all()
        # One byte of each number after the other: neighbours are alike, and zlib sees it.
        columns[field] = flat[:1] if same else flat.view("u1").reshape(-1, 4).T.copy()
    file = io.BytesIO()
    np.savez(file, **columns)
    return zlib.compress(file.getvalue(), 1)


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """What `pack` put together. Raises ValueError when the bytes are not its own."""
    try:
        with np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False) as held:
            counts = held["counts"]
            every = np.zeros(int(counts.sum()), KEY)
            for field in KEY.names or ():
                column = held[field]
                shape = every[field].shape
                numbers = np.ascontiguousarray(column.T).view(KEY[field].base) if column.dtype == "u1" else column
                every[field] = numbers.reshape(shape) if column.dtype == "u1" else numbers
            parts = np.split(every, np.cumsum(counts)[:-1])
            return {str(name): part for name, part in zip(held["names"], parts, strict=False)}
    except (zlib.error, OSError, KeyError, EOFError) as error:
        raise ValueError(f"Expected packed keys, got something else ({error}).") from error
