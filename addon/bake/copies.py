# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that were duplicated: a copy gets lines of its own before it is worked with.

Until then it has the keys of the original's lines, by which the original's sounds and bakes are known. What was baked
on the copy goes with its own lines where Blender has copied the Actions, too.
"""

from __future__ import annotations

import bpy

from ...inference.core.errors import FacewrightError
from ..blender import actions, nla
from ..blender.actions import SlotRef
from ..character.character import Character
from ..character.family import family
from ..takes import duplicates, lines
from . import edits, line_records


def own_lines(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Give a copy of a character lines of its own; others stay as they are."""
    if root.library is not None or duplicates.original(root) is None:
        return
    lines.settle(scene, root)  # they lie where the sounds of the original are heard, not where these were generated
    renamed = duplicates.rename(root)
    members = family(root, scene)
    data = [obj.data for obj in members if obj.data is not None]
    own = [one for one in data if one.users == data.count(one)]  # of linked copies it is the original's, too
    blocks = [*members, *(keys for one in own if (keys := getattr(one, "shape_keys", None)) is not None)]
    for block in blocks:
        for home in (actions.slot_in_use(block), nla.additive_home(block), nla.poses_home(block)):
            if home is not None and home.action.library is None and not edits.plays_elsewhere(home, blocks):
                line_records.rename(home, renamed)


def ensure_not_of_another(who: Character, home: SlotRef) -> None:
    """Raise an error where the last bake at `home` is of lines of another character only, which shows it, too."""
    baked = set(line_records.lines(home) or ())
    if not baked or baked & {line.key for line in lines.items(who.root)}:
        return
    for other in bpy.data.objects:
        if other != who.root and baked & {line.key for line in lines.items(other)}:
            raise FacewrightError(
                f"The last bake here is of a line of '{other.name}', which shares these keys with '{who.root.name}'. "
                "Take it back there."
            )
