# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping of a FLAME or SMPL-X character's numbered expression keys, from the artist's FLAME file."""

from __future__ import annotations

import bpy

from ....inference.retarget.convention import SHAPE_KEY
from ...character import family, mapping
from ..heads import flame
from .operators import MappingEdit, write_out


class FACEWRIGHT_OT_mapping_flame(flame.FlameFile, MappingEdit, bpy.types.Operator):
    """Drive the keys Exp000, Exp001 ... of a FLAME or SMPL-X head: your FLAME file says what each shape is made of"""

    bl_idname = "facewright.mapping_flame"
    bl_label = "Expressions from FLAME File"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.filepath = flame.chosen()
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        from ....inference.flame.keys import KEY, expression_lines  # imported late to keep start-up fast

        mapping.ensure_editable(root)
        new = expression_lines(self.read(), family.names(root, context.scene, SHAPE_KEY))
        write_out(root, context.scene)
        kept = [line for line in mapping.without_solo(root) or () if not KEY.fullmatch(line.target)]
        mapping.store(root, (*kept, *new))
        keys = len({line.target for line in new})
        jaw = "" if any(line.channel == "jawOpen" for line in kept) else " No line opens the jaw: add one for its bone."
        return f"{len(new)} lines for {keys} expression keys.{jaw}"


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_mapping_flame,))
