# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing: a motion as text, without loss, small enough to be kept in a .blend.

A line of JSON (shape, names, rate), then the curves, one after the other, as float32 with the four bytes of each number
apart (as HDF5's shuffle filter, https://docs.hdfgroup.org/hdf5/latest/group___s_h_u_f_f_l_e.html), by zlib and base64.
A curve that never moves costs next to nothing; the others, whose last digits are noise, take about 9 kB a second.
"""

from __future__ import annotations

import base64
import json
import zlib
from threading import Thread

import numpy as np

from ..core.errors import FacewrightError
from ..core.motion import Motion

VERSION = 1
LONGEST_KEPT = 4 << 20  # characters: about five minutes; what is longer is made again on demand
_LONGEST = 1 << 26  # bytes of curves that `unpack` accepts


def pack(motion: Motion) -> str:
    """A motion as ASCII text, which `unpack` reads back to the last bit."""
    head = {"version": VERSION, "shape": motion.values.shape, "channels": motion.channels}
    head |= {"fps": motion.fps, "start": motion.start}
    numbers = np.ascontiguousarray(motion.values.T, dtype="<f4").view(np.uint8).reshape(-1, 4)
    apart = np.ascontiguousarray(numbers.T)  # which lets other threads run meanwhile; tobytes of a transpose does not
    content = json.dumps(head).encode() + b"\n" + apart.tobytes()
    return base64.b64encode(zlib.compress(content, 1)).decode("ascii")


def pack_within(motion: Motion, longest: int | None = None) -> str:
    """A motion as `pack` gives it, or "" where that is longer than so many characters, by default `LONGEST_KEPT`."""
    longest = LONGEST_KEPT if longest is None else longest
    text = pack(motion) if motion.values.nbytes < 4 * longest else ""  # no time is spent on what will hardly fit
    return text if len(text) <= longest else ""


class BackgroundPack:
    """A motion being packed in a thread of its own: five minutes of it would stall the window for 80 ms.

    Parameters
    ----------
    motion : Motion
        The motion; packing begins at once.
    longest : int, optional
        As for `pack_within`.
    """

    def __init__(self, motion: Motion, longest: int | None = None) -> None:
        self._text = ""
        self._failure: Exception | None = None
        self._thread = Thread(target=self._pack, args=(motion, longest), name="facewright", daemon=True)
        self._thread.start()

    def is_done(self, wait: float = 0.0) -> bool:
        """Whether it has ended, after so many seconds at most."""
        self._thread.join(wait)
        return not self._thread.is_alive()

    def text(self) -> str:
        """The text as `pack_within` gives it, once it is there; raises what that raises."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._text

    def _pack(self, motion: Motion, longest: int | None) -> None:
        try:
            self._text = pack_within(motion, longest)
        except Exception as error:  # an empty text would only say that it is too long
            self._failure = error


def unpack(text: str) -> Motion | None:
    """The motion, to the last bit; None when the text is damaged or of another version."""
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _LONGEST)
        line, _, body = content.partition(b"\n")
        head = json.loads(line)
        if head["version"] != VERSION:
            return None
        frames, channels = head["shape"]
        numbers = np.frombuffer(body, np.uint8).reshape(4, frames * channels)
        values = np.ascontiguousarray(numbers.T).view("<f4").reshape(channels, frames).T
        return Motion(values, tuple(head["channels"]), float(head["fps"]), float(head["start"]))
    except (KeyError, TypeError, ValueError, zlib.error, FacewrightError):
        return None
