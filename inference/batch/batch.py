# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole list: checked, made, and reported."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.atomic_write import ensure_writable
from ..core.errors import ExportError
from . import record
from .cluster import connected, outcomes
from .making import Run, staging
from .outcome import FAILED, Outcome
from .progress import shown
from .report import Report
from .shot_list import BadRow, ShotList

_STALE = 86_400.0  # seconds: a run on another machine may still be at work in a younger folder


@dataclass(frozen=True)
class Where:
    """Where the shots are made.

    Parameters
    ----------
    workers : int
        Processes on this machine, where no cluster is named.
    scheduler : str or None
        Address of a scheduler of Dask.
    cards : tuple of str
        Graphics cards of this machine, which its processes share out.
    """

    workers: int
    scheduler: str | None = None
    cards: tuple[str, ...] = ()


def run_batch(found: ShotList, run: Run, where: Where, *, of: str, report: str, quiet: bool) -> tuple[Report, bool]:
    """Make a list.

    Parameters
    ----------
    found : ShotList
    run : Run
    where : Where
    of : str
        Name of the list, for the report.
    report : str
        Name of the report in the output folder, without suffix.
    quiet : bool
        Show no progress.

    Returns
    -------
    Report
        Also written to the output folder.
    bool
        Whether it came to the end, and was not interrupted.

    Raises
    ------
    BatchError
        When no cluster can be reached, or it is lost.
    ExportError
        When the output folder cannot be written.
    """
    began, out = time.time(), Path(run.out)
    prepare(out)
    made = [failed_row(one) for one in found.bad]
    complete = False
    try:
        with shown(len(found.shots) + len(made), quiet=quiet) as show:
            for one in made:
                show(one)
            if found.shots:
                workers = min(where.workers, len(found.shots))
                with connected(workers, where.scheduler, where.cards) as client:
                    for outcome in outcomes(client, found.shots, run):
                        made.append(outcome)
                        show(outcome)
        complete = True
    except KeyboardInterrupt:
        pass
    finally:
        clean(out, run.key)
        told = Report(of, began, time.time() - began, len(found.shots) + len(found.bad), made)
        told.write(out / report)
    return told, complete


def new_key() -> str:
    """A name for a run."""
    return secrets.token_hex(6)


def prepare(out: Path) -> None:
    """Make the output folder; raises ExportError when it cannot be written."""
    try:
        (out / record.FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"Cannot make the folder '{out}': {reason}. Choose another, or check permissions.") from error
    ensure_writable(out / record.FOLDER / "written")
    for old in (out / record.FOLDER).glob(staging(out, "*").name):
        if time.time() - old.stat().st_mtime > _STALE:  # left by a run that was killed
            clean(out, old.name.removeprefix(staging(out, "").name))


def clean(out: Path, run: str) -> None:
    """Remove what a run has begun and not finished."""
    shutil.rmtree(staging(out, run), ignore_errors=True)
    for folder, _, files in os.walk(out):
        for name in files:
            if f"-{run}-" in name:
                with suppress(OSError):
                    Path(folder, name).unlink()


def failed_row(bad: BadRow) -> Outcome:
    """The outcome of a row of which no shot can be made."""
    return Outcome(row=bad.row, name=bad.name, state=FAILED, why=bad.error, kind="BatchError")
