# SPDX-License-Identifier: GPL-3.0-or-later
"""Mappings in files: the user's presets, and TOML files to exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from .... import __package__ as _package
from ....inference.core.errors import ExportError, RigError
from ....inference.retarget import mapping_file
from ....inference.retarget.rig import Line
from ...character import family, mapping
from ..character_edit import CharacterAction
from ..file_choice import FileChoice
from .operators import MappingEdit

base_package: str = _package or ""


def folder(create: bool = False) -> Path:
    """The folder of the user's presets, outside the add-on's own, so that an update keeps them.

    Raises
    ------
    ExportError
        When Blender's folder for settings cannot be written.
    """
    if base_package.startswith("bl_ext."):
        return Path(bpy.utils.extension_path_user(base_package, path="mappings", create=create))
    path = bpy.utils.user_resource("CONFIG", path="facewright/mappings", create=create)
    if not path:
        raise ExportError("Blender's folder for settings cannot be written. Check its permissions, or export a file.")
    return Path(path)


def preset_names() -> list[str]:
    """The names of all presets, sorted."""
    return sorted((path.stem for path in folder().glob("*.toml")), key=str.casefold)


def _preset(name: str) -> Path:
    clean = bpy.path.clean_name(name.strip())
    if not clean.strip("_"):
        raise RigError(f"Expected a name for the preset, got '{name}'.")
    return folder(create=True) / f"{clean}.toml"


def _lines(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[Line, ...]:
    """The lines to write to a file: stored ones without a solo, or those matched by name."""
    lines = mapping.without_solo(root) or family.matched(root, scene)
    if not lines:
        raise RigError(f"'{root.name}' has no mapping yet, and none of its names is known. Add lines first.")
    return lines


def _load(root: bpy.types.Object, scene: bpy.types.Scene, path: Path) -> str:
    """Replace the table of a character by the lines of a file; returns what to report."""
    lines = mapping_file.read(path)
    if not lines:
        raise RigError(f"'{path.name}' holds no lines. Choose another file.")
    mapping.store(root, lines)
    present = set(family.names(root, scene))
    absent = sorted({line.target for line in lines} - present)
    text = f"{len(lines)} lines from '{path.stem}' for '{root.name}'."
    if absent:
        rest = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        text += f" Not on this character: {', '.join(absent[:3])}{rest}."
    return text


class FACEWRIGHT_OT_mapping_save_preset(CharacterAction, bpy.types.Operator):
    """Keep this mapping as a preset, for other characters and files"""

    bl_idname = "facewright.mapping_save_preset"
    bl_label = "Save Preset"

    name: StringProperty(name="Name", description="One of the same name is replaced", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.name = self.name or family.family_root(context.view_layer.objects.active).name
        return context.window_manager.invoke_props_dialog(self)

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        path = _preset(self.name)
        mapping_file.write(_lines(root, context.scene), path, name=self.name)
        return f"Saved as preset '{path.stem}'."


class FACEWRIGHT_OT_mapping_load_preset(MappingEdit, bpy.types.Operator):
    """Use this preset in place of the lines in the table"""

    bl_idname = "facewright.mapping_load_preset"
    bl_label = "Load Preset"

    name: StringProperty(name="Name", description="The preset", options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        if self.name not in preset_names():
            known = ", ".join(preset_names()[:6]) or "none"
            raise RigError(f"Expected the name of a preset, got '{self.name}'. There are: {known}.")
        return _load(root, context.scene, folder() / f"{self.name}.toml")


class _File(FileChoice):
    SUFFIX, ERROR = mapping_file.SUFFIX, RigError

    filter_glob: StringProperty(default=f"*{mapping_file.SUFFIX}", options={"HIDDEN"})


class FACEWRIGHT_OT_mapping_export(_File, CharacterAction, bpy.types.Operator):
    """Write the mapping to a TOML file, to hand on or to edit as text"""

    bl_idname = "facewright.mapping_export"
    bl_label = "Export Mapping"

    def suggested_name(self, context: bpy.types.Context) -> str:
        return family.family_root(context.view_layer.objects.active).name

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        path = self.chosen_to_write()
        mapping_file.write(_lines(root, context.scene), path, name=root.name)
        return f"Mapping written to '{path}'."


class FACEWRIGHT_OT_mapping_import(_File, MappingEdit, bpy.types.Operator):
    """Read a mapping from a TOML file, in place of the lines in the table"""

    bl_idname = "facewright.mapping_import"
    bl_label = "Import Mapping"

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        return _load(root, context.scene, self.chosen())


class FACEWRIGHT_MT_mapping_presets(bpy.types.Menu):
    bl_label = "Presets"

    def draw(self, _context: bpy.types.Context) -> None:
        names = preset_names()
        for name in names:
            self.layout.operator("facewright.mapping_load_preset", text=name, translate=False).name = name
        if not names:
            self.layout.label(text="None saved yet")


class FACEWRIGHT_MT_mapping(bpy.types.Menu):
    bl_label = "Mapping"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.operator("facewright.mapping_match", icon="FILE_REFRESH")
        layout.operator("facewright.mapping_flame", icon="USER")
        layout.operator("facewright.mapping_clear", icon="LOOP_BACK")
        layout.separator()
        layout.menu("FACEWRIGHT_MT_mapping_presets", icon="PRESET")
        layout.operator("facewright.mapping_save_preset", icon="ADD")
        layout.separator()
        layout.operator("facewright.mapping_copy", icon="COPYDOWN")
        layout.operator("facewright.mapping_export", icon="EXPORT")
        layout.operator("facewright.mapping_import", icon="IMPORT")


register, unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_OT_mapping_save_preset,
        FACEWRIGHT_OT_mapping_load_preset,
        FACEWRIGHT_OT_mapping_export,
        FACEWRIGHT_OT_mapping_import,
        FACEWRIGHT_MT_mapping_presets,
        FACEWRIGHT_MT_mapping,
    )
)
