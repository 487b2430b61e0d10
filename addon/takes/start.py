# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame at which the sound of a file begins that is not on the timeline yet."""

from __future__ import annotations

import bpy

from ..blender.rna import settings_of
from .lines import items


def begins(root: bpy.types.Object) -> str:
    """Where the sound of a file shall begin: at the "SCENE" start, at the "PLAYHEAD" or at the character's "FRAME".

    A line that is there, and a frame that was set, stay.
    """
    settings = settings_of(root)
    if len(items(root)) or (settings.is_property_set("frame") and not settings.is_property_set("begins")):
        return "FRAME"
    return settings.begins


def start_frame(scene: bpy.types.Scene, root: bpy.types.Object) -> float:
    """The scene frame at which the sound of a file begins, for the active line or a first one."""
    places = {"SCENE": scene.frame_start, "PLAYHEAD": scene.frame_current, "FRAME": settings_of(root).frame}
    return float(places[begins(root)])
