# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files to Audio: any common format, rate and channel count, decoded and resampled piece by piece.

`libsndfile` is asked first, then `ffmpeg`, or `other_program` where facewright runs in Blender; `wav` and `mp3` put
right for them what recorders and editors leave behind, and `channels` hears whether the channels belong together.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..core.audio import RATE, Audio
from ..core.clip import Clip
from ..core.errors import AudioError, FacewrightError
from ..core.spool import Spool
from . import ffmpeg, libsndfile, other_program
from .channels import ChannelComparison, different
from .source import WORTH_A_NOTE, Source, damaged, ends_early

LONGEST = 6 * 3600.0  # seconds: 1.4 GB of samples in a temporary file, and 0.4 GB of curves
SHORTEST = 0.1
SILENCE = 1e-4  # of full scale (-80 dB): above the dither of an empty 16-bit track, far below any recorded voice
LOUDEST = 100.0  # float files above this hold whole numbers such as 32767, not a wave in [-1, 1]


def load_audio(
    path: str | os.PathLike[str],
    *,
    start: float = 0.0,
    duration: float | None = None,
    channel: int | None = None,
    track: int | None = None,
) -> Audio:
    """Read a sound file, or the sound of a video file, as mono at 16 kHz.

    Parameters
    ----------
    path : str or PathLike
        WAV, FLAC, OGG, Opus, MP3 or AIFF of any rate, width and channel count; with PyAV also what FFmpeg reads.
    start : float
        Seconds to leave out at the beginning.
    duration : float, optional
        Seconds to read at most; by default all the rest.
    channel : int, optional
        The channel to hear, from 1; by default the mean of all.
    track : int, optional
        The sound track of a file that has several, from 1; by default the first.

    Returns
    -------
    Audio
        Its notes tell what is missing in the file, and channels that have little to do with each other. Memory grows by
        64 kB per second of the part that is read, and by nothing else.

    Raises
    ------
    AudioError
        When there is no such file, it cannot be decoded, is damaged, silent, shorter than 0.1 s or longer than six
        hours, or does not hold the part, channel or track asked for.
    """
    path = Path(path)
    if not (math.isfinite(start) and start >= 0) or not (duration is None or duration > 0):
        raise AudioError(f"Expected a start of at least 0 s and a duration above 0 s, got {start} s and {duration} s.")
    for name, number in (("channel", channel), ("track", track)):
        if number is not None and number < 1:
            raise AudioError(f"Expected a {name} from 1 on, got {number}.")
    _check_file(path)
    try:
        with _opened(path, start, track or 1) as source:
            wanted = math.inf if duration is None else duration
            if min(wanted, source.seconds or 0.0) > LONGEST:
                raise AudioError(_too_long(source.name, source.seconds))
            return _collect(source, wanted, channel, start)
    except (FacewrightError, MemoryError):
        raise
    except Exception as error:  # a damaged file can fail in any way
        raise AudioError(damaged(path.name, f"{type(error).__name__}, {error}")) from error


def load_clip(clip: Clip) -> Audio:
    """The sound of a clip; raises what `load_audio` raises."""
    given = {"start": clip.start, "duration": clip.duration, "channel": clip.channel, "track": clip.track}
    return load_audio(clip.path, **given)


def _check_file(path: Path) -> None:
    """Raise an AudioError unless there is a readable file with something in it."""
    if not path.exists():
        raise AudioError(f"Expected a sound file, but there is none at '{path}'. Check the folder and the spelling.")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a plain file"
        raise AudioError(f"Expected a sound file, got '{path}', which is {kind}. Choose a {ffmpeg.KINDS} file.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise AudioError(f"Expected to read '{path}', but {error.strerror}. Check the file's permissions.") from error
    if empty:
        raise AudioError(f"Expected a sound file, got '{path}', which is empty (0 bytes). Export or copy it again.")


@contextmanager
def _opened(path: Path, start: float, track: int) -> Iterator[Source]:
    """The file from `start` seconds on, through the first library that can decode it."""
    with libsndfile.opened(path, start) as source:
        if source is not None:
            if track > 1:
                raise AudioError(ffmpeg.no_such_track(path.name, 1, track))
            yield source
            return
    other = not ffmpeg.is_there() and other_program.is_named()
    with (other_program if other else ffmpeg).opened(path, start, track) as source:
        yield source


def _collect(source: Source, wanted: float, channel: int | None, start: float) -> Audio:
    """Mix, check and resample the blocks, up to `wanted` seconds of them."""
    import soxr

    resampler = None if source.rate == RATE else soxr.ResampleStream(source.rate, RATE, 1, dtype="float32")
    left = round(min(wanted, LONGEST + 1) * source.rate)
    taken, peak, mixed, samples, channels = 0, 0.0, 0.0, Spool(), 1
    comparison = ChannelComparison(source.rate)
    for block in source.blocks:
        block = _chosen(block[: left - taken], channel, source.name)
        channels = block.shape[1]
        _check_finite(block, source, taken)
        peak = max(peak, float(np.abs(block).max()))
        comparison.add(block)
        mono = block.mean(axis=1)
        samples.append(part := resampler.resample_chunk(mono) if resampler else mono)
        mixed = max(mixed, float(np.abs(part).max(initial=0.0)))
        taken += len(block)
        if taken >= left:
            break
    if resampler:
        samples.append(part := resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        mixed = max(mixed, float(np.abs(part).max(initial=0.0)))
    _check_amount(source, taken / source.rate, wanted, start)
    _check_level(source.name, peak, mixed, chosen=channel is not None)
    notes = [*source.notes, *([different(source.name, channels)] if comparison.differ() else [])]
    return Audio(samples.array(), tuple(notes))


def _chosen(block: np.ndarray, channel: int | None, name: str) -> np.ndarray:
    """The channels that are heard [shape=(n, channels)]."""
    if channel is None:
        return block
    if channel > block.shape[1]:
        count = "one channel" if block.shape[1] == 1 else f"{block.shape[1]} channels"
        raise AudioError(
            f"Expected a channel of 1 to {block.shape[1]}, got {channel}: '{name}' has {count}. Choose another."
        )
    return block[:, channel - 1 : channel]


def _check_finite(block: np.ndarray, source: Source, before: int) -> None:
    wrong = ~np.isfinite(block).all(axis=1)
    if wrong.any():
        second = (before + int(wrong.argmax())) / source.rate
        raise AudioError(
            f"Expected finite samples, got NaN or infinity in '{source.name}', first at {second:.3f} s. "
            "Export the sound again from the program that made it, as 16 or 24 bit."
        )


def _check_amount(source: Source, got: float, wanted: float, start: float) -> None:
    """Whether all is there that the file promises; of a file that was cut off a note says what is missing."""
    if got > LONGEST:
        raise AudioError(_too_long(source.name, source.seconds))
    promised = min(wanted, source.seconds or 0.0)
    if got < promised - max(SHORTEST, 0.01 * promised):  # MP3 and video lengths are estimates
        if not source.cut:
            raise AudioError(damaged(source.name, f"of {promised:.2f} s only {got:.2f} s could be decoded"))
        if promised - got > WORTH_A_NOTE:
            source.notes.append(ends_early(source.name, promised - got))
    if not got and start:
        raise AudioError(
            f"Expected a start before the end of '{source.name}', got {start:.2f} s, after which nothing is heard. "
            "Start earlier."
        )
    if got < SHORTEST:
        raise AudioError(
            f"Expected at least {SHORTEST} s of sound, got {got:.3f} s of '{source.name}'. Take more of it."
        )


def _check_level(name: str, peak: float, mixed: float, *, chosen: bool) -> None:
    if peak < SILENCE:
        level = f"its loudest sample is at {20 * math.log10(peak):.0f} dB" if peak else "every sample is zero"
        where = " on this channel" if chosen else ""
        raise AudioError(
            f"Expected speech, but '{name}' holds only silence{where}: {level}. Check which track was exported."
        )
    if mixed < SILENCE:
        raise AudioError(
            f"Expected speech, but the channels of '{name}' cancel each other out when mixed to mono. "
            "Export one channel alone, or turn the phase of one around."
        )
    if peak > LOUDEST:
        raise AudioError(
            f"Expected samples in [-1, 1], got up to {peak:.4g} in '{name}'. Export it again as 16 or 24 bit."
        )


def _too_long(name: str, seconds: float | None) -> str:
    length = "more" if seconds is None else f"{seconds / 3600:.1f} hours"
    return (
        f"Expected at most {LONGEST / 3600:.0f} hours of sound at once, got {length} in '{name}'. "
        "Animate it in parts, with a start and a duration for each."
    )
