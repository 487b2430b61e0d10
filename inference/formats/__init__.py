# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of motion: one module for each format in `curves`, found by its SUFFIX, so that a new format is one new file.

Each module has ``SUFFIX``, ``write(motion, path, recipe=None)`` and, where nothing essential is lost, ``read(path) ->
Motion``, with ``read_noted(path) -> (Motion, notes)`` where there can be something to say of a file.
``read_recipe(path)`` gives the recipe that was written with the curves, or None.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ..core.errors import ExportError
from ..core.motion import Motion
from ..core.plugins import modules_in
from . import curves

if TYPE_CHECKING:
    from ..takes.recipe import Recipe

_BY_SUFFIX: dict[str, ModuleType] = {module.SUFFIX: module for module in modules_in(curves.__name__).values()}
SUFFIXES: tuple[str, ...] = tuple(sorted(_BY_SUFFIX))


def exporter_for(path: str | os.PathLike[str]) -> ModuleType:
    """The module that writes files with the suffix of `path`.

    Raises
    ------
    ExportError
        When no format has that suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _BY_SUFFIX:
        got = f"'{suffix}'" if suffix else "no suffix"
        raise ExportError(
            f"Expected a file name that ends in one of {', '.join(SUFFIXES)}, got {got} in '{Path(path).name}'. "
            "The suffix chooses the format: rename the output."
        )
    return _BY_SUFFIX[suffix]


def read_curves(path: str | os.PathLike[str]) -> Motion:
    """Read curves back from a file of the format that its suffix names.

    Raises
    ------
    ExportError
        When no format has that suffix, or it holds no curves that could be read.
    MotionError
        When the file is damaged.
    """
    return read_noted(path)[0]


def read_noted(path: str | os.PathLike[str]) -> tuple[Motion, tuple[str, ...]]:
    """As `read_curves`, and sentences on what is missing in the file or was converted."""
    module = exporter_for(path)
    reader = getattr(module, "read", None)
    if reader is None:
        readable = ", ".join(suffix for suffix, module in _BY_SUFFIX.items() if hasattr(module, "read"))
        raise ExportError(
            f"Expected curves that can be read ({readable}), got '{Path(path).name}'. Export such a file."
        )
    return module.read_noted(path) if hasattr(module, "read_noted") else (reader(path), ())


def export(motion: Motion, path: str | os.PathLike[str], recipe: Recipe | None = None) -> None:
    """Write a motion to a file of the format that its suffix names, and with it the recipe of the take, where given.

    Parameters
    ----------
    motion : Motion
        The curves, at any frame rate.
    path : str or path
        Ends in one of ``SUFFIXES``.
    recipe : Recipe, optional
        Stored in the file, or beside a CSV, which may have no columns but those of Live Link Face.

    Raises
    ------
    ExportError
        When no format has that suffix or the file cannot be written; what was at `path` is then as before.
    """
    exporter_for(path).write(motion, path, recipe)


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe that lies in an exported file, or beside it; None when it was written without.

    Raises
    ------
    ExportError
        When no format has that suffix.
    RecipeError
        When the recipe is damaged, or is that of other curves.
    """
    return exporter_for(path).read_recipe(path)
