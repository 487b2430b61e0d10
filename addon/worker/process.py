# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process as Blender sees it: started early, kept warm, killed on cancel, replaced after a crash.

Inference runs outside Blender so that its window never waits, Cancel is certain, and a crash in a GPU library cannot
take the artist's scene with it. Threads here only move bytes into queues and know nothing of bpy; the main thread
drains them.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...inference.core import errors
from ...inference.core.errors import FacewrightError, WorkerError
from ...inference.core.motion import Motion
from ...inference.worker.protocol import PROTOCOL, read_message, write_message

ROOT = Path(__file__).parents[2]

_LIBRARIES = ("numpy", "onnxruntime", "soundfile", "soxr")
_PATIENCE = 60.0  # seconds for the first sign of life; a cold disk and a virus scanner take their time


class Worker:
    """A running worker process."""

    def __init__(self) -> None:
        self.events: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
        self.ready: dict[str, Any] = {}
        self.began = time.monotonic()
        self._last_words: deque[str] = deque(maxlen=4)
        try:
            self.process = subprocess.Popen(
                [_python(), "-s", "-m", "inference.worker"],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise WorkerError(f"The inference process could not be started with '{_python()}': {error}.") from error
        self._threads = [
            threading.Thread(target=read, args=(pipe,), name="facewright", daemon=True)
            for read, pipe in ((self._listen, self.process.stdout), (self._overhear, self.process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def send(self, request: dict[str, Any], payload: bytes = b"") -> None:
        """Hand over a request; a worker that has died shows itself when its answer is waited for."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            write_message(self.process.stdin, request, payload)

    def kill(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(2.0)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def obituary(self) -> WorkerError:
        """What to tell the artist when the process is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2.0)
        self._threads[1].join(1.0)
        words = " ".join(self._last_words).strip()
        return WorkerError(
            f"The inference process stopped before it was done (exit code {self.process.returncode}). "
            "Press Generate to start a new one." + (f" It last said: {words[-600:]}" if words else "")
        )

    def _listen(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError, FacewrightError):
            while (message := read_message(pipe)) is not None:
                if message[0].get("event") == "ready":
                    self.ready = message[0]
                else:
                    self.events.put(message)
        self.events.put(({"event": "closed"}, b""))

    def _overhear(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self._last_words.append(line.decode("utf-8", "replace").strip())


class Job:
    """One request to the worker and what has come back so far.

    Parameters
    ----------
    request : dict
        Without ``id``; see `inference.worker.protocol`.
    payload : bytes
        What comes with it.
    """

    def __init__(self, request: dict[str, Any], payload: bytes = b"") -> None:
        self.fraction = 0.0
        self.stage = "Starting"
        self.motion: Motion | None = None
        self.style = ""  # content of a .fwstyle file, where one was learned
        self.report: list[str] = []  # what is said of it
        self.heard: Motion | None = None  # phones and loudness, where they were asked for
        self.provider = ""
        self.recipe = ""  # JSON; "" where what was made has none
        self.doubts: list[str] = []  # why a replay may not be exact
        self._worker = _running()
        self._id = next(_numbers)
        self._began = time.monotonic()
        self._worker.send({**request, "id": self._id}, payload)

    def advance(self, wait: float = 0.0) -> bool:
        """Take in what the worker has said; True when the motion, or the style, is there.

        Parameters
        ----------
        wait : float
            Seconds to wait for the first message.

        Raises
        ------
        FacewrightError
            What went wrong in the worker, or a WorkerError when it died, hangs or speaks another protocol.
        """
        while self.motion is None and not self.style:
            try:
                header, payload = self._worker.events.get(timeout=wait) if wait else self._worker.events.get_nowait()
            except queue.Empty:
                self._check_life()
                return False
            self._take_in(header, payload)
            wait = 0.0
        return True

    def cancel(self) -> None:
        """End the work at once, by ending the worker; a fresh one is started in its place."""
        stop()
        warm_up()

    def _take_in(self, header: dict[str, Any], payload: bytes) -> None:
        event = header.get("event")
        if event == "closed":
            error = self._worker.obituary()
            stop()
            raise error
        elif header.get("id") not in (self._id, None):
            return  # the tail of an earlier request
        elif event == "progress":
            self.fraction, self.stage = float(header["fraction"]), str(header["stage"])
        elif event == "error":
            kind = getattr(errors, str(header.get("kind")), WorkerError)
            raise kind(str(header.get("message")))
        elif event == "style":
            self.style, self.report = str(header["style"]), list(header["report"])
        elif event == "heard":
            self.heard = _motion(header, payload)
        elif event == "motion":
            self.provider, self.recipe = str(header.get("provider", "")), str(header.get("recipe", ""))
            self.doubts = list(header.get("doubts", ()))
            self.motion = _motion(header, payload)

    def _check_life(self) -> None:
        if self._worker.ready and self._worker.ready.get("protocol") != PROTOCOL:
            raise _broken(f"Expected protocol {PROTOCOL}, got {self._worker.ready.get('protocol')}: restart Blender.")
        if not self._worker.ready and time.monotonic() - max(self._began, self._worker.began) > _PATIENCE:
            raise _broken(f"The inference process gave no sign of life for {_PATIENCE:.0f} s. Press Generate again.")


def warm_up() -> None:
    """Start the worker if none runs, without waiting and without a word if that fails: Generate will tell."""
    if _worker is None or not _worker.alive:
        threading.Thread(target=_start_quietly, name="facewright", daemon=True).start()


def provider() -> str:
    """The processor the worker said it uses, "" while it has not said so."""
    return str(_worker.ready.get("provider", "")) if _worker else ""


def stop() -> None:
    """End the worker, if one runs."""
    global _worker
    with _lock:
        worker, _worker = _worker, None
    if worker is not None:
        worker.kill()


_numbers = count(1)
_lock = threading.Lock()
_worker: Worker | None = None
_enabled = False


def _running() -> Worker:
    global _worker
    with _lock:
        if not _enabled:  # a thread of warm_up that came too late
            raise WorkerError("The extension was disabled meanwhile.")
        if _worker is not None and not _worker.alive:
            _worker.kill()
            _worker = None
        if _worker is None:
            _worker = Worker()
        return _worker


def _start_quietly() -> None:
    with contextlib.suppress(FacewrightError):
        _running()


def _broken(text: str) -> WorkerError:
    stop()
    return WorkerError(text)


def _motion(header: dict[str, Any], payload: bytes) -> Motion:
    values = np.frombuffer(payload, np.float32).reshape(header["shape"])
    return Motion(values, tuple(header["channels"]), float(header["fps"]), float(header["start"]))


def _python() -> str:
    """Blender's own Python: ``sys.executable``, or what lies where it should be."""
    names = ("bin/python3", f"bin/python{sys.version_info[0]}.{sys.version_info[1]}", "bin/python.exe", "python.exe")
    candidates = [Path(sys.executable or ""), *(Path(sys.prefix) / name for name in names)]
    found = next((p for p in candidates if p.is_file() and "python" in p.name.lower()), None)
    if found is None:
        raise WorkerError(
            f"Expected Blender's Python at '{sys.executable}' or in '{sys.prefix}', found none: reinstall."
        )
    return str(found)


def _environment() -> dict[str, str]:
    """The folders of NumPy and of the bundled wheels, and nothing of the user's own Python."""
    specs = [spec for spec in map(importlib.util.find_spec, _LIBRARIES) if spec is not None and spec.origin]
    folders = dict.fromkeys(str(Path(s.origin or "").parents[s.submodule_search_locations is not None]) for s in specs)
    return {
        **{k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONSTARTUP")},
        "PYTHONPATH": os.pathsep.join(folders),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing is ever written into the extension's folder
        "PYTHONUTF8": "1",
    }


def register() -> None:
    global _enabled
    _enabled = True
    atexit.register(stop)


def unregister() -> None:
    global _enabled
    _enabled = False
    stop()
    atexit.unregister(stop)
