# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion as text, without loss, small enough to be kept in a .blend.

A line of JSON (shape, names, rate), then the curves, one after the other, as float32 with the four bytes of each number
apart (as HDF5's shuffle filter, https://docs.hdfgroup.org/hdf5/latest/group___s_h_u_f_f_l_e.html), by zlib and base64.
What never moves costs nothing; the rest, whose last digits are noise, about 9 kB a second.
"""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np

from .errors import FacewrightError
from .motion import Motion

VERSION = 1
_LONGEST = 1 << 26  # bytes of curves: what is more was not packed by us


def packed(motion: Motion) -> str:
    """A motion as text of ASCII characters."""
    head = {"version": VERSION, "shape": motion.values.shape, "channels": motion.channels}
    head |= {"fps": motion.fps, "start": motion.start}
    numbers = np.ascontiguousarray(motion.values.T, dtype="<f4").view(np.uint8).reshape(-1, 4)
    content = json.dumps(head).encode() + b"\n" + numbers.T.tobytes()
    return base64.b64encode(zlib.compress(content, 1)).decode("ascii")


def packed_within(motion: Motion, longest: int) -> str:
    """A motion as `packed` gives it, or "" where that would be longer."""
    text = packed(motion) if motion.values.nbytes < 4 * longest else ""  # no time is spent on what will hardly fit
    return text if len(text) <= longest else ""


def unpacked(text: str) -> Motion | None:
    """The motion, to the last bit; None when the text is damaged or of another version."""
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _LONGEST)
        head, _, body = content.partition(b"\n")
        held = json.loads(head)
        if held["version"] != VERSION:
            return None
        frames, channels = held["shape"]
        numbers = np.frombuffer(body, np.uint8).reshape(4, frames * channels)
        values = np.ascontiguousarray(numbers.T).view("<f4").reshape(channels, frames).T
        return Motion(values, tuple(held["channels"]), float(held["fps"]), float(held["start"]))
    except (KeyError, TypeError, ValueError, zlib.error, FacewrightError):
        return None
