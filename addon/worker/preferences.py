# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the add-on: which processor infers, and which one does so now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, StringProperty

from ... import __package__ as base_package
from . import capture_process, process


class FacewrightPreferences(bpy.types.AddonPreferences):
    """Settings of this computer, not of a scene."""

    bl_idname = base_package

    if TYPE_CHECKING:
        device: str
        flame: str
        capture_python: str
    else:
        device: EnumProperty(
            name="Device",
            description="What runs the model",
            items=(
                ("auto", "Automatic", "The graphics card where CUDA is there, otherwise the processor"),
                ("cpu", "CPU", "Always the processor"),
                ("cuda", "CUDA", "An NVIDIA graphics card; Generate says so when it cannot be used"),
            ),
        )
        flame: StringProperty(
            name="FLAME File",
            description="Your FLAME model (.pkl or .npz), for Add > Mesh > FLAME Head. Empty: asked for each time",
            subtype="FILE_PATH",
        )
        capture_python: StringProperty(
            name="Capture Python",
            description="For Capture from Video: a Python 3.11 or 3.12 with MediaPipe, or its environment",
            subtype="FILE_PATH",
        )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "device")
        layout.prop(self, "flame")
        layout.prop(self, "capture_python")
        if not self.capture_python:
            how = layout.column(align=True)
            how.active = False
            how.label(text="To make one, in a terminal:")
            for line in capture_process.COMMANDS:
                how.label(text=line, translate=False)
        row = layout.row()
        row.active = False
        row.label(text=provider_text(), icon="INFO")


def device() -> str:
    """The device the artist chose; "auto" where the add-on was registered by a script and has no preferences."""
    addon = bpy.context.preferences.addons.get(base_package)
    return addon.preferences.device if addon and addon.preferences else "auto"


def capture_python() -> str:
    """The Python with MediaPipe that the artist named; "" for none, also without preferences."""
    addon = bpy.context.preferences.addons.get(base_package)
    named = addon.preferences.capture_python if addon and addon.preferences else ""
    return bpy.path.abspath(named.strip()) if named.strip() else ""


def provider_text() -> str:
    """Which processor the worker uses, as a short line."""
    provider = process.provider()
    return f"In use: {provider}" if provider else "The model is loaded when the Facewright panel is opened"


register, unregister = bpy.utils.register_classes_factory((FacewrightPreferences,))
