# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches made while the network computes: one thread makes them, in order, so that a seed still gives one training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Queue
from threading import Thread
from typing import TypeVar

Batch = TypeVar("Batch")
WAITING = 3  # batches made in advance


def prefetch(make: Callable[[], Batch]) -> Iterator[Batch]:
    """What `make` returns, again and again, without end; what it raises is raised here."""
    queue: Queue[Batch | BaseException] = Queue(WAITING)

    def work() -> None:
        try:
            while True:
                queue.put(make())
        except BaseException as problem:
            queue.put(problem)

    Thread(target=work, daemon=True).start()
    while True:
        made = queue.get()
        if isinstance(made, BaseException):
            raise made
        yield made
