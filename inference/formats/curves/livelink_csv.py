# SPDX-License-Identifier: GPL-3.0-or-later
"""Live Link Face recordings: CSV as Epic's iPhone app writes it, so that whatever reads a take reads these.

Format: https://dev.epicgames.com/documentation/en-us/unreal-engine/recording-face-animation-on-ios-device-in-unreal-engine
A header with PascalCase names, then per row a timecode ``hh:mm:ss:ff.fff`` counting 60 frames to the second, the number
61, 52 weights and nine rotations in radians. Visemes have no place in it and are left out.

Neither has a recipe: Unreal's importer takes every line for a frame and reports an error for a comment. So it is
written beside, as ``take.recipe.json`` for ``take.csv``, with the SHA-256 of the CSV that it belongs to.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import replacing
from ...core.channels import LIVE_LINK
from ...core.errors import ExportError, MotionError, RecipeError
from ...core.motion import Motion

if TYPE_CHECKING:
    from ...takes.recipe import Recipe

SUFFIX = ".csv"

_TICKS = 60  # timecode frames per second, as in the app's own recordings, whatever the rate of the rows
_HEADER = ("Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in LIVE_LINK))
_RATES = (23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 90, 100, 120)
_EXACT_RATES = {23.976: 24000 / 1001, 29.97: 30000 / 1001, 59.94: 60000 / 1001}


def write(motion: Motion, path: str | os.PathLike[str], recipe: Recipe | None = None) -> None:
    """Write the 61 Live Link channels, and the recipe beside them.

    Raises
    ------
    MotionError
        When one of the 61 is missing.
    ExportError
        When the file cannot be made, or the motion starts before zero, for which there is no timecode.
    """
    if motion.start < 0:
        raise ExportError(
            f"Expected a start of at least 0 s for a timecode, got {motion.start:.3f} s. Shift the motion."
        )
    rows = motion.select(LIVE_LINK).values
    with replacing(path) as part, part.open("w", encoding="ascii", newline="\n") as file:
        file.write(",".join(_HEADER) + "\n")
        for time, row in zip(motion.times, rows, strict=True):
            file.write(f"{_timecode(time)},{len(row)}," + ",".join(["%.10f"] * len(row)) % tuple(row) + "\n")
    if recipe is not None:
        held = {**recipe.table(), "of": _sha256(Path(path))}
        with replacing(recipe_path(path)) as part:
            part.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def read(path: str | os.PathLike[str]) -> Motion:
    """Read a Live Link Face recording, this project's or the app's own.

    Rows in which the app saw no face are bridged, and rows that came unevenly are interpolated onto even frames.

    Returns
    -------
    Motion
        The 61 channels; ``start`` is the time of the first timecode, which in the app's takes is the time of day.

    Raises
    ------
    MotionError
        When the file is not such a recording.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        columns = [[name.lower() for name in header].index(name.lower()) for name in _HEADER[2:]]
        rows = [row for row in rows if len(row) == len(header)]  # a row without a face ends after its count, 0
        times = np.unwrap(np.array([_seconds(row[0]) for row in rows]), period=86_400.0)
        values = np.array([[row[c] for c in columns] for row in rows], dtype=np.float32)
        return _even(times, values)
    except (ValueError, IndexError, OSError) as error:
        raise MotionError(f"Expected a Live Link Face recording in '{path}', got something else: {error}.") from error


def recipe_path(path: str | os.PathLike[str]) -> Path:
    """Where the recipe of a recording lies."""
    return Path(path).with_suffix(".recipe.json")


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe that lies beside a recording; None when there is none.

    Raises
    ------
    RecipeError
        When it is damaged, or the recording was written again or edited since.
    """
    beside = recipe_path(path)
    if not beside.is_file():
        return None
    from ...takes.recipe import from_json

    text = beside.read_text(encoding="utf-8", errors="replace")
    recipe = from_json(text)
    if json.loads(text).get("of") != _sha256(Path(path)):
        raise RecipeError(
            f"Expected '{beside.name}' to be the recipe of '{Path(path).name}', but those curves were written again or "
            "edited since. Export the take again, or give the recipe file itself."
        )
    return recipe


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _timecode(seconds: float) -> str:
    ticks = round(seconds * _TICKS * 1000)  # thousandths of a frame, rounded once: nothing can read 60.000
    whole, thousandths = divmod(ticks, 1000)
    minutes, second = divmod(whole // _TICKS, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}:{whole % _TICKS:02d}.{thousandths:03d}"


def _seconds(timecode: str) -> float:
    hours, minutes, seconds, frame = timecode.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(frame) / _TICKS


def _even(times: np.ndarray, values: np.ndarray) -> Motion:
    """Frames at an even rate from rows [shape=(n, 61)] at these seconds [shape=(n,)]."""
    if len(times) < 2:
        return Motion(values, LIVE_LINK, float(_TICKS), float(times[0]))
    step = float(np.median(np.diff(times)))
    if not (np.diff(times) > 0).all():
        raise ValueError("the timecodes do not rise from row to row")
    whole = len(times) - 1 == round((times[-1] - times[0]) / step)
    fps = _known_rate((len(times) - 1) / (times[-1] - times[0]) if whole else 1 / step, times)
    even = times[0] + np.arange(round((times[-1] - times[0]) * fps) + 1) / fps
    if len(even) == len(times) and np.abs(even - times).max() < 0.1 / fps:
        return Motion(values, LIVE_LINK, fps, float(times[0]))
    curves = [np.interp(even, times, values[:, c]) for c in range(values.shape[1])]
    return Motion(np.stack(curves, axis=1), LIVE_LINK, fps, float(times[0]))


def _known_rate(fps: float, times: np.ndarray) -> float:
    """The whole or broadcast rate this is, as exactly as timecodes of 1/60000 s can tell; else the number itself."""
    tolerance = fps * max(1e-3, 2 / 60_000 / (times[-1] - times[0]))
    near = min((*_RATES, round(fps)), key=lambda rate: abs(_EXACT_RATES.get(rate, rate) - fps))
    exact = _EXACT_RATES.get(near, float(near))
    return exact if exact > 0 and abs(exact - fps) <= tolerance else fps
