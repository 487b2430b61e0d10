# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture from video as Blender sees it: a process of a Python that has MediaPipe, ended on cancel.

The extension cannot carry MediaPipe, which wants other libraries than Blender has. The artist makes a Python that has
it, with one command, and names it in the preferences.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...inference.core import errors
from ...inference.core.errors import CaptureError, FacewrightError
from ...inference.core.motion import Motion
from ...inference.worker.protocol import read_message
from .process import ROOT

# How an artist makes an environment with MediaPipe.
COMMANDS = (
    ("py -3.12 -m venv facewright-capture", r"facewright-capture\Scripts\pip install mediapipe==0.10.21")
    if sys.platform == "win32"
    else ("python3.12 -m venv facewright-capture", "facewright-capture/bin/pip install mediapipe==0.10.21")
)
_PLACES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")


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
    path = Path(chosen).expanduser()
    found = next((p for p in (path, *(path / place for place in _PLACES)) if p.is_file()), None)
    if found is None:
        raise CaptureError(
            f"Expected a Python at '{path}', found none. Choose it again in Preferences > Add-ons > Facewright."
        )
    return str(found.absolute())


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
        self.fraction = 0.0
        self.stage = "Starting"
        self.motion: Motion | None = None
        self.report: list[str] = []
        self._messages: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
        self._last_words: deque[str] = deque(maxlen=4)
        dropped = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP")
        try:
            self._process = subprocess.Popen(
                [python, "-m", "inference.capture", json.dumps(request)],
                cwd=ROOT,
                env={k: v for k, v in os.environ.items() if k not in dropped}
                | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise CaptureError(
                f"'{python}' could not be started: {error}. Choose a Python in Preferences > Add-ons > Facewright."
            ) from error
        _jobs.add(self)
        self._threads = [
            threading.Thread(target=read, args=(pipe,), name="facewright", daemon=True)
            for read, pipe in ((self._listen, self._process.stdout), (self._overhear, self._process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    def advance(self, wait: float = 0.0) -> bool:
        """Take in what the process has said; True when the motion is there.

        Raises
        ------
        FacewrightError
            What went wrong in the process, or a CaptureError when it stopped.
        """
        while self.motion is None:
            try:
                header, payload = self._messages.get(timeout=wait) if wait else self._messages.get_nowait()
            except queue.Empty:
                return False
            self._take_in(header, payload)
            wait = 0.0
        self.cancel()
        return True

    def cancel(self) -> None:
        """End the process."""
        _jobs.discard(self)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(2.0)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _take_in(self, header: dict[str, Any], payload: bytes) -> None:
        event = header.get("event")
        if event == "progress":
            self.fraction, self.stage = float(header["fraction"]), str(header["stage"])
        elif event == "motion":
            values = np.frombuffer(payload, np.float32).reshape(header["shape"])
            self.report = list(header["report"])
            self.motion = Motion(values, tuple(header["channels"]), float(header["fps"]), float(header["start"]))
        else:
            self._threads[1].join(1.0)  # what it said last
            self.cancel()
            if event == "error":
                raise getattr(errors, str(header.get("kind")), CaptureError)(str(header.get("message")))
            words = " ".join(self._last_words).strip()[-600:]
            raise CaptureError(
                "The capture stopped before it was done. Check that the Python in Preferences > Add-ons > Facewright "
                "is 3.11 or 3.12 and has MediaPipe." + (f" It last said: {words}" if words else "")
            )

    def _listen(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError, FacewrightError):
            while (message := read_message(pipe)) is not None:
                self._messages.put(message)
        self._messages.put(({"event": "closed"}, b""))

    def _overhear(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self._last_words.append(line.decode("utf-8", "replace").strip())


_jobs: set[CaptureJob] = set()


def stop() -> None:
    """End every process that still runs."""
    for job in list(_jobs):
        job.cancel()


def register() -> None:
    atexit.register(stop)


def unregister() -> None:
    stop()
    atexit.unregister(stop)
