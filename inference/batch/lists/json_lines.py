# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of JSON lines (https://jsonlines.org): an object on each line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...core.errors import BatchError
from ...core.structure import Reader

ABOUT = "a .jsonl file"


def reads(path: Path) -> bool:
    """Whether the name says so."""
    return path.suffix.lower() in (".jsonl", ".ndjson")


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects by the number of their line; empty lines are left out."""
    advice = 'Write an object on each line, such as {"sound": "line.wav"}.'
    text = Reader(f"'{path.name}'", "Save it as UTF-8.", BatchError).text(path)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = Reader(f"line {number} of '{path.name}'", advice, BatchError).json(line)
        if not isinstance(cells, dict):
            raise BatchError(f"Expected an object on line {number} of '{path.name}', got {cells!r:.80}. {advice}")
        yield number, cells
