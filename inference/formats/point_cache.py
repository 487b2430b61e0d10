# SPDX-License-Identifier: GPL-3.0-or-later
r"""PC2 vertex caches: every vertex in every frame, as the Mesh Cache modifier of Blender and other programs read them.

The format has no owner's page any more; as Blender reads it
(https://projects.blender.org/blender/blender/src/branch/main/source/blender/modifiers/intern/MOD_meshcache_pc2.cc):
12 bytes ``POINTCACHE2\0``, int32 version 1, int32 vertices V, float32 start frame, float32 sampling (1: a sample for
each frame), int32 samples F, then F x V x 3 float32, all little-endian.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..core.atomic_write import replacing
from ..core.errors import ExportError, MotionError

_HEADER = struct.Struct("<12siiffi")
_MAGIC = b"POINTCACHE2\0"


def write_pc2(path: str | os.PathLike[str], chunks: Iterable[np.ndarray], frames: int, vertices: int) -> None:
    """Write a cache a few frames at a time.

    Parameters
    ----------
    path : str or PathLike
        The file; what was there stays until the new one is whole.
    chunks : iterable of ndarray [each shape=(f, V, 3)]
        The vertices, in order; together `frames` frames.
    frames, vertices : int
        How many frames and vertices.

    Raises
    ------
    ExportError
        When the file cannot be written.
    """
    with replacing(path) as part, part.open("wb") as file:
        file.write(_HEADER.pack(_MAGIC, 1, vertices, 0.0, 1.0, frames))
        done = 0
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype="<f4").tobytes())
            done += len(chunk)
        if done != frames:
            raise ExportError(f"Expected {frames} frames for '{path}', got {done}. Nothing was written.")


def read_pc2(path: str | os.PathLike[str]) -> np.ndarray:
    """The vertices of a cache [shape=(F, V, 3), float32], mapped from the file rather than read into memory.

    Raises
    ------
    MotionError
        When the file is no PC2 cache, or cut off.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEADER.size)
            magic, _, vertices, _, _, frames = _HEADER.unpack(head)
        size = Path(path).stat().st_size - _HEADER.size
    except (OSError, struct.error) as error:
        raise MotionError(f"Expected a PC2 vertex cache in '{path}', got something else: {error}.") from error
    if magic != _MAGIC or vertices < 1 or frames < 1 or size != 12 * vertices * frames:
        raise MotionError(
            f"Expected a PC2 vertex cache in '{path}', got a file that is none, or that was cut off: it names "
            f"{frames} frames of {vertices} vertices and has {size} bytes for them. Write it again."
        )
    return np.memmap(path, "<f4", "r", _HEADER.size, (frames, vertices, 3))
