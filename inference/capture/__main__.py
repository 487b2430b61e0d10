# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture in a process of its own: ``python -m inference.capture REQUEST``, for a Python that has MediaPipe.

REQUEST is a JSON object with `path` and, where wanted, `start`, `duration` and `neutral`, as `capture` takes them.
Standard output carries messages as `worker.framing` writes them and `worker.protocol` names them: any number of
`Progress`, then `Captured` or `Failed`. They are made by hand here, for this Python may have nothing but MediaPipe.
To stop it, end the process or close the pipe.
"""

from __future__ import annotations

import json
import os
import sys
import time

from ..core.errors import FacewrightError
from ..worker.framing import write_packet
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
            write_packet(replies, {"type": "Progress", "fraction": part, "stage": "Capturing"})

    try:
        motion, report = capture(request.pop("path"), progress, **request)
        write_packet(replies, {"type": "Captured", "report": report.sentences()}, [motion])
    except FacewrightError as error:
        write_packet(replies, {"type": "Failed", "kind": type(error).__name__, "message": str(error)})
    except BrokenPipeError:  # Blender is gone
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
