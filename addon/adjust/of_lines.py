# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders and style of each line: those of the active one are the character's own, those of the others lie with them.

A line that was never the active one has none of its own and begins with those of the line before.
"""

from __future__ import annotations

import json
from functools import lru_cache

import bpy

from ..blender import changes
from ..blender.changes import Change
from ..blender.rna import LineItem, set_adjustment, settings_of, style_settings_of
from ..takes import lines
from .properties import ADJUSTMENTS, values


def switch(root: bpy.types.Object) -> None:
    """Put the character's sliders and style away with the line that was active, and take those of the active one."""
    settings, line = settings_of(root), lines.active(root)
    if line is None or settings.line_shown == line.key:
        return
    before = next((one for one in lines.items(root) if one.key == settings.line_shown), None)
    if before is not None:
        before.adjusted = _packed(root)
    settings.line_shown = line.key
    if line.adjusted:
        kept = _unpacked(line.adjusted)
        with changes.batch(root, None if changes.in_batch() else Change.ADJUSTMENTS):
            for field, value in _levels(kept).items():
                set_adjustment(settings, field, value)
            style_settings_of(root).content = kept["style"]


def values_of(root: bpy.types.Object, key: str) -> dict[str, float]:
    """The value of every adjustment, by field, of the line with a key; "" for the active one."""
    line = _other(root, key)
    if line is None or not line.adjusted:
        return values(settings_of(root))
    return _levels(_unpacked(line.adjusted))


def style_of(root: bpy.types.Object, key: str) -> str:
    """The style of the line with a key, as the content of a file; "" for the active one."""
    line = _other(root, key)
    if line is None or not line.adjusted:
        return style_settings_of(root).content
    return _unpacked(line.adjusted)["style"]


def _other(root: bpy.types.Object, key: str) -> LineItem | None:
    """The line with a key, where it is not the one whose sliders the character shows."""
    if not key or key == settings_of(root).line_shown:
        return None
    return next((line for line in lines.items(root) if line.key == key), None)


def _packed(root: bpy.types.Object) -> str:
    changed = {
        field: value for field, value in values(settings_of(root)).items() if value != ADJUSTMENTS[field].neutral
    }
    return json.dumps({"values": changed, "style": style_settings_of(root).content})


@lru_cache(maxsize=256)  # a preview asks on every frame
def _unpacked(text: str) -> dict:
    return json.loads(text)


def _levels(kept: dict) -> dict[str, float]:
    return {field: kept["values"].get(field, adjustment.neutral) for field, adjustment in ADJUSTMENTS.items()}
