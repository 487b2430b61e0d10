# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of sounds, with the folders in it: a shot for each, named after its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..record import FOLDER

ABOUT = "a folder of sounds"
SOUNDS = (
    ".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a", ".aac", ".mp4", ".mov", ".mkv", ".webm",
)  # fmt: skip


def reads(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Sounds in the order of their names, from 1; a sound of the same name and another kind keeps its suffix."""
    made = {folder.parent for folder in path.rglob(FOLDER)}  # what a batch has put there is not a sound to animate
    found = (one for one in path.rglob("*") if not made.intersection(one.parents))
    inside = (one.relative_to(path) for one in found)
    seen = [one for one in inside if one.suffix.lower() in SOUNDS and not any(part[0] == "." for part in one.parts)]
    stems = [one.with_suffix("").as_posix().casefold() for one in seen]
    for number, sound in enumerate(sorted(seen), 1):
        alone = stems.count(sound.with_suffix("").as_posix().casefold()) == 1
        name = sound.with_suffix("") if alone else sound.with_name(sound.name.replace(".", "_"))
        yield number, {"sound": sound.as_posix(), "name": name.as_posix()}
