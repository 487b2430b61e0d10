# SPDX-License-Identifier: GPL-3.0-or-later
"""The columns of a list, and shots from its rows: the same for every kind of list.

A cell is a text as a table has it, or what TOML or JSON have in its place: a number, a list, a table of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from ..adjust.adjustments import Adjustments
from ..adjust.phoneme_gains import GROUPS
from ..core.errors import BatchError
from ..core.parts import PARTS
from ..core.timing import STEPS, checked_seed
from .shot import FILM, MADE, SCENE, Bake, Shot

LONGEST_NAME = 200  # bytes; file systems take 255, with suffixes and what is beside while it is written
INTO, KEYS = ("NEW", "EXISTING", "ADDITIVE", "STRIPS"), ("DENSE", "SPARSE")
INTERPOLATION = ("LINEAR", "BEZIER")
_SLIDERS = {"sliders": "values", "emotions": "emotions", "masks": "masks", "phones": "phones"}


def _text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise ValueError("a text")
    if any(0xD800 <= ord(letter) < 0xE000 for letter in cell) and not Path(cell).exists():
        raise ValueError("text in UTF-8; save the list in that encoding")
    return cell


def _number(cell: Any) -> float:
    try:
        number = float(Fraction(cell.replace(",", ".")) if isinstance(cell, str) else cell)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        raise ValueError("a number") from None
    if not math.isfinite(number) or isinstance(cell, bool):
        raise ValueError("a number")
    return number


def _seconds(cell: Any) -> float:
    """Seconds as a number, or as ``minutes:seconds`` or ``hours:minutes:seconds``."""
    parts = cell.split(":") if isinstance(cell, str) else [cell]
    numbers = [_number(part) for part in parts]
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    if len(numbers) > 3 or min(numbers) < 0:
        raise ValueError("seconds, 0 or more, such as 12.5 or 1:02.5")
    return seconds


def _length(cell: Any) -> float:
    if (seconds := _seconds(cell)) == 0:
        raise ValueError("seconds above 0")
    return seconds


def _whole(cell: Any) -> int:
    number = _number(cell)
    if number != int(number):
        raise ValueError("a whole number")
    return int(number)


def _rate(cell: Any) -> float:
    if not 0 < (rate := _number(cell)) <= 1000:
        raise ValueError("a rate up to 1000, such as 30 or 24000/1001")
    return rate


def _share(cell: Any) -> float:
    if not 0 <= (share := _number(cell)) <= 1:
        raise ValueError("a number from 0 to 1")
    return share


def _words(cell: Any) -> list[str]:
    words = [cell] if isinstance(cell, str) else cell
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ValueError("names with spaces between")
    return [part for word in words for part in word.replace(",", " ").replace(";", " ").split()]


def _make(cell: Any) -> tuple[str, ...]:
    suffixes = tuple(dict.fromkeys("." + word.lower().removeprefix(".") for word in _words(cell)))
    if not suffixes or not set(suffixes) <= set(MADE):
        raise ValueError(f"some of {', '.join(MADE)}")
    return suffixes


def _parts(cell: Any) -> tuple[str, ...]:
    parts = tuple(word.lower() for word in _words(cell))
    if not parts or not set(parts) <= set(PARTS):
        raise ValueError(f"some of {', '.join(PARTS)}")
    return parts


def _span(cell: Any) -> tuple[int, int]:
    ends = cell.split(":") if isinstance(cell, str) else cell
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise ValueError("FIRST:LAST, two frames")
    return _whole(ends[0]), _whole(ends[1])


def _levels(cell: Any) -> dict[str, float]:
    """Names with numbers: ``jaw=1.2 head=0.5``, or a table."""
    if isinstance(cell, Mapping):
        return {str(name): _number(level) for name, level in cell.items()}
    pairs = [word.partition("=") for word in _words(cell)]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError("names with numbers, such as jaw=1.2 head=0.5")
    return {name: _number(level) for name, _, level in pairs}


def _one_of(names: tuple[str, ...]) -> Callable[[Any], str]:
    def chosen(cell: Any) -> str:
        if not isinstance(cell, str) or cell.upper() not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return cell.upper()

    return chosen


def _place(cell: Any) -> int:
    if not 1 <= (place := _whole(cell)) <= 1000:
        raise ValueError("a number from 1")
    return place


def _steps(cell: Any) -> int:
    if (steps := _whole(cell)) not in STEPS:
        raise ValueError(f"one of {', '.join(map(str, STEPS))}")
    return steps


# What each column holds, and how a cell of it is read; a ValueError says what was expected.
COLUMNS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sound": ("the speech; a path, from the folder of the list", _text),
    "name": ("name of the outputs, with folders if wanted; default: that of the sound", _text),
    "start": ("where the shot begins in the sound: seconds, or 1:02.5", _seconds),
    "duration": ("how long it is", _length),
    "channel": ("the channel that is heard, from 1; default: the mean of all", _place),
    "track": ("the sound track of a video that is heard, from 1; default: the first", _place),
    "make": (f"what to make: {' '.join(suffix[1:] for suffix in MADE)}", _make),
    "fps": ("frames per second of the curves", _rate),
    "style": ("a preset, a style of your library, a .fwstyle file or a recording of a voice", _text),
    "seed": ("chooses the take", lambda cell: checked_seed(_whole(cell))),
    "steps": ("steps of sampling: 1, 2 or 4", _steps),
    "variation": ("how much takes of other seeds differ, 0 to 1", _share),
    "sliders": ("such as jaw=1.2 head=0.5", _levels),
    "emotions": ("such as joy=0.5", _levels),
    "masks": ("such as brows=0", _levels),
    "phones": ("such as M=1.5", _levels),
    "transcript": ("a text file with what is said", _text),
    "blend": ("the .blend to bake into; it stays as it is, the output is a copy", _text),
    "character": ("an object of the character in it", _text),
    "frame": ("frame at which the sound begins", _number),
    "timecode": ("where an editor has the shot; for people", _text),
    "into": (f"where the keys go: {' '.join(INTO)}", _one_of(INTO)),
    "keys": (f"{' '.join(KEYS)}", _one_of(KEYS)),
    "interpolation": (f"{' '.join(INTERPOLATION)}", _one_of(INTERPOLATION)),
    "error": ("largest difference that fewer keys may make", _share),
    "parts": (f"of the face that are baked: {' '.join(PARTS)}", _parts),
    "range": ("bake these frames only: FIRST:LAST", _span),
    "fade": ("frames over which a range comes in and goes out", _whole),
}
_PATHS = ("sound", "transcript", "blend")


def ensure_known(names: list[str], where: str) -> None:
    """Raise a BatchError that names the columns that are not known."""
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        listed = ", ".join(f"'{name}'" for name in unknown)
        raise BatchError(f"Expected the columns {', '.join(COLUMNS)}, got {listed} in {where}. Rename or remove it.")


def ensure_right(cells: Mapping[str, Any], where: str) -> None:
    """Raise a BatchError when a column is not known, or a cell does not hold what its column wants."""
    ensure_known(list(cells), where)
    for name, cell in cells.items():
        _read(name, cell)


def shot_of(row: int, cells: Mapping[str, Any], folder: Path) -> Shot:
    """The shot of a row.

    Parameters
    ----------
    row : int
        Its number, for messages.
    cells : mapping of str to object
        By column; cells that are None or empty count as left out.
    folder : Path
        From which relative paths count.

    Raises
    ------
    FacewrightError
        When a cell does not hold what its column wants. No file has been looked at.
    """
    found = {name: _read(name, cell) for name, cell in cells.items() if cell is not None and cell != ""}
    if "sound" not in found:
        raise BatchError("Expected a sound in every row, got none. Fill in the column 'sound'.")
    for name in _PATHS:
        if name in found:
            found[name] = str(folder / found[name])
    if "style" in found and (folder / found["style"]).is_file():
        found["style"] = str(folder / found["style"])
    bake = _bake(found)
    make = found.pop("make", (SCENE,) if bake else (".csv",))
    if SCENE in make and bake is None:
        raise BatchError("Expected the column 'blend' where blend is made, got none. Name the .blend to bake into.")
    name = _safe(found.pop("name", None) or Path(found["sound"]).stem)
    return Shot(row=row, name=name, make=make, bake=bake, sliders=_sliders(found), **found)


def _read(name: str, cell: Any) -> Any:
    try:
        return COLUMNS[name][1](cell)
    except ValueError as problem:
        raise BatchError(f"Expected {problem} as '{name}', got {str(cell)!r:.80}. Correct that cell.") from None


def _bake(found: dict[str, Any]) -> Bake | None:
    names = {"blend": "blend", "character": "character", "into": "into", "keys": "keys", "error": "error",
             "interpolation": "interpolation", "parts": "parts", "range": "span", "fade": "fade"}  # fmt: skip
    given = {field: found.pop(name) for name, field in names.items() if name in found}
    if given and "blend" not in given:
        raise BatchError(f"Expected a 'blend' beside {', '.join(given)}, got none. Name the .blend to bake into.")
    return Bake(**given) if given else None


def _sliders(found: dict[str, Any]) -> dict[str, Any]:
    """The adjustments of a row as a table; a name that is not known is an error here."""
    kinds = {kind: found.pop(column) for column, kind in _SLIDERS.items() if column in found}
    if not kinds:
        return {}
    gains: dict[str, Any] = {}
    for name, gain in kinds.pop("phones", {}).items():
        gains |= dict.fromkeys(GROUPS.get(name, (name,)), gain)
    adjustments = Adjustments(**kinds, phones=gains, seed=found.get("seed", 0))
    return {} if adjustments.is_neutral else adjustments.to_json()


def _safe(name: str) -> str:
    """A name below the output folder, without a suffix that the outputs get."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.suffix.lower() in (*MADE, FILM):
        path = path.with_suffix("")
    bad = path.is_absolute() or ".." in path.parts or not path.name or any(letter in name for letter in '\0\n\r:*?"<>|')
    if bad or path.parts[0].startswith("."):
        raise BatchError(f"Expected a name below the output folder, got {name!r:.80}. Use letters, digits, - _ and /.")
    if (longest := max(len(part.encode()) for part in path.parts)) > LONGEST_NAME:
        raise BatchError(
            f"Expected names of at most {LONGEST_NAME} bytes, got one of {longest}. Give the shot a shorter 'name'."
        )
    return path.as_posix()
