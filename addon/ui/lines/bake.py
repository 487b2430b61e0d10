# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake: the active line, all of the character or those of the whole scene as keyframes, in one undo step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty

from ....inference.core.errors import FacewrightError, MotionError
from ...bake import bake, listening_of
from ...bake.mode import BakeFields, Mode, chosen, show_on
from ...bake.report import BakeReport
from ...blender import belonging
from ...character import character
from ...character.character import Character
from ...dialogue import partners
from ...takes import lines
from .which import CHARACTER, SCENE, LinesField

LISTENING = "LISTENING"  # what a character does between its lines


def speaking(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The roots of the characters of a scene that have a take or a partner, and not all of that locked."""
    found = [obj for obj in scene.objects if obj.is_property_set("facewright") and belonging.DOUBLE_OF not in obj]
    return [obj for obj in found if listening_of.bakeable(scene, obj)]


def bake_scene(scene: bpy.types.Scene, mode: Mode) -> list[tuple[Character, BakeReport]]:
    """Bake all lines of all characters that have a take and are not locked, and their listening: all, or none.

    Raises
    ------
    FacewrightError
        When there is none, or one cannot be baked. Nothing has changed then.
    """
    cast = [character.find(root, scene) for root in speaking(scene)]
    if not cast:
        raise MotionError("No character of this scene has a take that is not locked. Generate one.")
    return list(zip(cast, bake.bake_cast(scene, cast, mode), strict=True))


def _bake(scene: bpy.types.Scene, obj: Any, mode: Mode, which: str) -> list[tuple[Character, BakeReport]]:
    if which == SCENE:
        return bake_scene(scene, mode)
    who = character.find(obj, scene)
    if which == CHARACTER:
        return [(who, bake.bake_lines(scene, who, mode))]
    return [(who, bake.bake(scene, who, mode, listening=which == LISTENING))]


def _has_something(root: bpy.types.Object) -> bool:
    """Whether a character has a line with a take, or a partner."""
    return partners.is_set(root) or any(True for _ in lines.spoken(root))


def _run(operator: Any, context: bpy.types.Context, which: str) -> set[str]:
    """Bake with the settings of the scene where the operator was given none, and report."""
    try:
        mode = chosen(context.scene, operator.properties)
        show_on(operator.properties, context.scene)
        done = _bake(context.scene, context.view_layer.objects.active, mode, which)
    except FacewrightError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    _show_keys(context.view_layer, [who for who, _ in done])
    text = " ".join(
        (
            f"Baked all lines of {', '.join(who.root.name for who, _ in done)}.",
            *(f"{who.root.name}: {said}" for who, report in done if (said := report.of_the_artists())),
        )
    )
    if which != SCENE:
        text = str(replace(done[0][1], warnings=()))
    warnings = dict.fromkeys(text for _, report in done for text in report.warnings)
    operator.report({"WARNING" if warnings else "INFO"}, " ".join((text, *warnings)))
    return {"FINISHED"}


def _show_keys(layer: bpy.types.ViewLayer, baked: list[Character]) -> None:
    """Select what was keyed: timeline and dope sheet show the keys of selected objects, and of the active one."""
    keyed = [part.obj for who in baked for part in who.parts if part.obj.name in layer.objects]
    seen = [obj for obj in keyed if obj.visible_get(view_layer=layer)]
    for obj in seen:
        obj.select_set(True, view_layer=layer)
    if seen and layer.objects.active not in keyed:
        layer.objects.active = next((obj for obj in seen if obj.type == "MESH"), seen[0])


class FACEWRIGHT_OT_bake(LinesField, BakeFields, bpy.types.Operator):
    """Write the take as keyframes on everything of the character that moves. The Action in use is kept"""

    bl_idname = "facewright.bake"
    bl_label = "Bake"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    listening: BoolProperty(
        name="Listening",
        description="Bake what the character does between its lines, in place of the active line",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        if obj is None:
            cls.poll_message_set("Click a character first.")
        elif not _has_something(character.family_root(obj)):
            cls.poll_message_set("Nothing to bake: press Generate first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _run(self, context, LISTENING if self.listening else self.lines)


class FACEWRIGHT_OT_bake_scene(BakeFields, bpy.types.Operator):
    """Bake every line of every character of the scene that has a take and is not locked, in one undo step"""

    bl_idname = "facewright.bake_scene"
    bl_label = "Bake Scene"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not speaking(context.scene):
            cls.poll_message_set("No character of this scene has a take: press Generate first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _run(self, context, SCENE)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_bake, FACEWRIGHT_OT_bake_scene))
