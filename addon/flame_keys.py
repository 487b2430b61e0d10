# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping of a FLAME or SMPL-X character's numbered expression keys, from the artist's FLAME file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ..inference.convention import SHAPE_KEY
from ..inference.errors import RigError
from . import family, flame, mapping
from .mapping_edit import MappingEdit, write_out


class FACEWRIGHT_OT_mapping_flame(MappingEdit, bpy.types.Operator):
    """Drive the keys Exp000, Exp001 ... of a FLAME or SMPL-X head: your FLAME file says what each shape is made of"""

    bl_idname = "facewright.mapping_flame"
    bl_label = "Expressions from FLAME File"

    if TYPE_CHECKING:
        filepath: str
        filter_glob: str
    else:
        filepath: StringProperty(name="FLAME File", subtype="FILE_PATH", options={"SKIP_SAVE"})
        filter_glob: StringProperty(default="*.pkl;*.npz", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.filepath = flame.chosen()
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        from ..inference.flame.face import flame_face  # nobody needs it at start-up
        from ..inference.flame.keys import KEY, expression_lines
        from ..inference.flame.model import FlameModel

        path = bpy.path.abspath(self.filepath or flame.chosen())
        if not path:
            raise RigError("No FLAME file is chosen. Choose the .pkl or .npz from https://flame.is.tue.mpg.de.")
        mapping.ensure_editable(root)
        made = expression_lines(flame_face(FlameModel.load(path)), family.names(root, context.scene, SHAPE_KEY))
        write_out(root, context.scene)
        kept = [line for line in mapping.without_solo(root) or () if not KEY.fullmatch(line.target)]
        mapping.store(root, (*kept, *made))
        flame.remember(path)
        keys = len({line.target for line in made})
        jaw = "" if any(line.channel == "jawOpen" for line in kept) else " No line opens the jaw: add one for its bone."
        return f"{len(made)} lines for {keys} expression keys.{jaw}"


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_mapping_flame,))
