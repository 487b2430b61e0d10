# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON (https://www.rfc-editor.org/rfc/rfc8259), for the web and game engines: one list of numbers per channel.

``{"format": "facewright curves", "version": 1, "fps": 60.0, "start": 0.0, "frames": F, "curves": {"jawOpen": [F numbers
], ...}}``. Frame k is at ``start + k / fps`` seconds; weights are in [0, 1], rotations in radians, to seven decimals.
``"recipe"``, where it is there, is how the curves were made, as `inference.takes.recipe` has it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import replacing
from ...core.errors import MotionError
from ...core.motion import Motion

if TYPE_CHECKING:
    from ...takes.recipe import Recipe

SUFFIX = ".json"

FORMAT = "facewright curves"


def write(motion: Motion, path: str | os.PathLike[str], recipe: Recipe | None = None) -> None:
    """Write whatever channels the motion has; raises ExportError when the file cannot be made."""
    head = {"format": FORMAT, "version": 1, "fps": motion.fps, "start": motion.start, "frames": motion.frames}
    head |= {"recipe": recipe.table()} if recipe else {}
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "curves": {')
        for number, name in enumerate(motion.channels):  # a channel at a time: half an hour does not fit twice
            curve = np.round(motion.values[:, number].astype(np.float64), 7).tolist()
            file.write((",\n" if number else "\n") + json.dumps(name, ensure_ascii=False) + ": " + json.dumps(curve))
        file.write("\n}}\n")


def read(path: str | os.PathLike[str]) -> Motion:
    """Read what `write` wrote; raises MotionError when it is something else."""
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
        curves = held["curves"]
        values = np.array(list(curves.values()), dtype=np.float32).reshape(len(curves), held["frames"]).T
        return Motion(values, tuple(curves), float(held["fps"]), float(held["start"]))
    except Exception as error:  # a damaged text can fail in any way
        raise MotionError(f"Expected curves written by facewright in '{path}', got something else: {error}.") from error


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe that was written with the curves; raises MotionError when the file is something else."""
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
        _ = held["curves"]
    except Exception as error:  # a damaged text can fail in any way
        raise MotionError(f"Expected curves written by facewright in '{path}', got something else: {error}.") from error
    if not held.get("recipe"):
        return None
    from ...takes.recipe import from_table

    return from_table(held["recipe"])
