# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright recipe FILE`` and ``facewright animate IN --recipe FILE``: how curves were made, and the same again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ..core.clip import Clip
from ..core.errors import RecipeError
from ..core.motion import Motion
from ..formats import SUFFIXES, read_recipe
from ..formats.curves.json_curves import FORMAT as CURVES
from ..takes.how import Generated, How, Punched, Retaken
from ..takes.recipe import LONGEST, Recipe, from_json

Report = Callable[[float, str], None]

_NOT_WITH = {
    "start": 0.0, "duration": None, "seed": 0, "style": None, "steps": None, "variation": None, "slider": [],
    "emotion": [], "phone": [], "mask": [],
}  # fmt: skip


def add_recipe(commands: argparse._SubParsersAction) -> None:
    """Add the command ``recipe``."""
    command = commands.add_parser("recipe", help="say how the curves in a file were made")
    command.set_defaults(run=_show)
    command.add_argument(
        "file", metavar="FILE", type=Path, help=f"curves that facewright exported ({', '.join(SUFFIXES)}), or a recipe"
    )
    command.add_argument("--json", action="store_true", help="as JSON, complete: a recipe to keep or to replay")


def add_replay(command: argparse.ArgumentParser) -> None:
    """Give a command the option that makes a take again."""
    command.add_argument(
        "--recipe",
        metavar="FILE",
        type=Path,
        help="make the take again from which this file came: same curves, same bits; what else decides on them is in "
        "the recipe and not on the command line",
    )


def recipe_from(options: argparse.Namespace) -> Recipe | None:
    """The recipe to replay; None where none was given.

    Raises
    ------
    FacewrightError
        When the file has none, or options were given that are in the recipe.
    """
    if options.recipe is None:
        return None
    given = [f"--{name}" for name, usual in _NOT_WITH.items() if getattr(options, name) != usual]
    if given:
        raise RecipeError(
            f"Expected --recipe without {', '.join(given)}: the recipe says that. Leave the one or the other away."
        )
    return load(options.recipe)


def load(path: Path) -> Recipe:
    """The recipe in a file, or of the curves in a file.

    Raises
    ------
    FacewrightError
        When there is none.
    """
    if not path.is_file():
        raise RecipeError(f"Expected a recipe or exported curves, but '{path}' is not there. Check the spelling.")
    if path.suffix.lower() not in SUFFIXES or path.suffix.lower() == ".json":
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(LONGEST + 1)
        if path.suffix.lower() != ".json" or CURVES not in text[:200]:
            return from_json(text)
    recipe = read_recipe(path)
    if recipe is None:
        raise RecipeError(f"Expected a recipe with the curves in '{path.name}', found none. Export the take again.")
    return recipe


def made_again(
    options: argparse.Namespace, recipe: Recipe, fps: float | None, report: Report
) -> tuple[Motion, Recipe, tuple[str, ...]]:
    """The take of a recipe, the recipe at the frame rate of the options, and reasons why the take may not be exact."""
    from ..audio.decode import load_clip
    from ..policy.predictor import load_predictor
    from ..takes.replay import replayed

    recipe = recipe if fps is None else replace(recipe, fps=fps)
    report(0.0, "Reading")
    clip = Clip(str(options.sound), recipe.sound.start, recipe.sound.duration)
    predictor = load_predictor(device=options.device)
    again = replayed(recipe, load_clip(clip), predictor=predictor, progress=lambda part: report(part, "Animating"))
    return clip.in_file(again.motion), recipe, again.doubts


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
