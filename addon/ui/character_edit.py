# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators on the active object's character have in common: when they can be used, and how they report."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import bpy

from ...inference.core.errors import FacewrightError
from ..character import family

if TYPE_CHECKING:
    from collections.abc import Callable


class CharacterAction:
    """An operator on the active object's character; one undo step, from the panel or a script.

    It reads the character and changes nothing of it, so it works on linked ones, too.
    """

    bl_options: ClassVar = {"REGISTER", "UNDO"}

    if TYPE_CHECKING:  # what it has of `bpy.types.Operator`
        report: Callable[[set[str], str], None]
        poll_message_set: ClassVar[Callable[[str], None]]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            text = self.edit(context, family.family_root(context.view_layer.objects.active))
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, text)
        return {"FINISHED"}

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        """Do it, and say what was done; raises FacewrightError where it cannot be done."""
        raise NotImplementedError


class CharacterEdit(CharacterAction):
    """One that changes something of the character, which a linked one does not allow."""

    EDITS = "settings"  # what it changes, for the sentence that says why it cannot

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        root = family.family_root(context.view_layer.objects.active)
        if root.library is None:
            return True
        cls.poll_message_set(
            f"'{root.name}' is linked. Make a library override of it, or append it, to edit its {cls.EDITS}."
        )
        return False
