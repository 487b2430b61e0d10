# SPDX-License-Identifier: GPL-3.0-or-later
"""Mappings as TOML files (https://toml.io), to keep, to hand on and to read with one's own eyes.

What is written is read back exactly. A line names its channel, its target, gain and range; everything else is written
only where it is not the usual value. docs/reference/file-formats.md describes each key.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from ..core.atomic_write import replacing
from ..core.channels import CHANNELS
from ..core.errors import RigError
from .rig import Line

SUFFIX = ".toml"
FORMAT = "facewright mapping"
_KEYS = {"low": "min", "high": "max"}  # the words of the panel
_ALWAYS = ("channel", "target", "gain", "low", "high")


def write(lines: Iterable[Line], path: str | os.PathLike[str], name: str = "") -> None:
    """Write a mapping; raises ExportError when the file cannot be made, and then leaves what was there."""
    with replacing(path) as part:
        part.write_text(to_toml(lines, name), encoding="utf-8", newline="\n")


def read(path: str | os.PathLike[str]) -> tuple[Line, ...]:
    """Read a mapping.

    Raises
    ------
    RigError
        Naming the file, the line and what was expected.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RigError(f"Cannot read the mapping '{path}': {error}. Choose a file that facewright exported.") from error
    return from_toml(text, path.name)


def to_toml(lines: Iterable[Line], name: str = "") -> str:
    """The text of a mapping."""
    blocks = [f"format = {_text(FORMAT)}\nversion = 1\nname = {_text(name)}\n"]
    for line in lines:
        rows = ["[[line]]"]
        for field in fields(line):
            value = getattr(line, field.name)
            if field.name in _ALWAYS or value != field.default:
                rows.append(f"{_KEYS.get(field.name, field.name)} = {_value(value)}")
        blocks.append("\n".join(rows) + "\n")
    return "\n".join(blocks)


def from_toml(text: str, file: str = "the mapping") -> tuple[Line, ...]:
    """The lines in a text; `file` is what errors call it. Raises RigError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RigError(
            f"Expected '{file}' to be TOML: {error}. Correct it there, or export the mapping again."
        ) from error
    if table.get("format") != FORMAT or table.get("version") != 1 or not isinstance(table.get("line", []), list):
        raise RigError(
            f"Expected '{file}' to begin with format = \"{FORMAT}\" and version = 1, got "
            f"{table.get('format')!r} and {table.get('version')!r}. Choose a mapping that facewright exported."
        )
    starts = [
        text.count("\n", 0, found.start()) + 1 for found in re.finditer(r"^[ \t]*\[\[line\]\]", text, re.MULTILINE)
    ]
    rows = table.get("line", [])
    numbers = starts if len(starts) == len(rows) else [0] * len(rows)
    return tuple(_line(row, f"{file}, line {number}") for row, number in zip(rows, numbers, strict=True))


def _line(row: Any, at: str) -> Line:
    if not isinstance(row, dict):
        raise RigError(f"{at}: expected a table of keys, got {row!r}.")
    known = {_KEYS.get(field.name, field.name): field for field in fields(Line)}
    values: dict[str, Any] = {}
    for key, value in row.items():
        if key not in known:
            raise RigError(f"{at}: expected one of the keys {', '.join(known)}, got '{key}'.")
        kind = str if known[key].default is MISSING else type(known[key].default)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise RigError(f"{at}: expected '{key}' to be a {_SAID[kind]}, got {value!r}.")
        values[known[key].name] = value
    if values.get("channel") not in CHANNELS:
        raise RigError(f"{at}: expected one of facewright's channels, such as jawOpen, got {values.get('channel')!r}.")
    if "target" not in values:
        raise RigError(f"{at}: expected the key 'target', got none.")
    try:
        return Line(**values)
    except RigError as error:
        raise RigError(f"{at}: {error}") from error


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else _text(str(value))


def _text(text: str) -> str:
    """A TOML basic string: JSON's, with the one character escaped that JSON leaves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_SAID = {str: "text", float: "number", bool: "true or false"}
