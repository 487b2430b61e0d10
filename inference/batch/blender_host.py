# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender that stays alive between shots, in a process group of its own.

It ends with whoever started it: its input closes then, and it watches for that while it works (`serving`).
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from ..core import errors
from ..core.errors import BatchError, WorkerError
from ..core.motion import Motion
from ..takes.recipe import package_version
from ..worker.process_host import ChildProcess
from ..worker.protocol import Failed, send
from .blender_protocol import MARK, Answer, Order, Serving, answer_of

Check = Callable[[], None]

_ROOT = (__package__ or "").removesuffix(".inference.batch")  # "facewright", unless run from a bare checkout
_PAUSE = 0.2  # seconds between looks at whether somebody still waits
_LONGEST_START = 300.0


def scene_command(blender: str) -> list[str]:
    """How to start the Blender for .blend files: the one that was named, the bpy wheel, or ``blender`` on the PATH.

    Raises
    ------
    BatchError
        When there is none.
    """
    if not blender and _ROOT and find_spec("bpy") is not None:
        return [sys.executable, "-c", f"import {_ROOT}.addon.command.serve as serve; raise SystemExit(serve.main())"]
    found = shutil.which(blender or "blender")
    if found is None:
        raise BatchError(
            f"Expected Blender for a .blend, but '{blender or 'blender'}' is not on the PATH and there is no bpy. Name "
            "it with --blender, or `pip install bpy` (Python 3.11)."
        )
    return [found, "--background", "--command", "facewright", "serve"]


def film_command() -> list[str]:
    """How to start what renders films; raises BatchError where the bpy wheel is missing."""
    if find_spec("bpy") is None or not _ROOT:
        raise BatchError("Expected the bpy wheel, which renders films. Install it: `pip install bpy` (Python 3.11).")
    return [sys.executable, "-m", f"{_ROOT}.inference.batch.filming"]


class BlenderHost:
    """Starts the process when it is first needed, and again after it died.

    Parameters
    ----------
    command : callable
        Gives the program and its arguments.
    """

    def __init__(self, command: Callable[[], Sequence[str]]) -> None:
        self._command = command
        self._child: ChildProcess | None = None

    def ask(self, order: Order, motions: Sequence[Motion] = (), *, check: Check) -> Answer:
        """Give an order and wait for its answer.

        Parameters
        ----------
        order : Message
        motions : sequence of Motion
        check : callable
            Called several times a second; when it raises, the process is ended, and what it started too.

        Raises
        ------
        FacewrightError
            What went wrong in Blender, or a WorkerError when it died.
        """
        try:
            child = self._running(check)
            pipe = child.process.stdin
            assert pipe is not None
            try:
                send(pipe, order, motions)
            except OSError as problem:
                raise WorkerError(f"Blender stopped before it was asked.{child.last_words()}") from problem
            answer = self._next(child, check)
        except BaseException:
            self.close()
            raise
        if isinstance(answer, Failed):
            raise getattr(errors, answer.kind, WorkerError)(answer.message)
        return answer

    def close(self) -> None:
        """End the process, and what it started."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _running(self, check: Check) -> ChildProcess:
        if self._child is not None and self._child.alive:
            return self._child
        self.close()
        command = self._command()
        environment = {**os.environ, "PYTHONUTF8": "1"}
        try:
            child = ChildProcess(command, Path.cwd(), environment, takes_input=True, own_group=True, after=MARK)
        except OSError as problem:
            raise BatchError(
                f"Expected to start '{command[0]}', but: {problem}. Name another with --blender."
            ) from problem
        self._child = child
        ready = self._next(child, check, _LONGEST_START)
        if not isinstance(ready, Serving) or ready.version != package_version():
            version = getattr(ready, "version", "another one")
            raise BatchError(
                f"Expected facewright {package_version()} in Blender, got {version}. Install the same version there."
            )
        return child

    def _next(self, child: ChildProcess, check: Check, longest: float | None = None) -> Answer:
        waited = 0.0
        while True:
            check()
            try:
                packet = child.next_packet(_PAUSE)
            except queue.Empty:
                waited += _PAUSE
                if longest is not None and waited > longest:
                    text = f"Blender gave no sign of life for {longest:.0f} s. Run the list again."
                    raise WorkerError(text) from None
                continue
            if packet is None:
                raise WorkerError(
                    f"Blender stopped before it was done (exit code {child.process.wait()}).{child.last_words()} Is "
                    "facewright enabled in it, and can it open the file?"
                )
            return answer_of(packet[0])
