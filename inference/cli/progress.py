# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command says on standard error while it works; nothing with ``--quiet``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable


def progress(options: argparse.Namespace) -> Callable[[float, str], None]:
    """A function that shows how far the work is: one line that changes on a terminal, a line per stage elsewhere."""
    stages: list[str] = []
    live = sys.stderr.isatty()

    def report(fraction: float, stage: str) -> None:
        if live:
            sys.stderr.write(f"\r\033[K{stage} {fraction:4.0%}")
        elif stage not in stages:
            stages.append(stage)
            sys.stderr.write(f"{stage}\n")
        sys.stderr.flush()

    return (lambda fraction, stage: None) if options.quiet else report


def say(options: argparse.Namespace, text: str) -> None:
    """A line of text."""
    if not options.quiet:
        sys.stderr.write(("\r\033[K" if sys.stderr.isatty() else "") + text + "\n")
