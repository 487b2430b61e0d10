# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of lines, at the top of the Speech panel."""

from __future__ import annotations

import bpy

from ...blender.rna import CharacterSettings, LineItem, settings_of
from ...takes import lines


class FACEWRIGHT_UL_lines(bpy.types.UIList):
    """A line with the name of its sound and its start. Click it to see its takes, double-click to rename it"""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: CharacterSettings,
        item: LineItem,
        _icon: int,
        _active_data: object,
        _active_property: str,
        _index: int,
    ) -> None:
        row = layout.row(align=True)
        icon = "SOUND" if item.take else "SPEAKER"
        row.prop(item, "name", text="", emboss=False, icon=icon, translate=False)
        side = row.row(align=True)
        side.alignment = "RIGHT"
        side.active = False
        where = "strip" if item.source == "STRIP" else f"{item.frame:g}"
        side.label(text=where, translate=False)
        row.prop(item, "lock", text="", icon="LOCKED" if item.lock else "UNLOCKED", emboss=False)


def draw(layout: bpy.types.UILayout, root: bpy.types.Object) -> None:
    """Draw the list with its buttons, once there is a line."""
    settings = settings_of(root)
    if not len(lines.items(root)):
        return
    row = layout.row()
    row.template_list(
        "FACEWRIGHT_UL_lines", "", settings, "lines", settings, "line_index", rows=2, maxrows=6, sort_lock=True
    )
    side = row.column(align=True)
    side.operator("facewright.line_add", text="", icon="ADD")
    side.operator("facewright.line_remove", text="", icon="REMOVE")


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_UL_lines,))
