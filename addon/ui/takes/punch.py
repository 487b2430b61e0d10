# SPDX-License-Identifier: GPL-3.0-or-later
"""What Punch In makes again: its own frames, blend and parts of the face, kept with the scene."""

from __future__ import annotations

from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, IntProperty, PointerProperty

from ...bake.mode import ALL_PARTS, PARTS_ITEMS
from ...blender.rna import PunchSettings, bake_settings_of


def _get(name: str) -> Callable[[PunchSettings], int]:
    def get(self: PunchSettings) -> int:
        own = f"own_{name}"
        return getattr(self, own) if self.is_property_set(own) else getattr(bake_settings_of(self.id_data), name)

    return get


def _set(name: str) -> Callable[[PunchSettings, int], None]:
    return lambda self, value: setattr(self, f"own_{name}", value)


def parts_field() -> EnumProperty:
    """The choice of parts, for the settings of a scene and for the operator."""
    return EnumProperty(
        name="Parts",
        description="What of the face is made again; what is not chosen stays to the last bit",
        items=PARTS_ITEMS,
        default=ALL_PARTS,
        options={"ENUM_FLAG"},
    )


class FacewrightPunch(bpy.types.PropertyGroup):
    """What is made again. Frames that were never set are those of the bake, which files and scripts of before set."""

    first: IntProperty(name="First", description="First frame to make again", get=_get("first"), set=_set("first"))
    last: IntProperty(name="Last", description="Last frame to make again", get=_get("last"), set=_set("last"))
    blend: IntProperty(
        name="Blend",
        description="Frames over which new keys turn into curves that you changed",
        min=0,
        soft_max=50,
        get=_get("blend"),
        set=_set("blend"),
    )
    parts: parts_field()
    own_first: IntProperty()
    own_last: IntProperty()
    own_blend: IntProperty()


def register() -> None:
    bpy.utils.register_class(FacewrightPunch)
    bpy.types.Scene.facewright_punch = PointerProperty(type=FacewrightPunch)


def unregister() -> None:
    del bpy.types.Scene.facewright_punch
    bpy.utils.unregister_class(FacewrightPunch)
