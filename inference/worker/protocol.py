# SPDX-License-Identifier: GPL-3.0-or-later
"""The language between the add-on and its worker: length-prefixed JSON, with raw bytes after it, over two pipes.

A message is four bytes of length (little-endian), that many bytes of UTF-8 JSON (an object), and then as many raw bytes
as the object's ``bytes`` says (none where it says nothing).

To the worker:

* ``{"id", "do": "animate", "path", "start", "duration", "fps", "seed", "device", "style", "steps", "pins", "heard"}``;
  all but `path` may be left out. Where `heard` is true, an event `heard` comes before the motion. `style` is
  ``{"name", "slots", ...}``, the fields of `Style`; `pins` is a list of ``{"shape", "channels", "fps", "start"}``,
  whose float32 values in C order, one pin after the other, are the message's bytes, and whose starts are in seconds of
  the file
* ``{"id", "do": "punch", "path", "start", "duration", "rows", "seed", "style", "motion", "recipe", "device"}``: frames
  `rows` (first, and the one after the last) of a take again; `motion` is that take, as a pin is; see `punching`
* ``{"id", "do": "replay", "path", "recipe", "device", "heard"}``: a take from its recipe, JSON as text; see `recipe`
* ``{"id", "do": "style", "path", "start", "duration", "name", "device"}``: the style of a voice
* ``{"id", "do": "learn", "path", "start", "duration", "name", "device", "motion", "curves"}``: a style from speech with
  `motion`, given as a pin is, or with a file of `curves`; with neither, from the voice alone
* ``{"id", "do": "info", "device"}``
* ``{"do": "quit"}``

From the worker, first one `ready` (or one `error`, when no model can be loaded), then for each request any number of
`progress` and one of the others:

* ``{"event": "ready", "protocol", "model", "version", "provider", "python"}``
* ``{"id", "event": "progress", "fraction", "stage"}``
* ``{"id", "event": "motion", "shape", "channels", "fps", "start", "provider", "bytes"}``, then float32 in C order;
  with ``"recipe"`` where there is one, and after a replay with ``"doubts"``, sentences on why it may not be exact
* ``{"id", "event": "heard", "shape", "channels", "fps", "start", "bytes"}``: phones and loudness, see `heard`
* ``{"id", "event": "style", "name", "slots"}``, and after `learn` ``{"id", "event": "style", "style", "report"}``: the
  content of a .fwstyle file, and sentences
* ``{"id", "event": "info", ...}`` with the fields of `ready`
* ``{"id", "event": "error", "kind", "message"}``: the name of an error class, and its text
"""

from __future__ import annotations

import json
from typing import IO, Any

from ..core.errors import WorkerError

PROTOCOL = 2

_LONGEST_HEADER = 1 << 20


def write_message(stream: IO[bytes], header: dict[str, Any], payload: bytes | memoryview = b"") -> None:
    """Send one message and flush. Raises BrokenPipeError when nobody reads any more."""
    if len(payload):
        header = {**header, "bytes": memoryview(payload).nbytes}
    text = json.dumps(header).encode()
    stream.write(len(text).to_bytes(4, "little") + text)
    if len(payload):
        stream.write(payload)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Wait for one message: its object and its raw bytes; None when the other side has closed the pipe.

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
        payload = _exactly(stream, int(header.get("bytes", 0)))
    except (ValueError, AttributeError) as error:
        raise WorkerError(f"Expected a JSON object between add-on and worker, got something else: {error}.") from error
    return header, payload


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise WorkerError(f"Expected {count} more bytes, got {len(data)}: the other process stopped inside a message.")
    return data
