# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in TOML (https://toml.io): a table ``[[shot]]`` for each, and ``[defaults]`` for what they have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...core.errors import BatchError
from ...core.structure import Reader
from ..columns import ensure_known

ABOUT = "a .toml file"


def reads(path: Path) -> bool:
    """Whether the name says so."""
    return path.suffix.lower() == ".toml"


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Shots by their number, from 1."""
    reader = Reader(f"'{path.name}'", 'Write a table [[shot]] for each shot, with sound = "line.wav".', BatchError)
    table = reader.toml(reader.text(path))
    shots, defaults = table.pop("shot", []), table.pop("defaults", {})
    if table or not isinstance(shots, list) or not isinstance(defaults, dict):
        found = ", ".join(f"'{name}'" for name in table) or "something else"
        raise BatchError(f"Expected tables [[shot]] and [defaults] in '{path.name}', got {found}. {reader.advice}")
    ensure_known(list(defaults), f"[defaults] of '{path.name}'")
    for number, shot in enumerate(shots, 1):
        if not isinstance(shot, dict):
            raise BatchError(f"Expected tables [[shot]] in '{path.name}', got {shot!r:.80}. {reader.advice}")
        yield number, {**defaults, **shot}
