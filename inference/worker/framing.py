# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as bytes on a pipe between two processes: a JSON object, and after it motions as raw float32.

A message is four bytes of length (little-endian), that many bytes of UTF-8 JSON, ``{"message": {...}, "motions": [{
"shape", "channels", "fps", "start"}, ...]}``, and then the values of the motions in C order, one after the other.
This file needs nothing but NumPy, so that a script in the artist's own Python can send messages, too. The standard
library's ``multiprocessing.connection`` does the same over sockets and named pipes, but not over the pipes of a child.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import IO, Any

import numpy as np

from ..core.errors import FacewrightError, WorkerError
from ..core.motion import Motion
from ..core.spool import blocks

Packet = tuple[dict[str, Any], tuple[Motion, ...]]

_LONGEST_HEADER = 1 << 20
_ROWS = 4096  # written at once


def write_packet(stream: IO[bytes], message: dict[str, Any], motions: Sequence[Motion] = ()) -> None:
    """Send one message and flush. Raises BrokenPipeError when nobody reads any more."""
    heads = [{"shape": m.values.shape, "channels": m.channels, "fps": m.fps, "start": m.start} for m in motions]
    text = json.dumps({"message": message, "motions": heads}).encode()
    stream.write(len(text).to_bytes(4, "little") + text)
    for motion in motions:
        for part in blocks(motion.values, _ROWS):
            stream.write(part.data)
    stream.flush()


def read_packet(stream: IO[bytes]) -> Packet | None:
    """Wait for one message: its object and its motions; None when the other side has closed the pipe.

    Raises
    ------
    WorkerError
        When the pipe breaks off inside a message, or carries something else.
    """
    size = stream.read(4)
    if not size:
        return None
    length = int.from_bytes(size, "little")
    if length > _LONGEST_HEADER:
        raise WorkerError(f"Expected a message of at most {_LONGEST_HEADER} bytes, got {length}: not this protocol.")
    try:
        header = json.loads(_exactly(stream, length))
        motions = tuple(_motion(stream, head) for head in header["motions"])
        return dict(header["message"]), motions
    except WorkerError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, FacewrightError) as error:
        raise WorkerError(f"Expected a message between two processes, got something else: {error!r}.") from error


def _motion(stream: IO[bytes], head: dict[str, Any]) -> Motion:
    frames, channels = head["shape"]
    data = _exactly(stream, 4 * math.prod((frames, channels)))
    values = np.frombuffer(data, np.float32).reshape(frames, channels)
    return Motion(values, tuple(head["channels"]), float(head["fps"]), float(head["start"]))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise WorkerError(f"Expected {count} more bytes, got {len(data)}: the other process stopped inside a message.")
    return data
