# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines that make the shots: Dask's (https://distributed.dask.org), on this computer or a farm.

Shots travel in slices that take about two seconds each, so that neither the scheduler nor this process is what
everybody waits for, and only as many are under way as keep every worker busy.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from ..core.errors import BatchError
from ..devices.cards import CHOICE
from ..takes.recipe import package_version
from .making import Run
from .outcome import Outcome
from .shot import Shot
from .task import close, ignore_interrupts, make_shots, unexpected

if TYPE_CHECKING:
    from distributed import Client, WorkerPlugin

SLICE = 2.0  # seconds of work that are sent at once
LONGEST_SLICE = 64  # shots
AHEAD = 3  # slices for each thread that are under way: one is made, the others wait beside it
RETRIES = 2
LOOK = 2.0  # seconds between looks at how many threads there are
DEATHS = 20  # of workers, until a slice that was on all of them is taken apart


@contextmanager
def connected(workers: int, scheduler: str | None, cards: tuple[str, ...] = ()) -> Iterator[Client]:
    """A client of a cluster: of one that exists, or of processes on this machine that end with it.

    Parameters
    ----------
    workers : int
        Processes, where no scheduler is named.
    scheduler : str or None
        Its address.
    cards : tuple of str
        Graphics cards of this machine, one for each process in turn.

    Raises
    ------
    BatchError
        When Dask is not installed, or nobody answers at the address.
    """
    try:
        from dask import config
        from distributed import Client, LocalCluster
    except ImportError as problem:
        raise BatchError(f"Expected Dask, but: {problem}. Install it: `pip install facewright[batch]`.") from problem
    for name in ("distributed", "distributed.client", "tornado.application"):  # what matters of it we say ourselves
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    address = scheduler or config.get("scheduler-address", None)
    settings = {
        "distributed.scheduler.allowed-failures": DEATHS,
        "distributed.worker.daemon": True,
        "distributed.comm.timeouts.connect": "10s",
    }
    with config.set(settings), contextlib.ExitStack() as stack:
        if address is not None:
            try:
                client = Client(address, timeout="10s")
            except (OSError, ValueError, TimeoutError) as problem:
                raise BatchError(
                    f"Expected a scheduler of Dask at '{address}', but: {problem}. Start one: `dask scheduler`."
                ) from problem
        else:
            quiet: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "silence_logs": 50, "memory_limit": 0}
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, **quiet)
            stack.callback(cluster.close)
            client = Client(cluster)
            client.run(ignore_interrupts)
            if cards:
                client.register_plugin(one_card_each(cards))
        stack.callback(client.close)
        stack.callback(_let_go, client)
        yield client


def one_card_each(cards: tuple[str, ...]) -> WorkerPlugin:
    """Show each worker one graphics card, also one that is started in place of a worker that died."""
    from distributed import WorkerPlugin

    class OneCard(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            os.environ[CHOICE] = cards[int(worker.name) % len(cards)]

    return OneCard()


def _let_go(client: Client) -> None:
    """Have the workers, which may outlive this run, end what they opened for it."""
    with contextlib.suppress(Exception):  # they are gone, or the scheduler is
        client.run(close)


def outcomes(client: Client, shots: Sequence[Shot], run: Run) -> Iterator[Outcome]:
    """Make shots, and give the outcome of each as soon as it is known.

    Parameters
    ----------
    client : Client
    shots : sequence of Shot
    run : Run

    Raises
    ------
    BatchError
        When the scheduler is lost. What was made until then stays, and is not made again.
    """
    return _Work(client, shots, run).outcomes()


class _Work:
    """Shots on their way: which slices are under way, and how large the next one is."""

    def __init__(self, client: Client, shots: Sequence[Shot], run: Run) -> None:
        from distributed import as_completed

        self.client, self.shots, self.run = client, iter(shots), msgspec.msgpack.encode(run)
        self.left, self.size, self.key = len(shots), 0, run.key
        self.threads, self.look_again = 1, 0.0
        self.numbers = itertools.count()
        self.slices: dict[str, list[Shot]] = {}  # by the key of the task
        self.under_way = as_completed(with_results=True, raise_errors=False)

    def outcomes(self) -> Iterator[Outcome]:
        """As the function of this name."""
        self._fill()
        while self.slices:
            for future, result in self.under_way.next_batch(block=True):
                yield from self._taken_in(future, result)
            self._fill()

    def _taken_in(self, future: Any, result: Any) -> list[Outcome]:
        """The outcomes of a slice that is done, if it was made; of one that failed the result is the error."""
        shots = self.slices.pop(future.key)
        status = future.status
        if status == "finished":
            made = msgspec.msgpack.decode(result, type=list[Outcome])
            self._measure(made)
        elif status == "error":
            made = self._again(shots, result[1])
        else:
            raise BatchError(
                "The scheduler was lost. Start it, and give the same command again: it makes what is missing."
            )
        future.release()
        return made

    def _fill(self) -> None:
        """Send slices until every worker has enough to do."""
        if time.monotonic() > self.look_again:  # a farm grows and shrinks; asking takes a moment
            threads: Any = self.client.nthreads()
            self.threads, self.look_again = max(sum(threads.values()), 1), time.monotonic() + LOOK
        wanted, parts = (AHEAD if self.size else 1) * self.threads, []  # one shot for each tells how long one takes
        while self.left and len(self.slices) + len(parts) < wanted:
            count = min(max(self.size, 1), max(self.left // self.threads, 1))
            parts.append(list(itertools.islice(self.shots, count)))
            self.left -= count
        self._send(parts)

    def _send(self, parts: list[list[Shot]]) -> None:
        """Send slices, all in one message: one each would keep the scheduler busier than the shots."""
        if not parts:
            return
        keys = [f"facewright-{self.key}-{next(self.numbers)}" for _ in parts]
        packed = [msgspec.msgpack.encode(part) for part in parts]
        given = {"run": self.run, "version": package_version()}
        futures = self.client.map(make_shots, packed, key=keys, pure=False, retries=RETRIES, **given)
        self.slices |= dict(zip(keys, parts, strict=True))
        self.under_way.update(futures)

    def _again(self, shots: list[Shot], error: BaseException | None) -> list[Outcome]:
        """Send shots one by one, of which one keeps a slice from being made; one alone has failed."""
        if isinstance(error, BatchError):  # no worker can make any
            raise error
        if len(shots) > 1:
            self._send([[shot] for shot in shots])
            return []
        return [unexpected(shots[0], error or RuntimeError("no reason given"))]

    def _measure(self, made: list[Outcome]) -> None:
        """The next slices are as long as their time allows."""
        seconds = sum(one.seconds for one in made) / len(made)
        self.size = round(min(max(SLICE / max(seconds, 1e-3), 1), LONGEST_SLICE))
