# SPDX-License-Identifier: GPL-3.0-or-later
"""Base classes of operators on the active object's character: when they are greyed, and how they report."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import bpy

from ...inference.core.errors import FacewrightError
from ..character import family

if TYPE_CHECKING:
    from collections.abc import Callable


class CharacterAction:
    """An operator that reads the active object's character without changing it, so that it works on linked ones, too.

    A subclass has `edit`. An error of it is reported and leaves no undo step.
    """

    bl_options: ClassVar = {"REGISTER", "UNDO"}

    if TYPE_CHECKING:  # subclasses have these from `bpy.types.Operator`
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
        """Do the work on the character with this root; returns what to report, or raises FacewrightError."""
        raise NotImplementedError


class CharacterEdit(CharacterAction):
    """An operator that changes the active object's character, and is greyed where that is linked."""

    EDITS = "settings"  # what it changes; the tooltip of the greyed button names it

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
