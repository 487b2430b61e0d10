# SPDX-License-Identifier: GPL-3.0-or-later
"""Mappings as TOML files (https://toml.io), to keep, to hand on and to read as text.

What is written is read back exactly. A line names its channel, its target, gain and range; everything else is written
only where it is not the usual value. docs/reference/file-formats.md describes each key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal, get_type_hints

import tomli_w
from msgspec import defstruct, structs

from ..core.atomic_write import replacing
from ..core.channels import CHANNELS
from ..core.errors import RigError
from ..core.structure import Reader
from .rig import Line

SUFFIX = ".toml"
FORMAT, VERSION = "facewright mapping", 1
_KEYS = {"low": "min", "high": "max"}  # the words of the panel
_ALWAYS = ("channel", "target", "gain", "low", "high")
_ADVICE = "Correct it there, or export the mapping again."

_KINDS = {**get_type_hints(Line), "channel": Literal[CHANNELS]}
_Row: Any = defstruct(  # a line of the file: what a `Line` holds, under the names of the panel
    "Row",
    [
        (field.name, _KINDS[field.name], *([] if field.default is MISSING else [field.default]))
        for field in fields(Line)
    ],
    rename=_KEYS,
    forbid_unknown_fields=True,
)


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
    return from_toml(_reader(path.name).text(path), path.name)


def to_toml(lines: Iterable[Line], name: str = "") -> str:
    """The TOML text of a mapping."""
    blocks = [tomli_w.dumps({"format": FORMAT, "version": VERSION, "name": name})]
    for line in lines:
        kept = [
            field.name for field in fields(line) if field.name in _ALWAYS or getattr(line, field.name) != field.default
        ]
        row = {_KEYS.get(name, name): getattr(line, name) for name in kept}
        blocks.append("[[line]]\n" + tomli_w.dumps(row))
    return "\n".join(blocks)


def from_toml(text: str, file: str = "the mapping") -> tuple[Line, ...]:
    """The lines in a text; `file` is what errors call it. Raises RigError."""
    reader = _reader(file)
    reader.ensure_format(table := reader.toml(text), FORMAT, VERSION)
    rows = reader.convert(table.get("line", []), list[Any])
    starts = [
        text.count("\n", 0, heading.start()) + 1 for heading in re.finditer(r"^[ \t]*\[\[line\]\]", text, re.MULTILINE)
    ]
    numbers = starts if len(starts) == len(rows) else [0] * len(rows)
    return tuple(_line(row, f"{file}, line {number}") for row, number in zip(rows, numbers, strict=True))


def _line(row: Any, at: str) -> Line:
    values = structs.asdict(Reader(at, _ADVICE, RigError).convert(row, _Row))
    try:
        return Line(**values)
    except RigError as error:
        raise RigError(f"{at}: {error}") from error


def _reader(file: str) -> Reader:
    return Reader(f"the mapping '{file}'", _ADVICE, RigError)
