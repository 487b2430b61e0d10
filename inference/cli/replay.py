# SPDX-License-Identifier: GPL-3.0-or-later
"""``--recipe FILE``: the take again from which a file came."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..core.errors import RecipeError
from ..core.motion import Motion
from ..formats import SUFFIXES, read_recipe
from ..formats.curves.json_curves import FORMAT as CURVES
from ..takes.recipe import LONGEST, Recipe, from_json
from .device import predictor_of

Report = Callable[[float, str], None]

_NOT_WITH = {
    "start": 0.0, "duration": None, "seed": 0, "style": None, "steps": None, "variation": None, "slider": [],
    "emotion": [], "phone": [], "mask": [],
}  # fmt: skip


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
    from ..takes.replay import replayed

    recipe = recipe if fps is None else replace(recipe, fps=fps)
    report(0.0, "Reading")
    clip = recipe.sound.clip(options.sound)
    audio, predictor = load_clip(clip), predictor_of(options)
    again = replayed(recipe, audio, predictor=predictor, progress=lambda part: report(part, "Animating"))
    return clip.in_file(again.motion), recipe, again.doubts
