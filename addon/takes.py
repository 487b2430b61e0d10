# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: what was inferred for each character, kept in memory for preview and bake until the file is closed."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..inference.motion import Motion
from .speech import Speech


@dataclass(frozen=True)
class Take:
    """Motion for one speech, and the recipe it came from. Second 0 of the motion is the start of the speech."""

    motion: Motion
    speech: Speech
    seed: int
    provider: str


_takes: dict[int, Take] = {}  # by the session_uid of the character's root, which survives undo and renaming


def store(root: bpy.types.Object, take: Take) -> None:
    """Make this the take of the character."""
    _takes[root.session_uid] = take


def get(root: bpy.types.Object) -> Take | None:
    """The take of the character, if one was generated since the file was opened."""
    return _takes.get(root.session_uid)


def clear() -> None:
    """Forget all takes."""
    _takes.clear()
