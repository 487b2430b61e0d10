# SPDX-License-Identifier: GPL-3.0-or-later
"""Styles as ``.fwstyle`` files: JSON (https://www.rfc-editor.org/rfc/rfc8259) to keep, to hand on and to read.

What is written is read back exactly. Only what is not neutral is written; docs/reference/file-formats.md describes each
key. A file is data and nothing else: it is read with limits on its size, and every number is checked before it is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import UNSET, Struct, UnsetType, to_builtins

from ..core.atomic_write import replacing
from ..core.channels import MOUTH, PHONES
from ..core.errors import MotionError, StyleError
from ..core.motion import Motion
from ..core.structure import Reader
from .context import context_from
from .style import BROWS, NEUTRAL, REGIONS, Style

SUFFIX = ".fwstyle"
FORMAT, VERSION = "facewright style", 1
LARGEST = 64 * 1024  # bytes
ALL = "all"  # every phone that has no gain of its own

_AGAIN = "Export the style again."
_SCALARS = ("lead", "asymmetry", "brows", "head", "gaze", "blinks")


class StyleTable(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="format", tag=FORMAT
):  # fmt: skip
    """A style as files, recipes and messages hold it: names and numbers, without those that are neutral."""

    version: Literal[VERSION]
    name: str
    slots: dict[Literal[PHONES], float] = {}
    gains: dict[Literal[(ALL, *PHONES)], dict[Literal[tuple(REGIONS)], float]] = {}
    rest: dict[Literal[MOUTH], float] = {}
    posture: dict[Literal[BROWS], float] = {}
    lead: float = NEUTRAL.lead
    asymmetry: float = NEUTRAL.asymmetry
    brows: float = NEUTRAL.brows
    head: float = NEUTRAL.head
    gaze: float = NEUTRAL.gaze
    blinks: float = NEUTRAL.blinks
    context: dict[str, list[float]] | UnsetType = UNSET
    about: str = ""

    def style(self) -> Style:
        """The style; raises StyleError when a number is out of its range."""
        try:
            return Style(
                self.name,
                slots=_filled(self.slots, PHONES, 1.0),
                gains=_filled_gains(self.gains),
                rest=_filled(self.rest, MOUTH, 0.0),
                posture=_filled(self.posture, BROWS, 0.0),
                **{key: getattr(self, key) for key in _SCALARS},
                context=None if self.context is UNSET else _context(self.context),
                about=self.about,
            )
        except (ValueError, OverflowError, MotionError) as error:
            raise StyleError(f"Expected style '{self.name}' complete and right, but: {error} {_AGAIN}") from error


def table_of(style: Style) -> StyleTable:
    """The table that is stored for a style; `StyleTable.style` gives the style back."""
    return StyleTable(
        VERSION,
        style.name,
        slots=_named(style.slots, PHONES, 1.0),
        gains=_gains(style.gains),
        rest=_named(style.rest, MOUTH, 0.0),
        posture=_named(style.posture, BROWS, 0.0),
        **{key: float(getattr(style, key)) for key in _SCALARS if getattr(style, key) != getattr(NEUTRAL, key)},
        context=UNSET if style.context is None else _frames(style.context),
        about=style.about,
    )


def write(style: Style, path: str | os.PathLike[str]) -> None:
    """Write a style; raises ExportError when the file cannot be made, and then leaves what was there."""
    with replacing(path) as part:
        part.write_text(to_json(style), encoding="utf-8", newline="\n")


def read(path: str | os.PathLike[str]) -> Style:
    """Read a style.

    Raises
    ------
    StyleError
        Naming the file, and what was expected.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or error
        raise StyleError(f"Cannot read the style '{path}': {reason}. Choose a {SUFFIX} file.") from error
    if len(content) > LARGEST:
        raise StyleError(f"Expected a style of at most {LARGEST} bytes, but '{path.name}' is larger: it is no style.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StyleError(f"Expected text in '{path.name}', got something else ({error}). {_AGAIN}") from error
    return from_json(text, path.name)


def to_json(style: Style) -> str:
    """The text of a style."""
    return json.dumps(to_builtins(table_of(style)), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def from_json(text: str, file: str = "the style") -> Style:
    """The style in a text; `file` is what errors call it. Raises StyleError."""
    reader = Reader(f"'{file}'", _AGAIN, StyleError)
    reader.ensure_format(table := reader.json(text), FORMAT, VERSION)
    return reader.convert(table, StyleTable).style()


def _named(values: np.ndarray, names: tuple[str, ...], usual: float) -> dict[str, float]:
    """Values that are not the usual one, by name, each as the shortest number that is read back exactly."""
    return {name: float(str(value)) for name, value in zip(names, values, strict=True) if value != usual}


def _filled(table: Mapping[str, float], names: tuple[str, ...], usual: np.ndarray | float) -> np.ndarray:
    """Values in the order of `names`: those of the table, else the usual ones."""
    values = np.array(np.broadcast_to(usual, len(names)), dtype=np.float64)
    for name, value in table.items():
        values[names.index(name)] = value
    return values


def _gains(table: np.ndarray) -> dict[str, dict[str, float]]:
    """Gains by phoneme and region: under "all" the commonest gain of each region, then the phonemes that differ."""
    usual = [
        float(str(values[counts.argmax()])) for values, counts in (np.unique(c, return_counts=True) for c in table.T)
    ]
    rows = {ALL: {region: gain for region, gain in zip(REGIONS, usual, strict=True) if gain != 1}}
    for phone, row in zip(PHONES, table, strict=True):
        columns = zip(REGIONS, row, usual, strict=True)
        rows[phone] = {region: float(str(gain)) for region, gain, most in columns if gain != np.float32(most)}
    return {phone: row for phone, row in rows.items() if row}


def _filled_gains(table: Mapping[str, Mapping[str, float]]) -> np.ndarray:
    usual = _filled(table.get(ALL, {}), tuple(REGIONS), 1.0)
    return np.stack([_filled(table.get(phone, {}), tuple(REGIONS), usual) for phone in PHONES])


def _frames(context: Motion) -> dict[str, list[float]]:
    """The frames of each channel, each value as the shortest number that is read back exactly."""
    curves = zip(context.channels, context.values.T, strict=True)
    return {name: [float(str(value)) for value in curve] for name, curve in curves}


def _context(table: Mapping[str, list[float]]) -> Motion:
    return context_from(tuple(table), np.array(list(table.values())).T)
