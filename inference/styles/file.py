# SPDX-License-Identifier: GPL-3.0-or-later
"""Styles as ``.fwstyle`` files: JSON (https://www.rfc-editor.org/rfc/rfc8259) to keep, to hand on and to read.

What is written is read back exactly. Only what is not neutral is written; docs/reference/file-formats.md describes each
key. A file is data and nothing else: it is read with limits on its size, and every number is checked before it is used.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core.atomic_write import replacing
from ..core.channels import MOUTH, PHONES
from ..core.errors import MotionError, StyleError
from ..core.motion import Motion
from .context import context_from
from .style import BROWS, NEUTRAL, REGIONS, Style

SUFFIX = ".fwstyle"
FORMAT, VERSION = "facewright style", 1
LARGEST = 64 * 1024  # bytes
ALL = "all"  # every phone that has no gain of its own

_AGAIN = "Export the style again."


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
    table: dict[str, Any] = {"format": FORMAT, "version": VERSION, "name": style.name}
    for field in fields(Style):
        value, plain = getattr(style, field.name), getattr(NEUTRAL, field.name)
        if field.name != "name" and not np.array_equal(value, plain):
            table[field.name] = _TO.get(field.name, _plain)(value)
    return json.dumps(table, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def from_json(text: str, file: str = "the style") -> Style:
    """The style in a text; `file` is what errors call it. Raises StyleError."""
    try:
        table = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise StyleError(f"Expected '{file}' to be JSON: {error}. {_AGAIN}") from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise StyleError(f"Expected '{file}' to be a style ('format': '{FORMAT}'). Choose a {SUFFIX} file.")
    version = table.get("version")
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        advice = (
            "It was made by a newer facewright: update this one, or export it there as version 1." if newer else _AGAIN
        )
        raise StyleError(f"Expected '{file}' to be a style of version {VERSION}, got {version!r}. {advice}")
    known = {field.name for field in fields(Style)}
    given = {key: value for key, value in table.items() if key not in ("format", "version")}
    if unknown := sorted(given.keys() - known):
        raise StyleError(
            f"Expected keys of a style in '{file}', got '{unknown[0]}'. Known are: {', '.join(sorted(known))}."
        )
    try:
        return Style(**{key: _FROM.get(key, _number)(value) for key, value in given.items()})
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError, MotionError) as error:
        raise StyleError(f"Expected '{file}' to be a whole style, but {_said(error)}. {_AGAIN}") from error


def _said(error: Exception) -> str:
    return f"{error.args[0]!r} is not known" if isinstance(error, KeyError) else str(error)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _plain(value: Any) -> Any:
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, not {value!r:.40}")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r:.40}")
    return value


def _named(values: np.ndarray, names: tuple[str, ...], usual: float) -> dict[str, float]:
    """Those values that are not the usual one, as short as they are read back the same."""
    return {name: float(str(value)) for name, value in zip(names, values, strict=True) if value != usual}


def _filled(table: dict[str, Any], names: tuple[str, ...], usual: np.ndarray | float) -> np.ndarray:
    values = np.array(np.broadcast_to(usual, len(names)), dtype=np.float64)
    for name, value in table.items():
        if name not in names:
            raise KeyError(name)
        values[names.index(name)] = _number(value)
    return values


def _gains(table: np.ndarray) -> dict[str, dict[str, float]]:
    """Under "all" the commonest gain of each region, and below it what phones have instead."""
    usual = [
        float(str(values[counts.argmax()])) for values, counts in (np.unique(c, return_counts=True) for c in table.T)
    ]
    rows = {ALL: {region: gain for region, gain in zip(REGIONS, usual, strict=True) if gain != 1}}
    for phone, row in zip(PHONES, table, strict=True):
        every = zip(REGIONS, row, usual, strict=True)
        rows[phone] = {region: float(str(gain)) for region, gain, most in every if gain != np.float32(most)}
    return {phone: row for phone, row in rows.items() if row}


def _filled_gains(table: dict[str, Any]) -> np.ndarray:
    values = np.tile(_filled(table.get(ALL, {}), tuple(REGIONS), np.ones(len(REGIONS))), (len(PHONES), 1))
    for phone, row in table.items():
        if phone != ALL:
            if phone not in PHONES:
                raise KeyError(phone)
            values[PHONES.index(phone)] = _filled(row, tuple(REGIONS), values[PHONES.index(phone)])
    return values


def _frames(context: Motion) -> dict[str, list[float]]:
    """The frames of each channel, as short as they are read back the same."""
    curves = zip(context.channels, context.values.T, strict=True)
    return {name: [float(str(value)) for value in curve] for name, curve in curves}


def _context(table: dict[str, Any]) -> Motion:
    return context_from(tuple(table), np.array([[_number(value) for value in curve] for curve in table.values()]).T)


_TO = {
    "slots": lambda values: _named(values, PHONES, 1.0),
    "gains": _gains,
    "rest": lambda values: _named(values, MOUTH, 0.0),
    "posture": lambda values: _named(values, BROWS, 0.0),
    "context": _frames,
}
_FROM = {
    "name": _text,
    "about": _text,
    "slots": lambda table: _filled(table, PHONES, 1.0),
    "gains": _filled_gains,
    "rest": lambda table: _filled(table, MOUTH, 0.0),
    "posture": lambda table: _filled(table, BROWS, 0.0),
    "context": _context,
}
