# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture from video as Blender sees it: a process of a Python that has MediaPipe, ended on cancel.

The extension cannot carry MediaPipe, which wants other libraries than Blender has. The artist makes a Python that has
it, with one command, and names it in the preferences.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import sys
from typing import Any

from ...inference.core.errors import CaptureError
from ...inference.core.motion import Motion
from ...inference.worker.framing import Packet
from ...inference.worker.process_host import ChildProcess
from ...inference.worker.protocol import Captured, Failed, Progress, reply_of
from .jobs import error_of
from .named_python import python_at
from .process import ROOT

# How an artist makes an environment with MediaPipe.
COMMANDS = (
    ("py -3.12 -m venv facewright-capture", r"facewright-capture\Scripts\pip install mediapipe==0.10.21")
    if sys.platform == "win32"
    else ("python3.12 -m venv facewright-capture", "facewright-capture/bin/pip install mediapipe==0.10.21")
)


def python_of(chosen: str) -> str:
    """The Python that the artist named: the file itself, or the one in a folder of an environment.

    Raises
    ------
    CaptureError
        When none is named, or none is there.
    """
    if not chosen.strip():
        raise CaptureError(
            f"Expected a Python 3.11 or 3.12 with MediaPipe, got none. Make one (`{COMMANDS[0]}`, `{COMMANDS[1]}`) and "
            "choose it in Preferences > Add-ons > Facewright > Capture Python."
        )
    found = python_at(chosen)
    if found is None:
        raise CaptureError(
            f"Expected a Python at '{chosen}', found none. Choose it again in Preferences > Add-ons > Facewright."
        )
    return found


class CaptureJob:
    """One video that is being captured, and what has come back so far.

    Parameters
    ----------
    python : str
        The Python that has MediaPipe.
    request : dict
        See `inference.capture.__main__`.
    """

    def __init__(self, python: str, request: dict[str, Any]) -> None:
        self.fraction, self.stage = 0.0, "Starting"
        self.motion: Motion | None = None
        self.report: tuple[str, ...] = ()
        dropped = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP")
        environment = {k: v for k, v in os.environ.items() if k not in dropped}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        command = [python, "-m", "inference.capture", json.dumps(request)]
        try:
            self._child = ChildProcess(command, ROOT, environment, takes_input=False)
        except OSError as error:
            raise CaptureError(
                f"'{python}' could not be started: {error}. Choose a Python in Preferences > Add-ons > Facewright."
            ) from error
        _jobs.add(self)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.alive

    def poll(self, wait: float = 0.0) -> bool:
        """Take in what the process has said; whether the motion is there.

        Raises
        ------
        FacewrightError
            What went wrong in the process, or a CaptureError when it stopped.
        """
        while self.motion is None:
            try:
                packet = self._child.next_packet(wait)
            except queue.Empty:
                return False
            self._take_in(packet)
            wait = 0.0
        self.cancel()
        return True

    def cancel(self) -> None:
        """End the process."""
        _jobs.discard(self)
        self._child.kill()

    def _take_in(self, packet: Packet | None) -> None:
        reply = reply_of(packet[0]) if packet is not None else None
        if isinstance(reply, Progress):
            self.fraction, self.stage = reply.fraction, reply.stage
        elif isinstance(reply, Captured) and packet is not None:
            self.motion, self.report = packet[1][0], reply.report
        else:
            words = self._child.last_words()
            self.cancel()
            if isinstance(reply, Failed):
                raise error_of(reply, CaptureError)
            raise CaptureError(
                "The capture stopped before it was done. Check that the Python in Preferences > Add-ons > Facewright "
                f"is 3.11 or 3.12 and has MediaPipe.{words}"
            )


_jobs: set[CaptureJob] = set()


def running() -> tuple[CaptureJob, ...]:
    """The captures that are at work."""
    return tuple(_jobs)


def stop() -> None:
    """End every process that still runs."""
    for job in list(_jobs):
        job.cancel()


def register() -> None:
    atexit.register(stop)


def unregister() -> None:
    stop()
    atexit.unregister(stop)
