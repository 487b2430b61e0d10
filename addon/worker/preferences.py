# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the add-on: what runs the model, and what does so now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, StringProperty

from ... import __package__ as base_package
from ...inference.core.plugins import modules_in
from ...inference.devices import kinds
from . import capture_process, graphics_python, process

_KINDS = tuple((name, kind.LABEL, f"Always {kind.ABOUT}") for name, kind in modules_in(kinds.__name__).items())
CARDS = tuple(item for item in _KINDS if item[0] != "cpu")


def _use_graphics_python(self: FacewrightPreferences, _context: bpy.types.Context) -> None:
    process.use_python(_absolute(self.graphics_python))


class FacewrightPreferences(bpy.types.AddonPreferences):
    """Settings of this computer, not of a scene."""

    bl_idname = base_package

    if TYPE_CHECKING:
        device: str
        graphics_python: str
        flame: str
        capture_python: str
    else:
        device: EnumProperty(
            name="Device",
            description="What runs the model",
            items=(("auto", "Automatic", "An NVIDIA graphics card where CUDA works, otherwise the processor"), *_KINDS),
        )
        graphics_python: StringProperty(
            name="Graphics Python",
            description="For a graphics card: a Python that has a library for it, or its environment. Empty: Blender's "
            "own, which runs the model on the processor",
            subtype="FILE_PATH",
            update=_use_graphics_python,
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
        row = layout.row(align=True)
        row.prop(self, "graphics_python")
        row.operator("facewright.check_graphics_card", icon="VIEWZOOM")
        if not self.graphics_python:
            _how(layout, graphics_python.COMMANDS)
        layout.prop(self, "flame")
        layout.prop(self, "capture_python")
        if not self.capture_python:
            _how(layout, capture_process.COMMANDS)
        column = layout.column(align=True)
        column.active = False
        column.label(text=provider_text(), icon="INFO")
        if process.doubt():
            column.label(text=process.doubt(), icon="ERROR", translate=False)


def _how(layout: bpy.types.UILayout, commands: tuple[str, ...]) -> None:
    """The commands that make an environment."""
    how = layout.column(align=True)
    how.active = False
    how.label(text="To make one, in a terminal:")
    for line in commands:
        how.label(text=line, translate=False)


def device() -> str:
    """The device the artist chose; "auto" where the add-on was registered by a script and has no preferences."""
    addon = bpy.context.preferences.addons.get(base_package)
    return addon.preferences.device if addon and addon.preferences else "auto"


def capture_python() -> str:
    """The Python with MediaPipe that the artist named; "" for none, also without preferences."""
    addon = bpy.context.preferences.addons.get(base_package)
    return _absolute(addon.preferences.capture_python) if addon and addon.preferences else ""


def name_graphics_python(path: str) -> None:
    """Write a Python that was found to run the model on a graphics card into the preferences, where there are any."""
    addon = bpy.context.preferences.addons.get(base_package)
    if addon and addon.preferences:
        addon.preferences.graphics_python = path


def _absolute(path: str) -> str:
    return bpy.path.abspath(path.strip()) if path.strip() else ""


def provider_text() -> str:
    """Which processor the worker uses, as a short line."""
    provider = process.provider()
    return f"In use: {provider}" if provider else "The model is loaded when the Facewright panel is opened"


_register, _unregister = bpy.utils.register_classes_factory((FacewrightPreferences,))


def register() -> None:
    _register()
    addon = bpy.context.preferences.addons.get(base_package)
    if addon and addon.preferences:
        process.use_python(_absolute(addon.preferences.graphics_python))


def unregister() -> None:
    process.use_python("")
    _unregister()
