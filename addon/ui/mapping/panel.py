# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table in the sidebar: a list with search, and the active line below it."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ...blender.rna import CharacterSettings, MappingItem, settings_of
from ...character import character, family, mapping
from ...targets.kinds import objects
from ...targets.registry import controls_of
from ..sidebar import Sidebar

_SHORT = {"location": "L", "rotation": "R", "scale": "S"}  # as animators write them: head RX


class FACEWRIGHT_UL_mapping(bpy.types.UIList):
    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: CharacterSettings,
        item: MappingItem,
        _icon: int,
        _active_data: object,
        _active_property: str,
        index: int,
    ) -> None:
        row = layout.row(align=True)
        row.prop(item, "use", text="")
        wide = context.region.width / context.preferences.system.ui_scale > 300
        names = row.split(factor=0.7, align=True) if wide else row.row(align=True)
        names.active = item.use
        names.label(text=_label(item), translate=False)
        if wide:
            names.prop(item, "gain", text="", emboss=False)
        icon = "SOLO_ON" if data.solo == index else "SOLO_OFF"
        row.operator("facewright.mapping_solo", text="", icon=icon, emboss=False).index = index


def _label(item: MappingItem) -> str:
    """The label of a row, target and source in short; one name where they have the same."""
    if item.source == item.target:
        return item.source
    what, _, axis = item.kind.partition("_")
    moved = f" {_SHORT[what]}{axis.upper()}" if what in _SHORT else ""
    return f"{item.target}{moved} \N{LEFTWARDS ARROW} {item.source}"


class FACEWRIGHT_PT_mapping(Sidebar, bpy.types.Panel):
    bl_label = "Mapping"
    bl_idname = "FACEWRIGHT_PT_mapping"
    bl_parent_id = "FACEWRIGHT_PT_character"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            return False
        root = family.family_root(obj)
        members = family.family(root, context.scene)
        return any(controls.names for target, controls in controls_of(members) if target is not objects)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        root = family.family_root(context.view_layer.objects.active)
        settings = settings_of(root)
        if mapping.stored(root) is None:
            row = layout.row(align=True)
            row.operator("facewright.mapping_match", text="Edit Mapping", icon="GREASEPENCIL")
            row.operator("facewright.mapping_add", text="", icon="ADD")
            row.menu("FACEWRIGHT_MT_mapping", text="", icon="DOWNARROW_HLT")
            note = layout.column()
            note.active = False
            note.label(text="Automatic: names are matched each time")
            return
        row = layout.row()
        row.template_list(
            "FACEWRIGHT_UL_mapping", "", settings, "mapping", settings, "mapping_index", rows=6, sort_lock=True
        )
        side = row.column(align=True)
        side.operator("facewright.mapping_add", text="", icon="ADD")
        side.operator("facewright.mapping_remove", text="", icon="REMOVE")
        side.separator()
        side.menu("FACEWRIGHT_MT_mapping", text="", icon="DOWNARROW_HLT")
        if 0 <= settings.mapping_index < len(settings.mapping):
            self._line(context, settings.mapping[settings.mapping_index], root)

    def _line(self, context: bpy.types.Context, item: MappingItem, root: bpy.types.Object) -> None:
        self.layout.prop(context.window_manager, "facewright_hold", toggle=True, icon="HIDE_OFF")
        column = self.layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("source", "kind", "target"):
            column.prop(item, name)
        if item.target and item.target not in family.names(root, context.scene, item.kind):
            column.label(text="Nothing here is called so", icon="ERROR")
        numbers = column.column(align=True)
        for name in ("gain", "offset", "min", "max"):
            numbers.prop(item, name)
        column.prop(item, "curve")
        if item.curve == "power":
            column.prop(item, "power")
        column.prop_search(item, "where", context.scene, "objects", icon="OBJECT_DATA")
        if item.where and item.where not in {member.name for member in family.family(root, context.scene)}:
            column.label(text="No such object here", icon="ERROR")


class FACEWRIGHT_PT_unmatched(Sidebar, bpy.types.Panel):
    bl_label = "Unmatched Shape Keys"
    bl_parent_id = "FACEWRIGHT_PT_mapping"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        root = family.family_root(context.view_layer.objects.active)
        names = character.unmatched(root, context.scene)
        column = self.layout.column(align=True)
        column.active = False
        for name in names[:40]:
            column.label(text=name, icon="DOT", translate=False)
        if len(names) > 40:
            column.label(text=f"and {len(names) - 40} more")
        if not names:
            column.label(text="None: every shape key has a line")


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_UL_mapping, FACEWRIGHT_PT_mapping, FACEWRIGHT_PT_unmatched)
)
