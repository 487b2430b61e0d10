# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of files as data-blocks keep them."""

from __future__ import annotations

from pathlib import Path

import bpy


def absolute(owner: bpy.types.ID, written: str) -> str:
    """A path that is kept with a data-block: relative to the library it comes from, if to that.

    An override has paths of its library and paths of its own. One with ``//`` is its own where that file exists.
    """
    path = bpy.path.abspath(written, library=owner.library)
    override = owner.override_library
    if override is not None and override.reference is not None and written.startswith("//"):
        theirs = bpy.path.abspath(written, library=override.reference.library)
        return path if Path(path).exists() or not Path(theirs).exists() else theirs
    return path


def path_of(sound: bpy.types.Sound) -> Path:
    """The absolute path of a sound's file; of a linked one relative to its library."""
    return Path(absolute(sound, sound.filepath)).absolute()
