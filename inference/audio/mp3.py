# SPDX-License-Identifier: GPL-3.0-or-later
"""MP3 files of several parts, as they come of joining files byte by byte.

The first frame of a part may hold no sound but a note on it, named ``Xing`` or ``Info``: how many frames and bytes it
has, and behind that, in LAME's words, how much silence the encoder has put before and after
(http://gabriel.mp3-tech.org/mp3infotag.html). A decoder that believes the note of the first part stops at its end. Here
each further part is handed on by itself, with the silence that FFmpeg, and with it Blender, leaves before it.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from .file_view import FileView, Part

_NAMES = (b"Xing", b"Info")
_SIDE = {(3, False): 32, (3, True): 17, (2, False): 17, (2, True): 9, (0, False): 17, (0, True): 9}  # bytes
_FRAME = {3: 1152, 2: 576, 0: 576}  # samples, by version
_DELAY = 529  # frames that libsndfile's decoder leaves out, and FFmpeg's does not
_LAME, _PADDING = 36, 22  # bytes of LAME's words, and where in them the silence behind the sound is told
_SEARCHED = 4096  # bytes after a part in which the next one begins
_FEWEST = 2048  # bytes that are a part; less is a tag of an old kind
_MOST_PARTS = 1000


@dataclass(frozen=True)
class _Note:
    """The note on a part: where it lies, where LAME's words begin, and bytes of the part, 0 where it does not tell."""

    at: int
    lame: int
    size: int
    frame: int  # samples
    padding: int  # samples that the encoder has put behind the sound


def parts_of(file: BinaryIO, begin: int = 0, *, in_wav: bool = False) -> tuple[list[Part], bool]:
    """The parts of an MP3 file.

    Parameters
    ----------
    file : file object
    begin : int
        Where in the file they begin.
    in_wav : bool
        Whether it lies in a WAV file, where FFmpeg leaves the encoder's silence before the sound.

    Returns
    -------
    list of Part
        One where nothing was joined.
    bool
        Whether the last part ends early.
    """
    end = file.seek(0, os.SEEK_END)
    parts: list[Part] = []
    left_out = 0  # by the decoder at the end of the first part, and heard where another one follows
    for _ in range(_MOST_PARTS):
        frame = _first_frame(file, begin, end)
        if frame is None or (note := _note(file, frame)) is None:
            break
        note_heard = note.frame if frame == begin else 0  # as silence; FFmpeg loses the frame behind a tag
        begin = frame  # without tags, a picture of the cover among them
        after = begin + note.size if note.size else end
        more = after < end - _FEWEST and _first_frame(file, after, end) is not None
        view = _view(file, range(begin, after if more else end), note, silent=in_wav or bool(parts))
        parts.append(Part(view, note_heard + _DELAY + left_out if parts else _DELAY if in_wav else 0))
        left_out = max(note.padding - _DELAY, 0) if len(parts) == 1 and not in_wav else 0
        if not more:
            return parts, note.size > 0 and after > end
        begin = after
    return [*parts, Part(FileView(file, [range(begin, end)]))], False


def _view(file: BinaryIO, where: range, note: _Note, *, silent: bool) -> FileView:
    """A part with a note that is true, and without LAME's words where the silence of the encoder is to be heard."""
    if silent:
        return FileView(file, [range(where.start, note.lame), bytes(_LAME), range(note.lame + _LAME, where.stop)])
    if note.size > len(where):  # it was cut off, and the decoder would complain of the size
        file.seek(note.at)
        head = bytearray(file.read(16))
        if head[7] & 3 == 3:
            head[12:16] = struct.pack(">I", len(where))
        return FileView(file, [range(where.start, note.at), bytes(head), range(note.at + 16, where.stop)])
    return FileView(file, [where])


def _first_frame(file: BinaryIO, begin: int, end: int) -> int | None:
    """Where the first frame begins, behind tags (ID3, https://id3.org/id3v2.4.0-structure)."""
    file.seek(begin)
    head = file.read(10)
    while len(head) == 10 and head[:3] == b"ID3":
        begin += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
        file.seek(begin)
        head = file.read(10)
    if begin >= end:
        return None
    file.seek(begin)
    near = file.read(_SEARCHED)
    for at in range(len(near) - 4):
        if near[at] == 0xFF and near[at + 1] & 0xE6 == 0xE2 and near[at + 2] >> 4 not in (0, 15):
            return begin + at
    return None


def _note(file: BinaryIO, frame: int) -> _Note | None:
    """The note of a frame; None where there is none."""
    file.seek(frame)
    head = file.read(64)
    if len(head) < 64:
        return None
    version = (head[1] >> 3) & 3
    side = _SIDE.get((version, head[3] >> 6 == 3))
    if side is None or head[4 + side : 8 + side] not in _NAMES:
        return None
    flags, first, second = struct.unpack(">III", head[8 + side : 20 + side])
    size = second if flags & 3 == 3 else first if flags & 2 else 0
    at = frame + 4 + side
    length = 8 + sum(size for flag, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & flag)
    file.seek(at + length + _PADDING)
    words = file.read(2)
    padding = struct.unpack(">H", words)[0] & 0xFFF if len(words) == 2 else 0
    return _Note(at, at + length, size, _FRAME[version], padding)
