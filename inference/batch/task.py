# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker of Dask does: a few shots, one after the other, with a model and a Blender that outlive them."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from ..core.errors import BatchError, FacewrightError
from ..takes.recipe import package_version
from .making import Cancelled, Maker, Run
from .outcome import FAILED, Outcome
from .shot import Shot

_makers: dict[str, Maker] = {}  # by run; a worker has one at a time


def make_shots(shots: bytes, run: bytes, version: str) -> bytes:
    """Make some shots in a worker of Dask.

    Parameters
    ----------
    shots, run : bytes
        A list of `Shot`, and a `Run`, as msgpack.
    version : str
        The facewright that sends them.

    Returns
    -------
    bytes
        A list of `Outcome`, as msgpack.

    Raises
    ------
    BatchError
        When another version is installed on this machine.
    Exception
        What may go well another time (a Blender that died, a network disk), once the other shots are made.
    """
    if version != package_version():
        raise BatchError(
            f"Expected facewright {version} on every machine, got {package_version()} on a worker. Install the same."
        )
    from distributed import get_worker
    from distributed.worker_state_machine import TaskState

    worker = get_worker()
    key = worker.get_current_task()

    def check() -> None:
        task: TaskState | None = worker.state.tasks.get(key)
        if task is None or task.state != "executing":
            raise Cancelled

    return msgspec.msgpack.encode(_made(_maker(run), msgspec.msgpack.decode(shots, type=list[Shot]), check))


def _made(maker: Maker, shots: list[Shot], check: Callable[[], None]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    problem: Exception | None = None
    for shot in shots:
        try:
            outcomes.append(maker.make(shot, check))
        except Cancelled:
            raise
        except Exception as error:  # the others are made all the same, and are not made again
            problem = problem or error
    if problem is not None:
        raise problem
    return outcomes


def unexpected(shot: Shot, error: BaseException) -> Outcome:
    """The outcome of a shot that met an error again and again; of one that is not ours, its place in the code."""
    why, kind = str(error), type(error).__name__
    if not isinstance(error, FacewrightError):
        where = traceback.extract_tb(error.__traceback__)[-1:]
        place = f" ({where[0].filename.rpartition('/')[2]}, line {where[0].lineno})" if where else ""
        why = f"{kind}: {why[:300] or 'no reason given'}{place}. Run the list again to try once more."
    return Outcome(row=shot.row, name=shot.name, state=FAILED, why=why, kind=kind)


def _maker(run: bytes) -> Maker:
    found: Run = msgspec.msgpack.decode(run, type=Run)
    if found.key not in _makers:
        close()
        from .blender_studio import BlenderStudio

        _makers[found.key] = Maker(found, BlenderStudio(found.blender))
    return _makers[found.key]


def ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to every process, to the one that waits for the shots."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def close() -> None:
    """End what this process has opened."""
    for maker in _makers.values():
        closing: Any = getattr(maker.studio, "close", None)
        if closing is not None:
            closing()
    _makers.clear()
