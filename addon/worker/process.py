# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process as Blender sees it: started early, kept warm, killed on cancel, replaced after a crash.

Inference runs outside Blender so that its window never waits, Cancel is certain, and a crash in a GPU library cannot
take the artist's scene with it. Threads only move messages into a queue and know nothing of bpy; the main thread
empties it.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import bpy

from ...inference.audio.other_program import VARIABLE
from ...inference.core.errors import FacewrightError, WorkerError
from ...inference.core.motion import Motion
from ...inference.worker.process_host import ChildProcess
from ...inference.worker.protocol import PROTOCOL, Message, Ready, Reply, reply_of, send
from .named_python import python_at

ROOT = Path(__file__).parents[2]

_LIBRARIES = ("numpy", "msgspec", "onnxruntime", "platformdirs", "soundfile", "soxr", "tomli_w")
_PATIENCE = 60.0  # seconds for the first sign of life; a cold disk and a virus scanner take their time

Answer = tuple[Reply, tuple[Motion, ...]]


class Worker:
    """A running worker process."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.ready: Ready | None = None
        self.named = _named  # where the artist named it, an error names it
        command = [*(_named_python() if _named else (_python(), "-s")), "-m", "inference.worker"]
        try:
            self.child = ChildProcess(command, ROOT, environment(), takes_input=True)
        except OSError as error:
            raise WorkerError(f"The inference process could not be started with '{command[0]}': {error}.") from error

    def send(self, request: Message, motions: Sequence[Motion] = ()) -> None:
        """Hand over a request; a worker that has died shows itself when its answer is waited for."""
        pipe = self.child.process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            send(pipe, request, motions)

    def next_answer(self, wait: float = 0.0) -> Answer | None:
        """The next reply with its motions; None while there is none, and after the one that says it is ready.

        Raises
        ------
        WorkerError
            When it has stopped, gives no sign of life, or is of another version.
        """
        try:
            packet = self.child.next_packet(wait)
        except queue.Empty:
            self._check_life()
            return None
        if packet is None:
            code, words = self.child.process.wait(), self.child.last_words()
            where = f" of '{self.named}', which Preferences > Add-ons > Facewright names," if self.named else ""
            raise WorkerError(
                f"The inference process{where} stopped before it was done (exit code {code}). Press Generate to start "
                f"a new one.{words}"
            )
        message, motions = packet
        reply = reply_of(message)
        if not isinstance(reply, Ready):
            return reply, motions
        if reply.protocol != PROTOCOL:
            raise WorkerError(f"Expected protocol {PROTOCOL}, got {reply.protocol}: restart Blender.")
        self.ready = reply
        return None

    def said_first(self, name: str) -> str:
        """A word of its `Ready`, "" while it has not said so; what it says is left for `next_answer`."""
        if self.ready is not None:
            return getattr(self.ready, name)
        packet = self.child.peek()
        return str(packet[0].get(name, "")) if packet is not None else ""

    def _check_life(self) -> None:
        if self.ready is None and time.monotonic() - self.began > _PATIENCE:
            raise WorkerError(
                f"The inference process gave no sign of life for {_PATIENCE:.0f} s. Press Generate again."
            )


def running() -> Worker:
    """The worker, started where none runs.

    Raises
    ------
    WorkerError
        When it cannot be started.
    """
    global _worker
    with _lock:
        if not _enabled:  # a thread of warm_up that came too late
            raise WorkerError("The extension was disabled meanwhile.")
        if _worker is not None and not _worker.child.alive:
            _worker.child.kill()
            _worker = None
        if _worker is None:
            _worker = Worker()
        return _worker


def is_running() -> bool:
    """Whether there is a worker."""
    return _worker is not None and _worker.child.alive


def new_number() -> int:
    """A number for a request, which no other one has."""
    return next(_numbers)


def warm_up() -> None:
    """Start the worker if none runs, without waiting; if that fails, Generate will raise the error."""
    if not is_running():
        threading.Thread(target=_start_quietly, name="facewright", daemon=True).start()


def provider() -> str:
    """The processor the worker said it uses, "" while it has not said so."""
    return "" if _worker is None else _worker.said_first("provider")


def doubt() -> str:
    """Why the worker does not use a graphics card for which it has a library, "" where there is no such reason."""
    return "" if _worker is None else _worker.said_first("doubt")


def named() -> str:
    """The Python that the artist named for workers, "" for none."""
    return _named


def use_python(path: str) -> None:
    """Have workers from now on run in a Python that has what they need, at this path; Blender's own where it is ""."""
    global _named
    if path != _named:
        _named = path
        stop()


def stop() -> None:
    """End the worker, if one runs."""
    global _worker
    with _lock:
        worker, _worker = _worker, None
    if worker is not None:
        worker.child.kill()


_numbers = count(1)
_lock = threading.Lock()
_worker: Worker | None = None
_enabled = False
_named = ""


def _start_quietly() -> None:
    with contextlib.suppress(FacewrightError):
        running()


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


def _named_python() -> tuple[str]:
    """The Python that the artist named."""
    found = python_at(_named)
    if found is None:
        raise WorkerError(
            f"Expected a Python at '{_named}', found none. Choose it again in Preferences > Add-ons > Facewright, or "
            "clear it there to use Blender's own."
        )
    return (found,)


def _decoder() -> list[str]:
    """The command of a Blender that decodes what it plays: this one, or this Python where Blender is a module."""
    script, blender = str(Path(__file__).with_name("decode_sound.py")), bpy.app.binary_path
    if not blender:
        return [sys.executable, script, "--"]
    return [blender, "--background", "--factory-startup", "--python-exit-code", "1", "--python", script, "--"]


def environment() -> dict[str, str]:
    """The folders of NumPy and of the bundled wheels, and nothing of the user's own Python; or all of the named one."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP")}
    kept |= {
        VARIABLE: json.dumps(_decoder()),
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing is ever written into the extension's folder
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "1",  # glibc: a heap for each thread would be 20 MB more, and no faster
    }
    if _named:
        return kept
    specs = [spec for spec in map(importlib.util.find_spec, _LIBRARIES) if spec is not None and spec.origin]
    folders = dict.fromkeys(str(Path(s.origin or "").parents[s.submodule_search_locations is not None]) for s in specs)
    return {**kept, "PYTHONPATH": os.pathsep.join(folders), "PYTHONNOUSERSITE": "1"}


def register() -> None:
    global _enabled
    _enabled = True
    atexit.register(stop)


def unregister() -> None:
    global _enabled
    _enabled = False
    stop()
    atexit.unregister(stop)
