# SPDX-License-Identifier: GPL-3.0-or-later
"""Add a line to the active object's character, and remove the active one."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from ...bake import copies
from ...blender import sequencer
from ...character import character
from ...preview import active_take
from ...takes import lines


class FACEWRIGHT_OT_line_add(bpy.types.Operator):
    """Add a line that begins at the current frame; choose its sound, then press Generate"""

    bl_idname = "facewright.line_add"
    bl_label = "Add Line"
    bl_options: ClassVar = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.view_layer.objects.active is None:
            cls.poll_message_set("Click a character first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        copies.own_lines(context.scene, root)
        lines.new(context.scene, root, float(context.scene.frame_current))
        return {"FINISHED"}


class FACEWRIGHT_OT_line_remove(bpy.types.Operator):
    """Remove the active line, its takes and its sound; keys that were baked stay"""

    bl_idname = "facewright.line_remove"
    bl_label = "Remove Line"
    bl_options: ClassVar = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj: Any = context.view_layer.objects.active
        line = None if obj is None else lines.active(character.family_root(obj))
        if line is None:
            cls.poll_message_set("There is no line: choose a sound and press Generate.")
        elif line.lock:
            cls.poll_message_set(f"'{line.name}' is locked. Unlock it first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        copies.own_lines(context.scene, root)
        line: Any = lines.active(root)
        name = line.name
        sequencer.remove(context.scene, line.key)
        lines.remove(root, line)
        lines.show_chosen(root)
        active_take.show(context.scene, root)
        self.report({"INFO"}, f"Removed: {name}.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_line_add, FACEWRIGHT_OT_line_remove))
