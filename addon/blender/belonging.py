# SPDX-License-Identifier: GPL-3.0-or-later
"""Which object holds what was made for a character: its takes, its mapping.

It is the one that was on top of the family when they were made, and stays it when the character is parented to
something, or taken out of its parent. Objects below it remember it for that.
"""

from __future__ import annotations

from typing import Any

import bpy

from .rna import settings_of, style_settings_of

HOLDER = "facewright_root"  # custom property of objects: the one above them that held their character's takes
DOUBLE_OF = "facewright_double_of"  # custom property of the root of a double: the character it doubles


def holds(obj: bpy.types.Object) -> bool:
    """Whether takes, a mapping or a style were made on an object, a partner chosen, or it is the root of a double.

    Nothing is made of properties that were never set.
    """
    if DOUBLE_OF in obj:
        return True
    if obj.is_property_set("facewright"):
        settings = settings_of(obj)
        if len(settings.lines) or len(settings.takes) or len(settings.mapping):
            return True
        if settings.speaks or settings.partner_name:
            return True
    return obj.is_property_set("facewright_style") and bool(style_settings_of(obj).content)


def claim(root: bpy.types.Object) -> None:
    """Let the objects below a holder, and those that its armatures deform, remember it."""
    below = {root, *root.children_recursive}
    for obj in bpy.data.objects:
        deformers = (getattr(modifier, "object", None) for modifier in obj.modifiers if modifier.type == "ARMATURE")
        ours = obj in below or not below.isdisjoint(deformers)
        if ours and obj != root and obj.library is None and obj.override_library is None and obj.get(HOLDER) != root:
            obj[HOLDER] = root


def remembered(obj: bpy.types.Object) -> bpy.types.Object | None:
    """The holder that an object was below; None where there was none, or it holds nothing any more."""
    found: Any = obj.get(HOLDER)
    return found if isinstance(found, bpy.types.Object) and found != obj and holds(found) else None
