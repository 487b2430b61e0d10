# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators to choose, duplicate, rename, delete, blend, average, export and import styles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from ....inference.core.errors import StyleError
from ....inference.styles import file
from ....inference.styles.style import Style, average, blend
from ...character.family import family_root
from ...styles import store
from ..character_edit import CharacterAction, CharacterEdit
from ..file_choice import FileChoice

_items: list[tuple[str, str, str]] = []  # Blender needs Python to keep a reference to a menu's texts


def _styles(_self: Any, _context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    library = store.library()
    _items[:] = [
        (name, store.label(name), "Preset, made by rule" if name in library.presets else "") for name in library.names
    ]
    return _items


class _StyleEdit(CharacterEdit):
    EDITS = "style"


class FACEWRIGHT_OT_style_choose(_StyleEdit, bpy.types.Operator):
    """Give the character this style. Generate again to see it"""

    bl_idname = "facewright.style_choose"
    bl_label = "Choose Style"

    name: StringProperty(name="Style", description="A preset, or one of your own", options={"SKIP_SAVE"})

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        store.give(root, store.library().get(self.name))
        return f"'{root.name}' speaks as '{self.name}'. Generate again to see it."


class FACEWRIGHT_OT_style_duplicate(_StyleEdit, bpy.types.Operator):
    """Keep a copy of the character's style in your library, under a free name, and use that"""

    bl_idname = "facewright.style_duplicate"
    bl_label = "Duplicate Style"

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        library = store.library()
        copy, _ = library.add(store.of(root))
        store.give(root, copy)
        return f"'{copy.name}' is in your library."


class FACEWRIGHT_OT_style_rename(_StyleEdit, bpy.types.Operator):
    """Give the character's style another name, in your library, too"""

    bl_idname = "facewright.style_rename"
    bl_label = "Rename Style"

    name: StringProperty(name="Name", description="The new name", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.name = self.name or store.name_of(_root(context))
        return context.window_manager.invoke_props_dialog(self)

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        library, own = store.library(), store.of(root)
        new = replace(own, name=self.name.strip())
        if own.name in library.own:
            library.rename(own.name, new.name)
        elif own.name in library.presets:
            raise StyleError(f"'{own.name}' is a preset and keeps its name. Duplicate it, and rename the copy.")
        store.give(root, new)
        return f"'{own.name}' is now '{new.name}'."


class FACEWRIGHT_OT_style_delete(CharacterAction, bpy.types.Operator):
    """Remove the style from your library. Characters that use it keep it"""

    bl_idname = "facewright.style_delete"
    bl_label = "Delete from Library"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        name = store.of(root).name
        store.library().delete(name)
        return f"'{name}' is no longer in your library; '{root.name}' keeps it."


class FACEWRIGHT_OT_style_blend(_StyleEdit, bpy.types.Operator):
    """Blend the character's style with another one"""

    bl_idname = "facewright.style_blend"
    bl_label = "Blend Styles"

    other: EnumProperty(name="With", description="The other style", items=_styles, options={"SKIP_SAVE"})
    part: FloatProperty(
        name="Part", description="Share of the other style", default=0.5, min=0, max=1, subtype="FACTOR"
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        library = store.library()
        return _keep(root, blend(store.of(root), library.get(self.other), self.part))


class FACEWRIGHT_OT_style_average(_StyleEdit, bpy.types.Operator):
    """Average several styles of the library"""

    bl_idname = "facewright.style_average"
    bl_label = "Average Styles"

    styles: EnumProperty(
        name="Styles", description="Those to average", items=_styles, options={"ENUM_FLAG", "SKIP_SAVE"}
    )
    name: StringProperty(name="Name", description="Of the new style", default="average", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.prop(self, "name")
        self.layout.column(align=True).prop(self, "styles")

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        if len(self.styles) < 2:
            raise StyleError("Expected at least two styles to average. Choose them with Shift held down.")
        library = store.library()
        return _keep(root, average([library.get(name) for name in sorted(self.styles)], self.name.strip()))


class _File(FileChoice):
    SUFFIX, ERROR = file.SUFFIX, StyleError

    filter_glob: StringProperty(default=f"*{file.SUFFIX}", options={"HIDDEN"})


class FACEWRIGHT_OT_style_export(_File, CharacterAction, bpy.types.Operator):
    """Write the character's style to a .fwstyle file, to hand on"""

    bl_idname = "facewright.style_export"
    bl_label = "Export Style"

    def suggested_name(self, context: bpy.types.Context) -> str:
        return store.name_of(_root(context))

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        path = self.chosen_to_write()
        file.write(store.of(root), path)
        return f"Style written to '{path}'."


class FACEWRIGHT_OT_style_import(_File, _StyleEdit, bpy.types.Operator):
    """Read a style from a .fwstyle file into your library, and use it"""

    bl_idname = "facewright.style_import"
    bl_label = "Import Style"

    def edit(self, _context: bpy.types.Context, root: bpy.types.Object) -> str:
        return _keep(root, file.read(self.chosen()))


def _keep(root: bpy.types.Object, style: Style) -> str:
    """Keep a style in the library under a free name, and give it to the character; returns what to report."""
    library = store.library()
    style, _ = library.add(style)
    store.give(root, style)
    return f"'{root.name}' speaks as '{style.name}', which is in your library. Generate again to see it."


def _root(context: bpy.types.Context) -> bpy.types.Object:
    return family_root(context.view_layer.objects.active)


register, unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_OT_style_choose,
        FACEWRIGHT_OT_style_duplicate,
        FACEWRIGHT_OT_style_rename,
        FACEWRIGHT_OT_style_delete,
        FACEWRIGHT_OT_style_blend,
        FACEWRIGHT_OT_style_average,
        FACEWRIGHT_OT_style_export,
        FACEWRIGHT_OT_style_import,
    )
)
