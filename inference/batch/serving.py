# SPDX-License-Identifier: GPL-3.0-or-later
"""The other end of `blender_host`: a process that does what it is told until whoever started it is gone."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import BinaryIO

from ..core.errors import FacewrightError, WorkerError
from ..core.motion import Motion
from ..takes.recipe import package_version
from ..worker.framing import Packet, read_packet
from ..worker.protocol import Failed, send
from .blender_protocol import MARK, Message, Order, Serving, order_of

Do = Callable[[Order, Sequence[Motion]], Message]

_LONGEST_IDLE = 600.0  # seconds; whoever needs this process later starts another


def serve(do: Do, blender: str) -> int:
    """Answer orders on standard input until it closes, then end this process and all that it started.

    Parameters
    ----------
    do : callable
        Does one order and returns the answer.
    blender : str
        Version of Blender.

    Returns
    -------
    int
        Exit status, 0.
    """
    orders, answers = _take_over_stdio()
    answers.write(MARK)
    send(answers, Serving(version=package_version(), blender=blender))
    packets: queue.Queue[Packet] = queue.Queue()
    threading.Thread(target=_read, args=(orders, packets), name="facewright", daemon=True).start()
    while True:
        try:
            message, motions = packets.get(timeout=_LONGEST_IDLE)
        except queue.Empty:
            return 0
        try:
            answer = do(order_of(message), motions)
        except FacewrightError as error:
            answer = Failed(kind=type(error).__name__, message=str(error))
        except Exception as error:
            traceback.print_exc()
            answer = Failed(
                kind=WorkerError.__name__, message=f"Blender met {type(error).__name__}: {str(error)[:500]}."
            )
        try:
            send(answers, answer)
        except OSError:
            return 0


def _read(orders: BinaryIO, packets: queue.Queue[Packet]) -> None:
    """Queue orders; when nobody can send any more, end at once, whatever is being done."""
    try:
        while (packet := read_packet(orders)) is not None:
            packets.put(packet)
    finally:
        sys.stderr.flush()
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():  # with what was started here, in a group of its own
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(0)


def _take_over_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Streams for orders and answers; what else is printed from here on goes to standard error."""
    sys.stdout.flush()
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return orders, answers
