# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``facewright animate``, ``preview``, ``batch``, ``recipe``, ``capture``, ``style`` and others.

Results go to files (``info``: to standard output), progress and errors to standard error. Exit status: 0 done, 1 what
was asked for could not be done and the message says why, 2 wrong usage, 130 interrupted, 141 nobody reads the output.
"""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from . import commands
from .ending import ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process by default. Returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):  # names that a terminal's encoding does not have are escaped
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return ended(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int | None:
    options = _parser(arguments[:1]).parse_args(arguments)
    return options.run(options)


def _parser(first: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the command that is asked for; of all of them, where it is none."""
    parser = argparse.ArgumentParser(
        prog="facewright",
        description="Speech in, facial animation out.",
        epilog="Exit status: 0 done, 1 could not be done (the message says why), 2 wrong usage, 130 interrupted.",
    )
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    names = [entry.name for entry in pkgutil.iter_modules(commands.__path__)]
    for name in first if first and first[0] in names else names:
        import_module(f"{commands.__name__}.{name}").add(added)
    return parser
