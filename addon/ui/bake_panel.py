# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels below the Bake button: how to bake, punch in (retake), and Unbake."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ...inference.core.parts import PARTS
from ..bake import mode, records
from ..blender.rna import BakeSettings, PunchSettings, bake_settings_of, punch_settings_of
from ..character import character
from ..takes import store
from .sidebar import Sidebar


class _Panel(Sidebar):
    bl_parent_id = "FACEWRIGHT_PT_bake"


class FACEWRIGHT_PT_bake_mode(_Panel, bpy.types.Panel):
    bl_label = "How"
    bl_idname = "FACEWRIGHT_PT_bake_mode"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = bake_settings_of(context.scene)
        layout.prop(settings, "into")
        layout.prop(settings, "keys")
        if settings.keys == mode.SPARSE:
            layout.prop(settings, "error")
        layout.prop(settings, "interpolation", text="Between")
        layout.prop(settings, "keep_edits")
        _draw_parts(layout, settings)
        layout.prop(settings, "use_range")
        _draw_range(layout, settings, settings.use_range)


class FACEWRIGHT_PT_punch(_Panel, bpy.types.Panel):
    bl_label = "Punch In"
    bl_idname = "FACEWRIGHT_PT_punch"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        return obj is not None and store.get(character.family_root(obj)) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = punch_settings_of(context.scene)
        _draw_range(layout, settings, True)
        _draw_parts(layout, settings)
        layout.operator("facewright.punch_in", text="Make These Frames Again", icon="RECORD_ON")


class FACEWRIGHT_PT_unbake(_Panel, bpy.types.Panel):
    bl_label = ""
    bl_idname = "FACEWRIGHT_PT_unbake"
    bl_options: ClassVar = {"HIDE_HEADER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        return obj is not None and bool(records.baked_homes(context.scene, character.family_root(obj)))

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.operator("facewright.unbake", icon="LOOP_BACK")


def _draw_parts(layout: bpy.types.UILayout, settings: BakeSettings | PunchSettings) -> None:
    grid = layout.grid_flow(row_major=True, columns=3, even_columns=True, align=True)
    grid.use_property_split = False
    for name in PARTS:
        grid.prop_enum(settings, "parts", name.upper())


def _draw_range(layout: bpy.types.UILayout, settings: BakeSettings | PunchSettings, active: bool) -> None:
    column = layout.column(align=True)
    column.active = active
    column.prop(settings, "first")
    column.prop(settings, "last")
    column.prop(settings, "blend")


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_PT_unbake, FACEWRIGHT_PT_bake_mode, FACEWRIGHT_PT_punch)
)
