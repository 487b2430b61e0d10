# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel of a character's conversation: whom it looks at and listens to."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ...bake import records, spans
from ...blender.rna import settings_of
from ...dialogue import partners, talk
from ..main_panel import character_root, paragraph, root_of
from ..sidebar import Sidebar


class FACEWRIGHT_PT_dialogue(Sidebar, bpy.types.Panel):
    bl_label = "Dialogue"
    bl_idname = "FACEWRIGHT_PT_dialogue"
    bl_order = 55
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout, root = self.layout, root_of(context)
        settings = settings_of(root)
        layout.prop(settings, "partner", text="", placeholder="Partner")
        if not partners.is_set(root):
            paragraph(layout, context, "Choose whom it talks to. It looks there, and listens while it does not speak.")
            return
        trouble = partners.trouble(context.scene, root)
        if trouble:
            paragraph(layout, context, trouble, icon="ERROR")
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.active = not trouble
        column.prop(settings, "listening", slider=True)
        column.prop(settings, "listening_seed")
        row = layout.row(align=True)
        row.operator("facewright.bake", text="Bake Listening", icon="KEYTYPE_KEYFRAME_VEC").listening = True
        icon = "LOCKED" if settings.listening_lock else "UNLOCKED"
        row.prop(settings, "listening_lock", text="", icon=icon)
        if any(talk.KEY in spans.spans(home) for home in records.baked_homes(context.scene, root)):
            layout.operator("facewright.unbake", text="Unbake Listening", icon="LOOP_BACK").listening = True


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_PT_dialogue,))
