# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of shots, whole: those that can be made, and the rows that are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BatchError, FacewrightError
from ..core.plugins import modules_in
from . import lists
from .columns import ensure_known, ensure_right, shot_of
from .shot import Shot

Row = tuple[int, dict[str, Any]]  # its number, and its cells by column


@dataclass(frozen=True)
class BadRow:
    """A row of which no shot can be made: its number, its name or "", and why."""

    row: int
    name: str
    error: str


@dataclass(frozen=True)
class ShotList:
    """What a list asks for.

    Parameters
    ----------
    shots : tuple of Shot
    bad : tuple of BadRow
    """

    shots: tuple[Shot, ...]
    bad: tuple[BadRow, ...]

    def part(self, number: int, count: int) -> ShotList:
        """One of `count` parts of about the same size, `number` counting from 1: rows taken in turn."""
        mine = [one for k, one in enumerate(self._in_order()) if k % count == number - 1]
        return ShotList(
            tuple(one for one in mine if isinstance(one, Shot)), tuple(one for one in mine if isinstance(one, BadRow))
        )

    def _in_order(self) -> list[Shot | BadRow]:
        return sorted([*self.shots, *self.bad], key=lambda one: one.row)


def read_list(path: Path, defaults: Mapping[str, Any] | None = None) -> ShotList:
    """The shots of a list.

    Parameters
    ----------
    path : Path
        A file of one of the kinds in `lists`, or a folder of sounds.
    defaults : mapping of str to object
        Cells for columns that a row leaves out.

    Raises
    ------
    BatchError
        When the list makes no sense: it is not there, of no known kind, damaged, empty, or has unknown columns. What is
        wrong with one row is in `bad`.
    """
    if not path.exists():
        raise BatchError(f"Expected a list of shots, but there is none at '{path}'. Check the folder and the spelling.")
    ensure_right(defaults or {}, "the defaults")
    kinds = modules_in(lists.__name__)
    kind = next((module for module in kinds.values() if module.reads(path)), None)
    if kind is None:
        known = ", ".join(module.ABOUT for module in kinds.values())
        raise BatchError(
            f"Expected a list of shots ({known}), got '{path.name}'. Rename it, or save it as one of these."
        )
    folder = path if path.is_dir() else path.parent
    found = _checked(kind.rows(path), folder, defaults or {}, path.name)
    if not found.shots and not found.bad:
        raise BatchError(f"Expected shots in '{path.name}', got an empty list. Add rows, one for each shot.")
    return found


def _checked(rows: Iterable[Row], folder: Path, defaults: Mapping[str, Any], of: str) -> ShotList:
    shots: list[Shot] = []
    bad: list[BadRow] = []
    first: dict[str, int] = {}  # rows by what they write, as file systems compare names that do not tell A from a
    for row, cells in rows:
        ensure_known(list(cells), f"row {row} of '{of}'")
        try:
            given = {name: cell for name, cell in cells.items() if cell is not None and cell != ""}
            shot = shot_of(row, {**defaults, **given}, folder)
            _ensure_alone(shot, first)
        except FacewrightError as error:
            bad.append(BadRow(row, str(cells.get("name") or cells.get("sound") or ""), str(error)))
        else:
            shots.append(shot)
    return ShotList(tuple(shots), tuple(bad))


def _ensure_alone(shot: Shot, first: dict[str, int]) -> None:
    outputs = [(shot.name + suffix).casefold() for suffix in shot.make]
    before = next((first[output] for output in outputs if output in first), None)
    if before is not None:
        raise BatchError(
            f"Expected outputs of its own, but row {before} makes '{shot.name}', too. Give one of them another name."
        )
    first |= dict.fromkeys(outputs, shot.row)
