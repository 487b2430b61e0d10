# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of text, as spreadsheets save them: CSV (https://www.rfc-editor.org/rfc/rfc4180), also with ; or tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...core.errors import BatchError
from ..columns import ensure_known

ABOUT = "a .csv or .tsv table"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def reads(path: Path) -> bool:
    """Whether the name says that it is a table."""
    return path.suffix.lower() in (".csv", ".tsv")


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows by the number of their line; empty ones are left out."""
    text = _text(path)
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    names = [name.strip().lower() for name in next(lines, [])]
    if not any(names):
        raise BatchError(
            f"Expected names of columns in the first line of '{path.name}', got none. Add 'sound' and others."
        )
    ensure_known([name for name in names if name], f"the first line of '{path.name}'")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BatchError(f"Expected each column once, got '{twice}' twice in '{path.name}'. Remove one of them.")
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    except csv.Error as problem:
        raise BatchError(
            f"Expected a table in '{path.name}', but line {lines.line_num}: {problem}. Save it again."
        ) from None


def _text(path: Path) -> str:
    """The table; bytes that are no UTF-8 are kept apart, so that only the rows which have them are wrong."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise BatchError(f"Cannot read '{path}': {problem.strerror}. Check its permissions.") from problem
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "surrogateescape")
