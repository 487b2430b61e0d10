# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright batch LIST -o OUT``: hundreds of shots from a list, on this machine or a cluster of Dask."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import FacewrightError
from ...devices.processor import device_names

if TYPE_CHECKING:
    from ...batch.shot_list import ShotList

_ALL, _SOME, _SENSELESS, _INTERRUPTED = 0, 1, 2, 130


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    batch = commands.add_parser(
        "batch",
        help="make hundreds of shots from a list",
        description="Makes what each row of a list asks for. Run again, it makes what is missing or has changed.",
        epilog="Exit status: 0 all made, 1 some failed, 2 the list makes no sense, 130 interrupted.",
    )
    batch.set_defaults(run=_batch)
    add = batch.add_argument
    add("list", metavar="LIST", type=Path, help=".csv, .toml, .jsonl, .otio, or a folder of sounds")
    add("-o", "--output", metavar="OUT", type=Path, required=True, help="folder for what is made, and for the report")
    add(
        "--set", metavar="COLUMN=VALUE", action="append", default=[], type=_cell, dest="cells",
        help="for rows that leave this column out; may be repeated: --set make=npz --set fps=24",
    )  # fmt: skip
    add("--dry-run", action="store_true", help="check every row, and make nothing")
    add("--workers", metavar="N", type=_count, help="processes (default: one a core; one a graphics card)")
    add("--scheduler", metavar="HOST:PORT", help="make them on the workers of this scheduler of Dask")
    add("--part", metavar="K/N", type=_part, help="only the K-th of N parts of the list, as farms cut it")
    add(
        "--blender",
        metavar="PATH",
        default="",
        help="the Blender for .blend files (default: bpy, or on PATH)",
    )
    add("--overwrite", action="store_true", help="also replace files that were not made here, or changed by hand")
    add("--device", choices=device_names()[1:], default="cpu", help="what runs the model (default: cpu)")
    add("--quiet", action="store_true", help="no progress, only errors")


def _batch(options: argparse.Namespace) -> int:
    from ...batch.shot_list import read_list

    try:
        found = read_list(options.list, dict(options.cells))
    except FacewrightError as error:
        sys.stderr.write(f"facewright: {error}\n")
        return _SENSELESS
    found = found.part(*options.part) if options.part else found
    return _checked(found) if options.dry_run else _made(found, options)


def _made(found: ShotList, options: argparse.Namespace) -> int:
    from ...batch.batch import Where, new_key, run_batch
    from ...batch.making import Run
    from ...devices.cards import visible_cards

    signal.signal(signal.SIGTERM, _interrupt)  # how farms end a task
    run = Run(new_key(), str(options.output.absolute()), options.overwrite, options.device, options.blender)
    name = "report" if options.part is None else "report-{}-of-{}".format(*options.part)
    cards = () if options.device == "cpu" else visible_cards()
    processes = options.workers or (len(cards) if cards else os.cpu_count() or 1)
    where = Where(processes, options.scheduler, cards)
    report, complete = run_batch(found, run, where, of=options.list.name, report=name, quiet=options.quiet)
    if not options.quiet:
        sys.stderr.write(f"{report.summary()}: {options.output / name}.html\n")
    if not complete:
        sys.stderr.write("facewright: interrupted. The same command makes the rest.\n")
        return _INTERRUPTED
    return _SOME if report.count("failed") else _ALL


def _interrupt(*_: object) -> None:
    """As Ctrl-C, which does nothing in a process that a shell put into the background."""
    raise KeyboardInterrupt


def _checked(found: ShotList) -> int:
    """Say what is wrong with each row, on standard output."""
    from ...batch.inputs import ensure_there
    from ...core.plain_text import plain

    wrong = {one.row: (one.name, one.error) for one in found.bad}
    for shot in found.shots:
        try:
            ensure_there(shot)
        except FacewrightError as error:
            wrong[shot.row] = shot.name, str(error)
    for row, (name, error) in sorted(wrong.items()):
        sys.stdout.write(plain(f"row {row} '{name}': {error}") + "\n")
    sys.stdout.write(f"{len(found.shots) + len(found.bad) - len(wrong)} rows are right, {len(wrong)} are not.\n")
    return _SOME if wrong else _ALL


def _cell(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected a column and a value such as fps=24, got {text!r}")
    return name.strip(), value


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of processes, got {text!r}")
    return int(text)


def _part(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"expected a part such as 2/5, got {text!r}")
    return int(match[1]), int(match[2])
