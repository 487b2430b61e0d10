# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright recipe FILE``: how curves were made."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from ...formats import SUFFIXES
from ...takes.how import Generated, How, Punched, Retaken
from ..replay import load


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    command = commands.add_parser("recipe", help="say how the curves in a file were made")
    command.set_defaults(run=_show)
    command.add_argument(
        "file", metavar="FILE", type=Path, help=f"curves that facewright exported ({', '.join(SUFFIXES)}), or a recipe"
    )
    command.add_argument("--json", action="store_true", help="as JSON, complete: a recipe to keep or to replay")


def _show(options: argparse.Namespace) -> None:
    recipe = load(options.file)
    if options.json:
        sys.stdout.write(recipe.to_json(indent=1) + "\n")
        return
    sound = recipe.sound
    part = f", from {sound.start:g} s" if sound.start else ""
    part += f", {sound.duration:g} s" if sound.duration else ""
    lines = [("sound", f"{sound.name}{part}"), ("", f"SHA-256 of samples {sound.sha256}")]
    lines += [("rate", f"{recipe.fps:g} fps")]
    lines += [("take" if k == 0 else "", text) for k, text in enumerate(_steps(recipe.how, 0))]
    if recipe.sliders is not None:
        table = recipe.sliders.to_json()
        levels = {name: level for kind in table.values() if isinstance(kind, dict) for name, level in kind.items()}
        shown = {name: "keyed" if isinstance(level, list) else f"{level:g}" for name, level in levels.items()}
        lines += [("sliders", ", ".join(f"{name} {level}" for name, level in shown.items()))]
    sys.stdout.write("".join(f"{name + ':' if name else '':10}{text}\n" for name, text in lines))


def _steps(how: How, depth: int) -> Iterator[str]:
    """A line of text for each step by which a take was made; the steps it was made of follow, indented."""
    indent = "  " * depth
    if isinstance(how, Generated):
        style = f", style {how.style.name}" if how.style else ""
        versions = f"{how.model} on {how.provider}, facewright {how.package}"
        yield f"{indent}seed {how.seed}, steps {how.steps}, variation {how.variation:g}{style}; {versions}"
        return
    if isinstance(how, Punched):
        yield f"{indent}the first, with frames {how.first} to {how.last - 1} (50 fps) made again as the second:"
        yield from _steps(how.base, depth + 1)
        yield from _steps(how.new, depth + 1)
        return
    if isinstance(how, Retaken):
        yield f"{indent}the first, with frames (50 fps) made again one after the other:"
        yield from _steps(how.base, depth + 1)
        for punch in how.punches:
            what = f", {', '.join(punch.parts)} only" if punch.parts else ""
            made = next(_steps(how.made(punch), 0))
            yield f"{indent}  frames {punch.first} to {punch.last - 1}{what}: {made}"
        return
    parts = f"{', '.join(how.regions)} of the second" if how.regions else "the second"
    when = "" if how.span is None else " from {:.3f} to {:.3f} s, blended over {:.3f} s".format(*how.span)
    yield f"{indent}the first, with {parts}{when}:"
    yield from _steps(how.base, depth + 1)
    yield from _steps(how.other, depth + 1)
