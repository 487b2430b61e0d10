# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a character does between its lines can be baked, and when it has to be baked along with a line."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from ...inference.core.errors import FacewrightError
from ...inference.retarget.performance import Placed
from ..blender.rna import settings_of
from ..character.character import Character
from ..dialogue import partners, talk
from ..takes import lines
from . import edits, spans
from .mode import STRIPS, Mode


def bakeable(scene: bpy.types.Scene, root: bpy.types.Object) -> bool:
    """Whether a character has a line with a take, or a partner to listen to, and that is not locked."""
    return lines.bakeable(root) or is_open(scene, root)


def is_open(scene: bpy.types.Scene, root: bpy.types.Object) -> bool:
    """Whether a character has a partner to listen to, and that is not locked."""
    return partners.is_set(root) and not settings_of(root).listening_lock and bool(partners.partners_of(scene, root))


def ensure(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Raise an error that says what to do when there is nobody to listen to, or that is locked."""
    trouble = partners.trouble(scene, root)
    if trouble or not partners.is_set(root):
        raise FacewrightError(trouble or f"'{root.name}' has no partner to listen to. Choose one under Dialogue.")
    ensure_unlocked(root)


def ensure_unlocked(root: bpy.types.Object) -> None:
    """Raise an error that says what to do when the listening of a character is locked."""
    if settings_of(root).listening_lock:
        raise FacewrightError(f"The listening of '{root.name}' is locked. Unlock it under Dialogue.")


def fills(who: Character, mode: Mode, found: Mapping[str, Placed]) -> bool:
    """Whether lines leave frames where they were baked, which listening that was baked around them has to fill."""
    if mode.span is not None or mode.into == STRIPS or settings_of(who.root).listening_lock:
        return False
    for part in who.parts:
        known = spans.spans(edits.slot_to_protect(part, mode))
        if talk.KEY in known and any(
            known.get(key, (now.whole_frames,)) != (now.whole_frames,) for key, now in found.items() if not now.beneath
        ):
            return True
    return False
