# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel of the whole cast: who speaks what, Generate Scene and Bake Scene."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ...blender.rna import settings_of
from ...character import character
from ...takes import cast
from ..sidebar import Sidebar
from ..waiting import ActiveJob


class FACEWRIGHT_PT_cast(Sidebar, bpy.types.Panel):
    bl_label = "Scene"
    bl_idname = "FACEWRIGHT_PT_cast"
    bl_order = 70
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.view_layer.objects.active is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        root = character.family_root(context.view_layer.objects.active)
        layout.label(text=f"Sounds of {root.name}", translate=False)
        layout.prop(settings_of(root), "speaks", text="", icon="SOUND", placeholder="Channels or strips")
        column = layout.column(align=True)
        if ActiveJob.job is None:
            column.operator("facewright.generate_scene", icon="PLAY_SOUND")
        column.operator("facewright.bake_scene", icon="KEYTYPE_KEYFRAME_VEC")
        others = [one.name for one in cast.speakers(context.scene)]
        if others:
            note = layout.row()
            note.active = False
            note.label(text=f"Cast: {', '.join(others)}", translate=False)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_PT_cast,))
