# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees while shots are made: a bar with rate and time left, and a line for each failure.

On a terminal it is drawn by rich (https://rich.readthedocs.io); elsewhere, as on a farm, a line comes for each tenth.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..core.plain_text import plain
from .outcome import FAILED, Outcome

_LONGEST = 80  # letters of a name


class Shown(Protocol):
    """What is told of each outcome."""

    def __call__(self, outcome: Outcome) -> None:
        """Show one."""
        ...


@contextmanager
def shown(total: int, *, quiet: bool) -> Iterator[Shown]:
    """Show progress on standard error; gives a function to be called with each outcome."""
    if quiet:
        yield lambda outcome: None
    elif sys.stderr.isatty():
        with _on_terminal(total) as show:
            yield show
    else:
        yield _Lines(total)


def _failure(outcome: Outcome) -> str:
    name = outcome.name if len(outcome.name) <= _LONGEST else outcome.name[: _LONGEST - 3] + "..."
    return plain(f"row {outcome.row} '{name}': {outcome.why}")


class _Lines:
    """A line for each failure and for each tenth that is done."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed, self.told, self.began = total, 0, 0, 0, time.monotonic()

    def __call__(self, outcome: Outcome) -> None:
        self.done += 1
        if outcome.state == FAILED:
            self.failed += 1
            sys.stderr.write(f"failed: {_failure(outcome)}\n")
        tenth = 10 * self.done // self.total
        if tenth > self.told:
            self.told = tenth
            rate = self.done / max(time.monotonic() - self.began, 1e-3)
            left = (self.total - self.done) / rate
            sys.stderr.write(f"{self.done} of {self.total}, {self.failed} failed, {rate:.1f}/s, {left:.0f} s left\n")
        sys.stderr.flush()


@contextmanager
def _on_terminal(total: int) -> Iterator[Shown]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    console, began = Console(stderr=True, highlight=False, markup=False), time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Shots", total=total, rate="")
        failed = 0

        def show(outcome: Outcome) -> None:
            nonlocal failed
            if outcome.state == FAILED:
                failed += 1
                progress.console.print(_failure(outcome), style="red", soft_wrap=True)
            done = progress.tasks[0].completed + 1
            rate = f"{done / max(time.monotonic() - began, 1e-3):.1f}/s" + (f", {failed} failed" if failed else "")
            progress.update(task, advance=1, rate=rate)

        yield show
