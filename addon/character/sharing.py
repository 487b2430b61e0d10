# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys that two characters share, as linked duplicates (Alt+D) do: what one of them says, both say."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ..targets.control import some
from .character import Character, Part
from .family import family


def shared(scene: bpy.types.Scene, who: Character) -> list[tuple[Part, list[bpy.types.Object]]]:
    """The parts of a character whose shape keys other characters show, too, with the objects that do."""
    meshes = [part for part in who.meshes if part.obj.data.library is None and part.obj.data.users > 1]
    if not meshes:
        return []
    own = {member.as_pointer() for member in family(who.root, scene)}
    others = [obj for obj in scene.objects if obj.as_pointer() not in own and obj.data is not None]
    found = [(part, [obj for obj in others if obj.data == part.obj.data]) for part in meshes]
    return [(part, twins) for part, twins in found if twins]


def sentence(part: Part, twins: Sequence[bpy.types.Object]) -> str:
    """What to tell the artist of shape keys that are shared."""
    names = some([f"'{twin.name}'" for twin in twins])
    return f"'{part.obj.name}' shares its shape keys with {names}: what one of them says, all say."


def separate(scene: bpy.types.Scene, who: Character) -> None:
    """Give a character shape keys of its own where it shares them with others."""
    members = family(who.root, scene)
    for part, _ in shared(scene, who):
        before = part.obj.data
        own = before.copy()
        for member in members:
            if member.data == before:
                member.data = own
