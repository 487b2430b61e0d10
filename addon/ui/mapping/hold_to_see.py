# SPDX-License-Identifier: GPL-3.0-or-later
"""See what a line of the mapping does: its target at full strength, for as long as a button is held.

Blender runs the operator of a button only when the mouse button is released. So the panel has a switch instead, a
property of the window manager: it turns on at the press and starts the operator, which turns it off at the release.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.props import FloatProperty, IntProperty

from ....inference.core.errors import RigError
from ....inference.core.motion import Motion
from ....inference.retarget.rig import Line
from ...blender.lookup import by_uid
from ...character import character, mapping
from ...character.family import family
from .operators import MappingEdit, pick, write_out


class FACEWRIGHT_OT_mapping_test(MappingEdit, bpy.types.Operator):
    """See the line at 1: on the character as long as the button is held. A script leaves it there"""

    bl_idname = "facewright.mapping_test"
    bl_label = "See at 1"
    bl_options: ClassVar = {"UNDO"}

    index: IntProperty(name="Line", description="-1 is the active one", default=-1, min=-1, options={"SKIP_SAVE"})
    strength: FloatProperty(name="Strength", description="Value of the channel", default=1.0, options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        items = write_out(root, context.scene)
        line = replace(mapping.line_of(items[pick(root, self.index)]), use=True)
        self._before = show_line(root, context.scene, line, self.strength)
        return f"'{line.target}' shows {line.channel} at {self.strength:g}."

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if self.execute(context) == {"CANCELLED"}:
            _let_go(context)
            return {"CANCELLED"}
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        ends = event.type in {"ESC", "RIGHTMOUSE", "RET"} or (event.type == "LEFTMOUSE" and event.value == "RELEASE")
        if not ends:
            return {"PASS_THROUGH"}
        self.cancel(context)
        return {"CANCELLED", "PASS_THROUGH"}  # the switch needs the release of the button, too

    def cancel(self, context: bpy.types.Context) -> None:
        """Put the artist's values back."""
        for target, uid, name, value in self._before:
            if (block := by_uid(target.blocks(), uid)) is not None:
                target.set_value(block, name, value)
        _let_go(context)


def show_line(
    root: bpy.types.Object, scene: bpy.types.Scene, line: Line, strength: float
) -> list[tuple[Any, int, str, float]]:
    """Move the target of a line as its channel would at some strength.

    Returns the values before, to put them back: kind of control, uid of the data-block, name and value of each.
    """
    motion = Motion(np.array([[strength]]), (line.channel,), 1.0)
    before = []
    for part in character.parts_for(family(root, scene), (line,)):
        for name, value in zip(part.rig.controls, part.rig.retarget(motion)[0].tolist(), strict=True):
            before.append((part.target, part.block.session_uid, name, part.target.value(part.block, name)))
            part.target.set_value(part.block, name, value)
    if not before:
        raise RigError(f"Nothing of '{root.name}' is called '{line.target}'. Choose another target for the line.")
    return before


def _let_go(context: bpy.types.Context) -> None:
    """Turn the switch of the panel off."""
    wm: Any = context.window_manager
    if wm.facewright_hold:
        wm.facewright_hold = False


def _hold(self: Any, context: bpy.types.Context) -> None:
    """Start the operator when the switch of the panel turns on."""
    if self.facewright_hold:
        bpy.ops.facewright.mapping_test("INVOKE_DEFAULT")


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_mapping_test,))


def register() -> None:
    _register()
    bpy.types.WindowManager.facewright_hold = bpy.props.BoolProperty(
        name="Hold to See at 1",
        description="Shows what the line does at full strength, as long as the button is held",
        update=_hold,
        options={"SKIP_SAVE"},
    )


def unregister() -> None:
    del bpy.types.WindowManager.facewright_hold
    _unregister()
