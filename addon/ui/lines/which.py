# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines Generate and Bake act on: the active one, all of the character, or those of the whole scene."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty

from ...blender.rna import lines_chosen
from ...takes import cast, lines

LINE, CHARACTER, SCENE = "LINE", "CHARACTER", "SCENE"

NAMES = {CHARACTER: "All Lines", SCENE: "Scene"}  # as a button calls them
_ITEMS = (
    (LINE, "Line", "The active line of the character", "SOUND", 0),
    (CHARACTER, "Character", "All lines of the character", "USER", 1),
    (SCENE, "Scene", "All lines of all characters of the scene", "SCENE_DATA", 2),
)


class LinesField:
    """The choice as an operator has it; scripts that do not give it mean the active line."""

    lines: EnumProperty(
        name="Lines", description="Which lines are meant", items=_ITEMS, default=LINE, options={"SKIP_SAVE"}
    )


def chosen(scene: bpy.types.Scene, root: bpy.types.Object) -> str:
    """What the buttons of the sidebar act on; the active line where there is no other."""
    return lines_chosen(scene) if _is_a_choice(scene, root) else LINE


def draw(row: bpy.types.UILayout, scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Draw the choice beside a button, where there is more than one line."""
    if _is_a_choice(scene, root):
        row.prop(scene, "facewright_lines", text="", icon_only=True)


def _is_a_choice(scene: bpy.types.Scene, root: bpy.types.Object) -> bool:
    return len(lines.items(root)) > 1 or any(obj != root for obj in cast.known(scene))


def register() -> None:
    scene: Any = bpy.types.Scene
    scene.facewright_lines = EnumProperty(
        name="Lines", description="Which lines Generate and Bake act on", items=_ITEMS, default=LINE
    )


def unregister() -> None:
    scene: Any = bpy.types.Scene
    del scene.facewright_lines
