# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake: the active line, the listening or the last bake of the active object's character taken back."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty

from ...bake import copies, line_records, listening_of, records
from ...bake.unbake import unbake
from ...character import character
from ...dialogue import talk
from ...takes import lines
from ..character_edit import CharacterAction


class FACEWRIGHT_OT_unbake(CharacterAction, bpy.types.Operator):
    """Take the bake of the active line back: what was there before is there again, and other lines stay"""

    bl_idname = "facewright.unbake"
    bl_label = "Unbake"

    last: BoolProperty(
        name="Last Bake", description="Take back the last bake, of whatever lines it was", options={"SKIP_SAVE"}
    )
    listening: BoolProperty(
        name="Listening",
        description="Take back what the character does between its lines, in place of the active line",
        options={"SKIP_SAVE"},
    )

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        scene = context.scene
        who = character.find(root, scene)
        copies.own_lines(scene, root)
        if self.listening:
            listening_of.ensure_unlocked(root)
        elif self.last:
            last = {key for home in records.baked_homes(scene, root) for key in line_records.lines(home) or ()}
            for line_of_last in (one for one in lines.items(root) if one.key in last):
                lines.ensure_unlocked(line_of_last)
        else:
            lines.ensure_unlocked(lines.active(root))
        line = talk.KEY if self.listening else lines.key_of(root)
        said = unbake(who, "" if self.last else line)
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
        return said


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_unbake,))
