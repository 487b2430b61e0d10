# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files to Audio: any common format, rate and channel count, decoded and resampled piece by piece.

WAV, FLAC, OGG, Opus, MP3 and AIFF are read by libsndfile (https://libsndfile.github.io/libsndfile/), the sound of video
files by FFmpeg through PyAV (https://pyav.basswood-io.com/) where that is installed.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.audio import RATE, Audio
from ..core.clip import Clip
from ..core.errors import AudioError
from ..core.spool import Spool

LONGEST = 6 * 3600.0  # seconds: 1.4 GB of samples in a temporary file, and 0.4 GB of curves
SHORTEST = 0.1
SILENCE = 1e-4  # of full scale (-80 dB): above the dither of an empty 16-bit track, far below any recorded voice
LOUDEST = 100.0  # float files above this hold whole numbers such as 32767, not a wave in [-1, 1]

_KINDS = "WAV, FLAC, OGG, Opus, MP3 or AIFF"
_FFMPEG_ONLY = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mxf", ".wmv", ".m4a", ".aac", ".wma",
)  # fmt: skip
_BLOCK = 1 << 16  # frames decoded at once
_UNKNOWN_FRAMES = 1 << 60
_UNKNOWN_SIZE = 0x7F000000  # programs that write to a pipe put about 2**31 or 2**32 where the size should be


@dataclass(frozen=True)
class _Source:
    """An opened file: its blocks [shape=(n, channels), float32], and the seconds of them that its header promises."""

    name: str
    rate: int
    seconds: float | None
    blocks: Iterator[np.ndarray]


def load_audio(path: str | os.PathLike[str], *, start: float = 0.0, duration: float | None = None) -> Audio:
    """Read a sound file, or the sound of a video file, as mono at 16 kHz.

    Parameters
    ----------
    path : str or PathLike
        WAV, FLAC, OGG, Opus, MP3 or AIFF of any rate, width and channel count; with PyAV also what FFmpeg reads.
    start : float
        Seconds to leave out at the beginning.
    duration : float, optional
        Seconds to read at most; by default all the rest.

    Returns
    -------
    Audio
        The mean of the channels. Memory grows by 64 kB per second of the part that is read, and by nothing else.

    Raises
    ------
    AudioError
        When there is no such file, it cannot be decoded, is damaged, silent, shorter than 0.1 s or longer than six
        hours, or does not hold the part asked for.
    """
    path = Path(path)
    if not (math.isfinite(start) and start >= 0) or not (duration is None or duration > 0):
        raise AudioError(f"Expected a start of at least 0 s and a duration above 0 s, got {start} s and {duration} s.")
    _check_file(path)
    with _opened(path, start) as source:
        wanted = math.inf if duration is None else duration
        if min(wanted, source.seconds or 0.0) > LONGEST:
            raise AudioError(_too_long(source.name, source.seconds))
        return _collect(source, wanted)


def load_clip(clip: Clip) -> Audio:
    """The sound of a clip; raises what `load_audio` raises."""
    return load_audio(clip.path, start=clip.start, duration=clip.duration)


def _check_file(path: Path) -> None:
    """Raise an AudioError unless there is a readable file with something in it."""
    if not path.exists():
        raise AudioError(f"Expected a sound file, but there is none at '{path}'. Check the folder and the spelling.")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a plain file"
        raise AudioError(f"Expected a sound file, got '{path}', which is {kind}. Choose a {_KINDS} file.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise AudioError(f"Expected to read '{path}', but {error.strerror}. Check the file's permissions.") from error
    if empty:
        raise AudioError(f"Expected a sound file, got '{path}', which is empty (0 bytes). Export or copy it again.")


@contextmanager
def _opened(path: Path, start: float) -> Iterator[_Source]:
    """The file from `start` seconds on, through the first library that can decode it."""
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise AudioError(f"Expected the soundfile library, but it did not load: {error}. Install it.") from error
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError):  # TypeError: headerless .raw, whose rate nobody knows
        file = None
    if file is None or file.frames > _UNKNOWN_FRAMES:  # soundfile cannot read a FLAC that does not tell its length
        with _opened_by_ffmpeg(path, start) as source:
            yield source
        return
    with file:
        first = round(start * file.samplerate)
        if file.frames <= first:
            raise AudioError(_nothing_left(path.name, file.frames / file.samplerate, start))
        seconds = (file.frames - first) / file.samplerate
        _check_whole(path.name, file.extra_info)
        yield _Source(path.name, file.samplerate, seconds, _soundfile_blocks(file, first, path.name))


def _check_whole(name: str, log: str) -> None:
    """Refuse a WAV or AIFF file that was cut off: libsndfile reads such a file as a shorter one and only logs it."""
    cut_off = re.search(r"^ ?(?:data|SSND) : (\d+) \(should be (\d+)\)", log, re.MULTILINE)
    if cut_off and int(cut_off[2]) < int(cut_off[1]) < _UNKNOWN_SIZE:
        raise AudioError(_damaged(name, f"of {cut_off[1]} bytes of sound only {cut_off[2]} are there"))


def _soundfile_blocks(file, first: int, name: str) -> Iterator[np.ndarray]:
    import soundfile

    try:
        file.seek(first)
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            yield block
    except soundfile.SoundFileError as error:
        raise AudioError(_damaged(name, str(error).rstrip("."))) from error


@contextmanager
def _opened_by_ffmpeg(path: Path, start: float) -> Iterator[_Source]:
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        raise AudioError(_not_decodable(path)) from None
    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (FFmpegError, ValueError):
        raise AudioError(f"Expected a {_KINDS} or video file, got '{path.name}', which is none or damaged.") from None
    with container:
        if not container.streams.audio:
            raise AudioError(f"Expected a file with sound, got '{path.name}', which has no sound track.")
        stream = container.streams.audio[0]
        seconds = None if container.duration is None else container.duration / av.time_base - start
        if seconds is not None and seconds <= 0:
            raise AudioError(_nothing_left(path.name, seconds + start, start))
        blocks = _ffmpeg_blocks(container, round(start * stream.rate), path.name)
        yield _Source(path.name, stream.rate, seconds, blocks)


def _ffmpeg_blocks(container, skip: int, name: str) -> Iterator[np.ndarray]:
    """Blocks after the first `skip` frames, which are decoded and dropped: seeking in lossy streams is not exact."""
    import av
    from av.error import FFmpegError

    planar = av.AudioResampler(format="fltp")  # same rate and channels, as (channels, n) of float32
    try:
        for frame in container.decode(audio=0):
            for part in planar.resample(frame):
                block = part.to_ndarray().T
                if skip < len(block):
                    yield block[skip:]
                skip = max(skip - len(block), 0)
    except FFmpegError as error:
        raise AudioError(_damaged(name, str(error).rstrip("."))) from error


def _collect(source: _Source, wanted: float) -> Audio:
    """Mix, check and resample the blocks, up to `wanted` seconds of them."""
    import soxr

    resampler = None if source.rate == RATE else soxr.ResampleStream(source.rate, RATE, 1, dtype="float32")
    left = round(min(wanted, LONGEST + 1) * source.rate)
    taken, peak, mixed, samples = 0, 0.0, 0.0, Spool()
    for block in source.blocks:
        block = block[: left - taken]
        _check_finite(block, source, taken)
        peak = max(peak, float(np.abs(block).max()))
        mono = block.mean(axis=1)
        samples.append(part := resampler.resample_chunk(mono) if resampler else mono)
        mixed = max(mixed, float(np.abs(part).max(initial=0.0)))
        taken += len(block)
        if taken >= left:
            break
    if resampler:
        samples.append(part := resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        mixed = max(mixed, float(np.abs(part).max(initial=0.0)))
    _check_amount(source, taken / source.rate, min(wanted, source.seconds or 0.0))
    audio = Audio(samples.array())
    _check_level(source.name, peak, mixed)
    return audio


def _check_finite(block: np.ndarray, source: _Source, before: int) -> None:
    wrong = ~np.isfinite(block).all(axis=1)
    if wrong.any():
        second = (before + int(wrong.argmax())) / source.rate
        raise AudioError(
            f"Expected finite samples, got NaN or infinity in '{source.name}', first at {second:.3f} s. "
            "Export the sound again from the program that made it, as 16 or 24 bit."
        )


def _check_amount(source: _Source, got: float, promised: float) -> None:
    if got > LONGEST:
        raise AudioError(_too_long(source.name, source.seconds))
    if got < promised - max(SHORTEST, 0.01 * promised):  # MP3 and video lengths are estimates
        raise AudioError(_damaged(source.name, f"of {promised:.2f} s only {got:.2f} s could be decoded"))
    if got < SHORTEST:
        raise AudioError(
            f"Expected at least {SHORTEST} s of sound, got {got:.3f} s of '{source.name}'. Take more of it."
        )


def _check_level(name: str, peak: float, mixed: float) -> None:
    if peak < SILENCE:
        level = f"its loudest sample is at {20 * math.log10(peak):.0f} dB" if peak else "every sample is zero"
        raise AudioError(f"Expected speech, but '{name}' holds only silence: {level}. Check which track was exported.")
    if mixed < SILENCE:
        raise AudioError(
            f"Expected speech, but the channels of '{name}' cancel each other out when mixed to mono. "
            "Export one channel alone, or turn the phase of one around."
        )
    if peak > LOUDEST:
        raise AudioError(
            f"Expected samples in [-1, 1], got up to {peak:.4g} in '{name}'. Export it again as 16 or 24 bit."
        )


def _nothing_left(name: str, seconds: float, start: float) -> str:
    if not seconds:
        return f"Expected a sound file, got '{name}', which holds no samples. Export it again."
    return f"Expected a start before the end of '{name}' at {seconds:.2f} s, got {start:.2f} s. Start earlier."


def _too_long(name: str, seconds: float | None) -> str:
    length = "more" if seconds is None else f"{seconds / 3600:.1f} hours"
    return (
        f"Expected at most {LONGEST / 3600:.0f} hours of sound at once, got {length} in '{name}'. "
        "Animate it in parts, with a start and a duration for each."
    )


def _damaged(name: str, reason: str) -> str:
    return f"Expected a whole sound file, but '{name}' is damaged: {reason}. Export or copy it again."


def _not_decodable(path: Path) -> str:
    if path.suffix.lower() in _FFMPEG_ONLY:
        return (
            f"Expected a {_KINDS} file, got '{path.name}'. Save its sound as WAV, or install PyAV "
            "(`pip install av`), with which the sound of videos is read too."
        )
    return f"Expected a {_KINDS} file, got '{path.name}', which is none, or is damaged. Save the sound as WAV."
