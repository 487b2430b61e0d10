# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel of a character's style: its name, its picture, and what it was learned from."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from ....inference.core.errors import FacewrightError
from ....inference.styles.file import to_json
from ....inference.styles.style import NEUTRAL, Style
from ....inference.styles.thumbnail import drawn
from ...styles import store
from ...takes import store as takes
from ..main_panel import character_root, paragraph
from ..pictures import Pictures
from ..sidebar import Sidebar

_SIDE, _SMALL = 96, 32  # pixels, in the panel and in menus
_pictures = Pictures()


def icon(style: Style) -> int:
    """The icon of a style, drawn at its first use; 0 where Blender has no interface."""
    key = to_json(style)
    if key not in _pictures:
        _pictures.add(key, drawn(style, _SIDE), drawn(style, _SMALL))
    return _pictures.icon(key)


class FACEWRIGHT_MT_styles(bpy.types.Menu):
    bl_label = "Styles"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        library = store.library()
        own = library.own
        for name in own:
            _entry(layout, name)
        if own:
            layout.separator()
        for name in library.presets:
            _entry(layout, name)


def _entry(layout: Any, name: str) -> None:
    try:
        picture = icon(store.library().get(name))
    except FacewrightError:
        layout.operator("facewright.style_choose", text=store.label(name), translate=False, icon="ERROR").name = name
        return
    layout.operator("facewright.style_choose", text=store.label(name), translate=False, icon_value=picture).name = name


class FACEWRIGHT_MT_style(bpy.types.Menu):
    bl_label = "Style"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("facewright.style_duplicate", icon="DUPLICATE")
        layout.operator("facewright.style_rename", icon="GREASEPENCIL")
        layout.operator("facewright.style_delete", icon="TRASH")
        layout.separator()
        layout.operator("facewright.style_blend", text="Blend with Another...", icon="ARROW_LEFTRIGHT")
        layout.operator("facewright.style_average", text="Average Several...", icon="GROUP_VERTEX")
        layout.separator()
        layout.operator("facewright.style_export", text="Export...", icon="EXPORT")
        layout.operator("facewright.style_import", text="Import...", icon="IMPORT")


class FACEWRIGHT_PT_style(Sidebar, bpy.types.Panel):
    bl_label = "Style"
    bl_idname = "FACEWRIGHT_PT_style"
    bl_order = 30
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout, root = self.layout, character_root(context)
        assert root is not None  # poll has checked it
        row = layout.row(align=True)
        try:
            style = store.of(root)
        except FacewrightError as error:
            row.menu("FACEWRIGHT_MT_styles", text="Damaged style", icon="ERROR")
            paragraph(layout, context, str(error))
            return
        row.menu("FACEWRIGHT_MT_styles", text=store.label(style.name), translate=False, icon="USER")
        row.menu("FACEWRIGHT_MT_style", text="", icon="DOWNARROW_HLT")
        picture = layout.row()
        picture.template_icon(icon_value=icon(style), scale=5.0)
        layout.menu("FACEWRIGHT_MT_style_learn", text="Learn", icon="LIGHT_DATA")
        take = takes.get(root)
        if take is not None and made_in_another_style(take, style):
            note = layout.row()
            note.active = False
            note.label(text="Generate again for this style")


class FACEWRIGHT_PT_style_about(Sidebar, bpy.types.Panel):
    bl_label = "About This Style"
    bl_parent_id = "FACEWRIGHT_PT_style"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        root = character_root(context)
        try:
            return root is not None and bool(store.of(root).about)
        except FacewrightError:
            return False

    def draw(self, context: bpy.types.Context) -> None:
        root = character_root(context)
        if root is not None:
            column = self.layout.column()
            column.active = False
            for line in store.of(root).about.splitlines():
                paragraph(column, context, line)


def made_in_another_style(take: takes.Take, style: Style) -> bool:
    """Whether any part of a take was generated in another style than this one."""
    styles = [generated.style or NEUTRAL for generated in take.recipe.generated()] if take.recipe else []
    return any(not used.does_as(style) for used in styles)


_register, _unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_MT_styles, FACEWRIGHT_MT_style, FACEWRIGHT_PT_style, FACEWRIGHT_PT_style_about)
)


def register() -> None:
    _pictures.register()
    _register()


def unregister() -> None:
    _unregister()
    _pictures.unregister()
