# SPDX-License-Identifier: GPL-3.0-or-later
"""WAV, FLAC, OGG, Opus, MP3, AIFF and others, by libsndfile (https://libsndfile.github.io/libsndfile/)."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import AudioError
from . import mp3, wav
from .file_view import Part
from .source import BLOCK, WORTH_A_NOTE, Source, damaged, ends_early, nothing_left, skipped

# Of these every frame lies by itself: a seek finds it. After one in an open Ogg Vorbis file libsndfile 1.2.2 gives
# wrong samples about one time in six, GSM takes none, and of an MP3 only the beginning is certain.
_SEEKABLE = ("PCM_", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_UNKNOWN_FRAMES = 1 << 60


@contextmanager
def opened(path: Path, start: float) -> Iterator[Source | None]:
    """The file from `start` seconds on; None where libsndfile cannot read it.

    Raises
    ------
    AudioError
        When the library is missing, or the file ends before `start`.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise AudioError(f"Expected the soundfile library, but it did not load: {error}. Install it.") from error
    with ExitStack() as stack:
        parts, missing, cut = _parts(path, stack)
        try:
            sounds = [(stack.enter_context(soundfile.SoundFile(_given(part))), silence) for part, silence in parts]
        except (soundfile.SoundFileError, TypeError):  # TypeError: headerless .raw, whose rate nobody knows
            sounds = []
        # soundfile cannot read a FLAC that does not tell its length; parts of several rates are nobody's wish
        if not sounds or sounds[0][0].frames > _UNKNOWN_FRAMES or len({one.samplerate for one, _ in sounds}) > 1:
            yield None
            return
        try:
            source = _source(path.name, sounds, start, missing, cut)
        except soundfile.SoundFileError as error:
            raise AudioError(damaged(path.name, str(error).rstrip("."))) from error
        yield source


def _given(path: Path) -> Path | int:
    """A path, or a descriptor of the file where its name is no Unicode, which soundfile does not take."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return os.open(path, os.O_RDONLY)  # soundfile closes it
    return path


def _parts(path: Path, stack: ExitStack) -> tuple[list[tuple[Path, int]], float, bool]:
    """What libsndfile is to read, each after frames of silence; seconds that are missing; whether the end is."""
    file = stack.enter_context(path.open("rb"))
    head = file.read(12)
    found = wav.read_wav(file)
    if found is not None and found.kind == wav.MP3:
        parts, _ = mp3.parts_of(file, found.data.start, in_wav=True)
        return _written(path, parts, stack), 0.0, True  # how much it is, is guessed
    if found is not None:
        parts = [(path, 0)] if found.readable else _written(path, [Part(found.view(file))], stack)
        return parts, found.missing, False
    if head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        parts, cut = mp3.parts_of(file)
        return _written(path, parts, stack), 0.0, cut
    if head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3":  # MP4 and Matroska, whatever the name says
        return [], 0.0, False
    return [(path, 0)], 0.0, False


def _written(path: Path, parts: list[Part], stack: ExitStack) -> list[tuple[Path, int]]:
    """The parts as files; the file itself where it is the only one, and whole."""
    if len(parts) == 1 and parts[0].view.is_whole(path.stat().st_size):
        return [(path, parts[0].silence)]
    folder, written = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="facewright-"))), []
    for number, part in enumerate(parts):
        target = folder / f"{number}{path.suffix}"
        try:
            part.view.write(target)
        except OSError as error:
            raise AudioError(
                f"Expected room in '{folder.parent}' to put '{path.name}' right, but: {error.strerror}. Make room."
            ) from error
        written.append((target, part.silence))
    return written


def _source(name: str, sounds: list[tuple[Any, int]], start: float, missing: float, cut: bool) -> Source:
    first, _ = sounds[0]
    frames, rate, skip = first.frames, first.samplerate, round(start * first.samplerate)
    if len(sounds) == 1 and frames <= skip and not cut:
        raise AudioError(nothing_left(name, frames / rate, start))
    missing = missing or _missing(first)
    notes = [ends_early(name, missing)] if missing > WORTH_A_NOTE else []
    if len(sounds) == 1 and first.subtype.startswith(_SEEKABLE):
        if skip:
            first.seek(skip)
        blocks = _blocks(sounds, name)
    else:
        blocks = skipped(_blocks(sounds, name), skip)
    seconds = (frames - skip) / rate if len(sounds) == 1 else None
    return Source(name, rate, seconds, blocks, cut, notes)


def _missing(sound: Any) -> float:
    """Seconds of an AIFF file that was cut off: libsndfile reads it as a shorter one, and only logs it."""
    cut_off = re.search(r"^ ?SSND : (\d+) \(should be (\d+)\)", sound.extra_info, re.MULTILINE)
    if not cut_off or not int(cut_off[2]) < int(cut_off[1]):
        return 0.0
    return (int(cut_off[1]) / int(cut_off[2]) - 1) * sound.frames / sound.samplerate


def _blocks(sounds: list[tuple[Any, int]], name: str) -> Iterator[np.ndarray]:
    import soundfile

    channels = sounds[0][0].channels
    for number, (sound, silence) in enumerate(sounds):
        if silence:
            yield np.zeros((silence, channels), np.float32)
        try:
            while len(block := sound.read(BLOCK, dtype="float32", always_2d=True)):
                yield block if block.shape[1] == channels else np.repeat(block.mean(1, keepdims=True), channels, 1)
        except soundfile.SoundFileError as error:
            if number == 0:
                raise AudioError(damaged(name, str(error).rstrip("."))) from error
            return  # what follows a whole sound and is none
