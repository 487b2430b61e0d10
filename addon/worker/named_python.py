# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that the artist names: the file itself, or the folder of an environment that has it."""

from __future__ import annotations

from pathlib import Path

_PLACES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")


def python_at(chosen: str) -> str | None:
    """The Python at a path that was named; None where there is none."""
    path = Path(chosen.strip()).expanduser()
    found = next((p for p in (path, *(path / place for place in _PLACES)) if p.is_file()), None)
    return str(found.absolute()) if found is not None else None
