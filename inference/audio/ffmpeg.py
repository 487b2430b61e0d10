# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of video files, and of what else FFmpeg reads, through PyAV (https://pyav.basswood-io.com/)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import AudioError
from .source import Source, damaged, nothing_left, skipped

KINDS = "WAV, FLAC, OGG, Opus, MP3 or AIFF"

_VIDEO = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mxf", ".wmv", ".m4a", ".aac", ".wma",
)  # fmt: skip
_ESTIMATED = ("aac", "mp3", "ac3", "eac3", "dts")  # raw streams, whose length FFmpeg guesses from their rate of bits
_JITTER = 0.006  # seconds: Matroska tells times in milliseconds, and some cameras are as exact


def is_there() -> bool:
    """Whether PyAV is installed."""
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


@contextmanager
def opened(path: Path, start: float, track: int) -> Iterator[Source]:
    """A sound track from `start` seconds on.

    Raises
    ------
    AudioError
        When PyAV is missing, or the file has no such track, is damaged, or ends before `start`.
    """
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        raise AudioError(_not_decodable(path)) from None
    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (FFmpegError, ValueError):
        raise AudioError(f"Expected a {KINDS} or video file, got '{path.name}', which is none or damaged.") from None
    with container:
        tracks = container.streams.audio
        if not tracks:
            raise AudioError(f"Expected a file with sound, got '{path.name}', which has no sound track.")
        if track > len(tracks):
            raise AudioError(no_such_track(path.name, len(tracks), track))
        stream = tracks[track - 1]
        ends = _seconds(container, stream)
        if ends is not None and ends <= start:
            raise AudioError(nothing_left(path.name, ends, start))
        blocks = skipped(_blocks(container, stream, path.name), round(start * stream.rate))
        yield Source(path.name, stream.rate, None if ends is None else ends - start, blocks)


def no_such_track(name: str, count: int, track: int) -> str:
    """The sentence for a track that the file does not have."""
    tracks = "one sound track" if count == 1 else f"{count} sound tracks"
    return f"Expected a track of 1 to {count}, got {track}: '{name}' has {tracks}. Choose another."


def _seconds(container: Any, stream: Any) -> float | None:
    """When the track ends, as the container tells; None where it does not tell, or guesses."""
    if container.format.name in _ESTIMATED or not stream.duration:
        return None
    return float(stream.duration * stream.time_base) + _late(container, stream)


def _late(container: Any, stream: Any) -> float:
    """Seconds by which the track begins later than the file."""
    import av

    if not _is_timed(stream) or stream.start_time is None or container.start_time is None:
        return 0.0
    return max(float(stream.start_time * stream.time_base) - container.start_time / av.time_base, 0.0)


def _is_timed(stream: Any) -> bool:
    """Whether the times of its frames say when they are heard.

    The first frame of MP3 bears a time of 25 to 69 ms although its first sample is that of the sound.
    """
    return not stream.codec_context.name.startswith("mp3")


def _blocks(container: Any, stream: Any, name: str) -> Iterator[np.ndarray]:
    """What is heard, with silence where the container's times leave a gap."""
    import av
    from av.error import FFmpegError

    planar = av.AudioResampler(format="fltp")  # same rate and channels, as (channels, n) of float32
    timed = _is_timed(stream)
    origin = (container.start_time or 0) / av.time_base
    done = 0  # frames
    try:
        for frame in container.decode(stream):
            gap = 0
            if timed and frame.pts is not None:
                gap = round((float(frame.pts * frame.time_base) - origin) * stream.rate) - done
            for part in planar.resample(frame):
                block = part.to_ndarray().T
                if gap > _JITTER * stream.rate:
                    yield from _silence(gap, block.shape[1])
                    done, gap = done + gap, 0
                yield block
                done += len(block)
    except FFmpegError as error:
        raise AudioError(damaged(name, str(error).rstrip("."))) from error


def _silence(frames: int, channels: int) -> Iterator[np.ndarray]:
    while frames > 0:
        yield np.zeros((min(frames, 1 << 16), channels), np.float32)
        frames -= 1 << 16


def _not_decodable(path: Path) -> str:
    if path.suffix.lower() in _VIDEO:
        return (
            f"Expected a {KINDS} file, got '{path.name}'. Save its sound as WAV, or install PyAV "
            "(`pip install av`), with which the sound of videos is read too."
        )
    return f"Expected a {KINDS} file, got '{path.name}', which is none, or is damaged. Save the sound as WAV."
