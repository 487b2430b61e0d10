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
from array import array
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import replacing
from ...core.channels import ARKIT, LIVE_LINK
from ...core.errors import ExportError, MotionError, RecipeError
from ...core.motion import Motion
from ..timecodes import USUAL, seconds_of

if TYPE_CHECKING:
    from ...takes.recipe import Recipe

SUFFIX = ".csv"

_TICKS = USUAL  # timecode frames per second, whatever the rate of the rows
_FEWEST = 10  # columns that make it a face
_LARGEST_WEIGHT = 2.0  # trackers overshoot 1 a little; a weight in percent soon is over 2
_JITTER = 0.002  # seconds: times of whole milliseconds
_SPARSEST = 100  # even frames for each row
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
    """As `read_noted`, without the notes."""
    return read_noted(path)[0]


def read_noted(path: str | os.PathLike[str]) -> tuple[Motion, tuple[str, ...]]:
    """Read a Live Link Face recording: this project's, the app's own, or that of a program that writes the like.

    Rows in which the app saw no face are bridged, and rows that came unevenly are interpolated onto even frames.
    Columns may be missing, separated by semicolons or tabs, weights in percent and rotations in degrees.

    Returns
    -------
    Motion
        The 61 channels; ``start`` is the time of the first timecode, which in the app's takes is the time of day.
    tuple of str
        Sentences on what is missing in it or was converted.

    Raises
    ------
    MotionError
        When the file is not such a recording.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            columns, texts, values = _rows(file)
        motion = _even(seconds_of(texts), values)
    except Exception as error:  # a damaged text can fail in any way
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MotionError(
            f"Expected a Live Link Face recording in '{Path(path).name}', got something else: "
            f"{(reason or 'it is damaged')[:150]}."
        ) from error
    notes = []
    missing = [name for name in LIVE_LINK if name not in columns]
    if missing:
        listed = ", ".join(missing[:12]) + (f" and {len(missing) - 12} more" if len(missing) > 12 else "")
        notes.append(f"'{Path(path).name}' has no column {listed}: taken as zero.")
    converted, words = _in_our_units(motion.values)
    notes += [f"'{Path(path).name}' has {word}." for word in words]
    return (replace(motion, values=converted) if words else motion), tuple(notes)


def _rows(file: Iterable[str]) -> tuple[list[str], list[str], np.ndarray]:
    """The channels that a file has, the timecode of each row with a face, and its values [shape=(n, 61), float32]."""
    lines = iter(file)
    first = next(lines, "")
    mark = max(",;\t", key=first.count)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=mark), [])]
    places = {name: header.index(name.lower()) for name in LIVE_LINK if name.lower() in header}
    if "timecode" not in header or len(places) < _FEWEST:
        raise ValueError(f"its first line names {len(places)} of the {len(LIVE_LINK)} columns, or no Timecode")
    when, last = header.index("timecode"), max(places.values())
    texts, cells = [], array("f")
    for row in csv.reader(lines, delimiter=mark):
        if len(row) <= last or not row[last].strip():
            continue  # a row without a face ends after its count, 0
        texts.append(row[when])
        cells.extend(float(row[places[name]].replace(",", ".")) if name in places else 0.0 for name in LIVE_LINK)
    if not texts:
        raise ValueError("no row of it has a face")
    values = np.frombuffer(cells, np.float32).reshape(-1, len(LIVE_LINK))
    if not np.isfinite(values).all():
        raise ValueError("it holds numbers that are not finite")
    return list(places), texts, values


def _in_our_units(values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Weights in [0, 1] and rotations in radians, and words on what was converted."""
    values, words = values.copy(), []
    weights, rotations = values[:, : len(ARKIT)], values[:, len(ARKIT) :]
    if weights.max(initial=0.0) > _LARGEST_WEIGHT:
        weights /= 100
        words.append("weights in percent, which were divided by 100")
    if np.abs(rotations).max(initial=0.0) > np.pi:
        rotations *= np.pi / 180
        words.append("rotations in degrees, which were turned into radians")
    return values, words


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


def _even(times: np.ndarray, values: np.ndarray) -> Motion:
    """Frames at an even rate from rows [shape=(n, 61)] at these seconds [shape=(n,)]."""
    if len(times) < 2:
        return Motion(values, LIVE_LINK, float(_TICKS), float(times[0]))
    step = float(np.median(np.diff(times)))
    if not (np.diff(times) > 0).all():
        raise ValueError("the timecodes do not rise from row to row")
    steady = bool(np.abs(np.diff(times) - step).max() < _JITTER)
    whole = steady or len(times) - 1 == round((times[-1] - times[0]) / step)
    fps = _known_rate((len(times) - 1) / (times[-1] - times[0]) if whole else 1 / step, times)
    count = round((times[-1] - times[0]) * fps) + 1
    if count > max(_SPARSEST * len(times), 100_000):
        raise ValueError(f"its {len(times)} rows are spread over {(times[-1] - times[0]) / 3600:.1f} hours")
    even = times[0] + np.arange(count) / fps
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
