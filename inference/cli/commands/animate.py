# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright animate``: the curves of a sound to a file."""

from __future__ import annotations

import argparse

from ...formats import SUFFIXES, export, exporter_for
from ..flame import add_flame, export_flame, flame_of
from ..numbers import rate
from ..progress import progress, say
from ..take import add_take, take_of


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    animate = commands.add_parser("animate", help="write the curves of a sound to a file")
    animate.set_defaults(run=_animate)
    add_take(animate, f"the curves; the suffix chooses the format: {', '.join(SUFFIXES)}")
    animate.add_argument("--fps", type=rate, help="frames per second of the curves (default 60, or the recipe's)")
    add_flame(animate)


def _animate(options: argparse.Namespace) -> None:
    face = flame_of(options) if options.flame else None  # a wrong file or suffix is an error before the work begins
    if face is None:
        exporter_for(options.output)
    motion, recipe = take_of(options, options.fps, progress(options))
    if face is None:
        export(motion, options.output, recipe)
    else:
        export_flame(motion, face, options.output, vertices=options.vertices)
    say(options, f"{motion.frames} frames at {motion.fps:g} fps in {options.output}")
