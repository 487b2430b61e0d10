# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture in a process of its own: ``python -m inference.capture REQUEST``, for a Python that has MediaPipe.

REQUEST is a JSON object with `path` and, where wanted, `start`, `duration` and `neutral`, as `capture` takes them.
Standard output carries messages as ``..messages`` has them: any number of `progress`, then `motion` with the report's
sentences as `report`, or `error`. Whoever wants it to stop kills it, or closes the pipe.
"""

from __future__ import annotations

import json
import os
import sys
import time

from ..core.errors import FacewrightError
from ..worker.protocol import write_message
from . import capture

_PAUSE = 0.1  # seconds between progress messages


def main() -> int:
    """Serve one request; the exit status is 0 where it was answered."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with messages
    request = json.loads(sys.argv[1])
    last = 0.0

    def progress(part: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _PAUSE:
            last = time.monotonic()
            write_message(replies, {"event": "progress", "fraction": part, "stage": "Capturing"})

    try:
        motion, report = capture(request.pop("path"), progress, **request)
        header = {"event": "motion", "shape": motion.values.shape, "channels": motion.channels, "fps": motion.fps}
        header |= {"start": motion.start, "report": report.sentences()}
        write_message(replies, header, motion.values.tobytes())
    except FacewrightError as error:
        write_message(replies, {"event": "error", "kind": type(error).__name__, "message": str(error)})
    except BrokenPipeError:  # Blender is gone
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
