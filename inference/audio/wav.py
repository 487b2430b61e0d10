# SPDX-License-Identifier: GPL-3.0-or-later
"""WAV files as recorders, pipes and crashes leave them, put right for libsndfile.

A WAV file is a chain of chunks (RIFF, https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html; RF64 and
BW64, https://tech.ebu.ch/docs/tech/tech3306v1_1.pdf). Of these two say what is heard, `fmt ` and `data`, and only they
are handed on, with the size of the samples that are there: programs write 0, too much or a wrapped number where they
could not come back to say how much it was, leave out the byte that pads an odd chunk, or a damaged chunk about peaks.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from .file_view import FileView

_KINDS = (b"RIFF", b"RF64", b"BW64")
_UNKNOWN = 0x7F000000  # programs that write to a pipe put about 2**31 or 2**32 where the size should be
_LONGEST_FORMAT = 4096  # bytes; 18 to 50 are usual
_MOST_CHUNKS = 10_000
_SAMPLES = (1, 3, 6, 7, 0xFFFE)  # PCM, float, A-law, µ-law, extensible: a frame of these is a block
MP3 = 0x55


@dataclass(frozen=True)
class Wav:
    """What is heard of a WAV file.

    Parameters
    ----------
    kind : int
        Format tag, as 1 for PCM.
    header : bytes
        The chunk `fmt `, without its name and size.
    data : range
        Where the samples lie in the file.
    missing : float
        Seconds that it promises and that are not there.
    readable : bool
        Whether libsndfile reads it as it is.
    """

    kind: int
    header: bytes
    data: range
    missing: float
    readable: bool

    def view(self, file: BinaryIO) -> FileView:
        """The file with these two chunks alone, as libsndfile reads it."""
        size, format_size = len(self.data), len(self.header)
        chunks = b"fmt " + struct.pack("<I", format_size) + self.header + b"\0" * (format_size % 2)
        if size + len(chunks) + 64 < 1 << 32:
            head = b"RIFF" + struct.pack("<I", 4 + len(chunks) + 8 + size) + b"WAVE" + chunks
            return FileView(file, [head + b"data" + struct.pack("<I", size), self.data])
        sizes = b"ds64" + struct.pack("<IQQQI", 28, 4 + 36 + len(chunks) + 8 + size, size, 0, 0)
        return FileView(file, [b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + chunks + b"data" + b"\xff" * 4, self.data])


def read_wav(file: BinaryIO) -> Wav | None:
    """What is heard of a WAV file; None of a file that is none, or has no samples."""
    end = file.seek(0, os.SEEK_END)
    if _bytes(file, 0, 4) not in _KINDS or _bytes(file, 8, 4) != b"WAVE":
        return None
    at, header, long_size, readable = 12, b"", 0, True
    for _ in range(_MOST_CHUNKS):
        name, size = _chunk(file, at)
        begin = at + 8
        if name == b"data" and header:
            long = size == 0xFFFFFFFF and _bytes(file, 0, 4) != b"RIFF"
            return _heard(file, header, begin, long_size if long else size, end, readable=readable)
        if name == b"fmt ":
            header = _bytes(file, begin, min(size, _LONGEST_FORMAT))
        elif name == b"ds64" and size >= 16:
            (long_size,) = struct.unpack("<Q", _bytes(file, begin + 8, 8).ljust(8, b"\0"))
        elif name == b"PEAK" and len(header) >= 4 and size != 8 + 8 * struct.unpack("<H", header[2:4])[0]:
            readable = False
        at = begin + size
        if size % 2 and _named(file, at):
            readable = False
        elif size % 2:
            at += 1
        if not name or at >= end:
            return None
    return None


def _heard(file: BinaryIO, header: bytes, begin: int, promised: int, end: int, *, readable: bool) -> Wav | None:
    """The samples that are there, in whole frames."""
    if len(header) < 16:
        return None
    kind, _, _, per_second, block = struct.unpack("<HHIIH", header[:14])
    there, missing = end - begin, 0.0
    told = 0 < promised <= there or (promised == 0 and (there == 0 or _named(file, begin)))
    if told and not (end > 1 << 32 and not _named(file, begin + promised + promised % 2)):
        there = promised
    elif promised <= there:  # 0, or what is left of a number that did not fit
        readable = False
    elif there < promised < _UNKNOWN and per_second:
        missing = (promised - there) / per_second
    if kind in _SAMPLES and block:
        there -= there % block
    return Wav(kind, header, range(begin, begin + there), missing, readable)


def _named(file: BinaryIO, at: int) -> bool:
    """Whether a chunk begins there: its name is of letters, and it ends within the file."""
    name, size = _chunk(file, at)
    return len(name) == 4 and name.isascii() and name.decode().strip().isalnum() and at + 8 + size <= _length(file)


def _length(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _chunk(file: BinaryIO, at: int) -> tuple[bytes, int]:
    """Name and size of the chunk at a place; no name at the end of the file."""
    head = _bytes(file, at, 8)
    return (head[:4], struct.unpack("<I", head[4:])[0]) if len(head) == 8 else (b"", 0)


def _bytes(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)
