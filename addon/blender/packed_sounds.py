# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds that are packed into the .blend, as files that the worker can read."""

from __future__ import annotations

import zlib
from pathlib import Path

import bpy

from .paths import path_of


def packed(path: Path) -> bpy.types.Sound | None:
    """The packed sound of a file, which Blender plays instead of the file; None where there is none."""
    return next((sound for sound in bpy.data.sounds if sound.packed_file is not None and path_of(sound) == path), None)


def on_disk(path: str) -> str:
    """The path of a file with the sound of `path`: of a packed one a copy, which lasts as long as this Blender."""
    sound = packed(Path(path))
    if sound is None:
        return path
    data = sound.packed_file.data
    copy = Path(bpy.app.tempdir) / "facewright" / f"{zlib.crc32(data):08x}" / Path(path).name
    if not copy.is_file() or copy.stat().st_size != len(data):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
    return str(copy)
