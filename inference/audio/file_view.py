# SPDX-License-Identifier: GPL-3.0-or-later
"""A file as it should have been: stretches of a file on disk, and bytes that take the place of others.

It is written as a file of its own before a library reads it. libsndfile could ask Python for its bytes instead, but an
interrupt that comes while it asks is lost, and the sound ends there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Piece = bytes | range  # bytes, or where in the file they lie

_BLOCK = 1 << 20  # bytes


class FileView:
    """A file that is put together from pieces.

    Parameters
    ----------
    file : file object
        The file on disk. It is not closed.
    pieces : sequence of bytes or range
        Bytes as they are, or ranges of positions in the file.
    """

    def __init__(self, file: BinaryIO, pieces: Sequence[Piece]) -> None:
        self._file, self.pieces = file, tuple(pieces)

    def write(self, path: Path) -> None:
        """Write it; raises OSError where there is no room for it."""
        with path.open("wb") as target:
            for piece in self.pieces:
                if isinstance(piece, bytes):
                    target.write(piece)
                    continue
                self._file.seek(piece.start)
                left = len(piece)
                while left and (block := self._file.read(min(_BLOCK, left))):
                    target.write(block)
                    left -= len(block)

    def is_whole(self, size: int) -> bool:
        """Whether it is nothing but the file on disk, which has so many bytes."""
        return self.pieces == (range(size),)


@dataclass(frozen=True)
class Part:
    """A part of a sound that is heard after others.

    Parameters
    ----------
    view : FileView
        It as a file of its own.
    silence : int
        Frames of silence that are heard before it.
    """

    view: FileView
    silence: int = 0
