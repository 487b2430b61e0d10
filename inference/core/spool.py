# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays that are too long for memory: written row by row to a temporary file, and read back as one array.

An hour of sound is 230 MB, and a take of it 66 MB. Whoever goes through such an array part by part lets go of each part
with `release`, and the process stays small.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from .errors import FacewrightError

HELD = 16_000_000  # bytes that are held in memory: four minutes of sound, or thirteen of a take
_BLOCK = 1 << 20  # values looked at at once


class Spool:
    """Rows of float32 that become one array.

    Parameters
    ----------
    columns : int, optional
        Of the array; without it the array has one dimension.
    """

    def __init__(self, columns: int | None = None) -> None:
        self._columns, self._bytes, self._file = columns, bytearray(), None

    def append(self, rows: np.ndarray) -> None:
        """Add rows [shape=(n,) or (n, columns), float32].

        Raises
        ------
        FacewrightError
            When the disk has no room for them.
        """
        data = np.ascontiguousarray(rows, np.float32).tobytes()
        try:
            if self._file is None and len(self._bytes) + len(data) > HELD:
                self._file = tempfile.TemporaryFile(prefix="facewright-")  # noqa: SIM115
                self._file.write(self._bytes)
                self._bytes = bytearray()
            if self._file is None:
                self._bytes += data
            else:
                self._file.write(data)
        except OSError as problem:
            raise FacewrightError(
                f"Expected room for a long sound in '{tempfile.gettempdir()}', but: {problem.strerror}. Make room "
                "there, or take a shorter part."
            ) from problem

    def array(self) -> np.ndarray:
        """All rows, not to be written to; nothing can be added any more. The file goes when the array does."""
        if self._file is None:
            flat = np.frombuffer(self._bytes, np.float32)
        else:
            with self._file as file:
                file.flush()
                flat = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.float32)
        flat.flags.writeable = False
        return flat if self._columns is None else flat.reshape(-1, self._columns)


def release(array: np.ndarray) -> None:
    """Let go of what was read of an array of a `Spool`: it is read from its file again when it is asked for.

    Other arrays, and systems that do not know of this, are left as they are.
    """
    owner: object = array
    while (under := getattr(owner, "base", getattr(owner, "obj", None))) is not None:  # views of views
        owner = under
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        with suppress(OSError):
            owner.madvise(mmap.MADV_DONTNEED)


def blocks(array: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """An array in blocks of so many rows, each let go of when the next is asked for."""
    for begin in range(0, len(array), rows):
        yield array[begin : begin + rows]
        release(array)


def is_finite(array: np.ndarray) -> bool:
    """Whether there is neither NaN nor infinity in an array of one or two dimensions, looked at in parts."""
    width = 1 if array.ndim == 1 else max(array.shape[1], 1)
    return all(np.isfinite(part).all() for part in blocks(array, max(_BLOCK // width, 1)))
