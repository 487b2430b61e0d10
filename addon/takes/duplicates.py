# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that were duplicated: a copy has the keys of the original's lines until it gets its own."""

from __future__ import annotations

import secrets

import bpy

from ..blender.belonging import DOUBLE_OF
from ..blender.rna import settings_of
from . import store
from .lines import items


def original(root: bpy.types.Object) -> bpy.types.Object | None:
    """The character of the same scene that a character is a copy of, as long as they share keys of lines."""
    keys = {line.key for line in items(root)}
    for other in bpy.data.objects if keys else ():
        if other.session_uid >= root.session_uid or other.library is not None or DOUBLE_OF in other:
            continue
        if not keys.isdisjoint(line.key for line in items(other)) and set(other.users_scene) & set(root.users_scene):
            return other
    return None


def rename(root: bpy.types.Object) -> dict[str, str]:
    """Give the lines of a character keys of their own; returns them by those before."""
    renamed = {line.key: secrets.token_hex(8) for line in items(root)}
    for item in store.items(root):
        item.line = renamed.get(item.line, item.line)
    for line in items(root):
        line.key = renamed[line.key]
    settings = settings_of(root)
    settings.line_shown = renamed.get(settings.line_shown, settings.line_shown)
    return renamed
