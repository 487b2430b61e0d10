# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of takes in the sidebar, and the panel that mixes two takes into a new one."""

from __future__ import annotations

from collections.abc import Sized
from typing import ClassVar

import bpy

from ...blender.rna import CharacterSettings, TakeItem, settings_of
from ...character import character
from ...preview import compare
from ...takes import lines, store
from ..sidebar import Sidebar
from . import mix as takes_mix
from . import thumbnails


class FACEWRIGHT_UL_takes(bpy.types.UIList):
    """A take with its star, name and curves. Click it to see it, double-click to rename it"""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: CharacterSettings,
        item: TakeItem,
        _icon: int,
        _active_data: object,
        _active_property: str,
        index: int,
    ) -> None:
        column = layout.column(align=True)
        row = column.row(align=True)
        row.prop(item, "star", text="", icon="SOLO_ON" if item.star else "SOLO_OFF", emboss=False)
        row.prop(item, "name", text="", emboss=False, translate=False)
        compared = compare.shown_key(data.id_data) == item.key
        side = row.row(align=True)
        side.active = compared or index != data.take_index
        icon = "X" if compared else "MOD_MIRROR"
        side.operator("facewright.take_compare", text="", icon=icon, emboss=False).index = index
        if not thumbnails.draw(column, item):
            note = column.row()
            note.active = False
            note.label(text="Curves are not in this file", icon="BLANK1")

    def filter_items(
        self, _context: bpy.types.Context, data: CharacterSettings, _property: str
    ) -> tuple[list[int], list[int]]:
        """Show the takes of the active line only."""
        own = {item.key for item in lines.takes_of(data.id_data, lines.active(data.id_data))}
        return [self.bitflag_filter_item if item.key in own else 0 for item in data.takes], []


class FACEWRIGHT_MT_takes(bpy.types.Menu):
    bl_label = "Takes"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("facewright.take_again", icon="FILE_REFRESH")
        layout.operator("facewright.take_export", icon="EXPORT")
        layout.operator("facewright.take_recipe", icon="COPYDOWN")
        layout.separator()
        layout.operator("facewright.take_tidy", icon="TRASH")


class FACEWRIGHT_PT_takes(Sidebar, bpy.types.Panel):
    bl_label = "Takes"
    bl_idname = "FACEWRIGHT_PT_takes"
    bl_order = 40

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(len(_takes(context)))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        root = character.family_root(context.view_layer.objects.active)
        settings = settings_of(root)
        row = layout.row()
        row.template_list(
            "FACEWRIGHT_UL_takes", "", settings, "takes", settings, "take_index", rows=1, maxrows=4, sort_lock=True
        )
        side = row.column(align=True)
        side.operator("facewright.take_more", text="", icon="ADD")
        side.operator("facewright.take_remove", text="", icon="REMOVE")
        side.separator()
        side.menu("FACEWRIGHT_MT_takes", text="", icon="DOWNARROW_HLT")
        compared = compare.shown_key(root)
        beside = next((take for take in settings.takes if take.key == compared), None)
        if beside is not None:
            layout.operator("facewright.take_compare_end", text=f"End Compare with {beside.name}", icon="X")
        item = store.active_item(root)
        if item is None:
            return
        known = store.about(item)
        row = layout.row()
        if store.read(item) is None:
            row.operator("facewright.take_again", icon="FILE_REFRESH")
        else:
            row.prop(settings, "preview")
        note = row.row()
        note.active = False
        note.alignment = "RIGHT"
        note.label(text=f"{known.seconds:.1f} s, seed {known.seed}", translate=False)
        if len(_takes(context)) > 1:
            note = layout.row()
            note.active = False
            note.label(text="Takes differ in brows, blinks, gaze, head")


class FACEWRIGHT_PT_takes_mix(Sidebar, bpy.types.Panel):
    bl_label = "Mix Two Takes"
    bl_idname = "FACEWRIGHT_PT_takes_mix"
    bl_parent_id = "FACEWRIGHT_PT_takes"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return len(_takes(context)) > 1

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        root = character.family_root(context.view_layer.objects.active)
        settings = settings_of(root)
        mix = settings.take_mix
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop_search(mix, "other", settings, "takes", icon="RENDER_ANIMATION")
        grid = layout.grid_flow(row_major=True, columns=3, even_columns=True, align=True)
        grid.use_property_split = False
        for name in takes_mix.PARTS:
            grid.prop_enum(mix, "parts", name)
        layout.prop(mix, "use_range")
        if mix.use_range:
            column = layout.column(align=True)
            for name in ("first", "last", "blend"):
                column.prop(mix, name)
        layout.operator("facewright.take_mix", icon="ADD")


def _takes(context: bpy.types.Context) -> Sized:
    obj = context.view_layer.objects.active
    if obj is None:
        return ()
    root = character.family_root(obj)
    return lines.takes_of(root, lines.active(root))


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_UL_takes, FACEWRIGHT_MT_takes, FACEWRIGHT_PT_takes, FACEWRIGHT_PT_takes_mix)
)
