# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the mapping table: match, clear, add, remove, solo, and copy to other characters."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty

from ....inference.core.errors import RigError
from ....inference.retarget.convention import SHAPE_KEY
from ...blender import changes
from ...blender.changes import Change
from ...blender.rna import CharacterSettings, MappingItem, Table, settings_of
from ...character import family, mapping
from ..character_edit import CharacterAction, CharacterEdit


class MappingEdit(CharacterEdit):
    """An operator that changes the table of the active object's character."""

    EDITS = "mapping"


def write_out(root: bpy.types.Object, scene: bpy.types.Scene) -> Table[MappingItem]:
    """The rows of the table; an empty table is filled first with the lines that matching by name gives."""
    if mapping.stored(root) is None:
        mapping.store(root, family.matched(root, scene))
    settings = settings_of(root)
    return settings.mapping


def pick(root: bpy.types.Object, index: int) -> int:
    """The number of a row: the one given, or the active one for -1; raises RigError where there is no such row."""
    settings = settings_of(root)
    chosen = settings.mapping_index if index < 0 else index
    if not 0 <= chosen < len(settings.mapping):
        raise RigError(f"The mapping of '{root.name}' has {len(settings.mapping)} lines; there is no line {chosen}.")
    return chosen


class FACEWRIGHT_OT_mapping_match(MappingEdit, bpy.types.Operator):
    """Match names anew and write the lines into the table, in place of those there"""

    bl_idname = "facewright.mapping_match"
    bl_label = "Match Names"

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        lines = family.matched(root, context.scene)
        if not lines:
            raise RigError(
                f"Nothing of '{root.name}' has a name that is known. Add lines with + and choose "
                "source and target yourself."
            )
        mapping.store(root, lines)
        return f"{len(lines)} lines for '{root.name}', {sum(line.use for line in lines)} of them on."


class FACEWRIGHT_OT_mapping_clear(MappingEdit, bpy.types.Operator):
    """Empty the table: names are matched by themselves again"""

    bl_idname = "facewright.mapping_clear"
    bl_label = "Back to Automatic"

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        if root.override_library is not None and len(settings_of(root).mapping):
            raise RigError(
                f"'{root.name}' is a library override, from which no line can be taken away. Use Match Names, or reset "
                "the override (right-click the table, Reset Override)."
            )
        mapping.store(root, ())
        return f"Names of '{root.name}' are matched by themselves."


class FACEWRIGHT_OT_mapping_add(MappingEdit, bpy.types.Operator):
    """Add a line: one channel of the take that moves one target"""

    bl_idname = "facewright.mapping_add"
    bl_label = "Add Line"

    source: StringProperty(name="Source", description="Channel of the take, such as jawOpen", options={"SKIP_SAVE"})
    target: StringProperty(name="Target", description="Shape key it moves", options={"SKIP_SAVE"})
    gain: FloatProperty(name="Gain", description="How strongly", default=1.0, options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        items = write_out(root, context.scene)
        settings = settings_of(root)
        with changes.batch(root, Change.MAPPING):
            _end_solo(settings)
            item = items.add()
            item.source, item.target, item.gain = self.source, self.target, self.gain
            mapping.give_names(root)
            settings.mapping_index = len(items) - 1
        return f"Line {len(items)} added. Choose its source and target."


class FACEWRIGHT_OT_mapping_remove(MappingEdit, bpy.types.Operator):
    """Remove the line. What it moved stays where it is"""

    bl_idname = "facewright.mapping_remove"
    bl_label = "Remove Line"

    index: IntProperty(name="Line", description="-1 is the active one", default=-1, min=-1, options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        items = write_out(root, context.scene)
        settings = settings_of(root)
        chosen = pick(root, self.index)
        name = items[chosen].name
        with changes.batch(root, Change.MAPPING):
            _end_solo(settings)
            if root.override_library is not None and chosen < len(settings_of(root.override_library.reference).mapping):
                items[chosen].use = False
                return f"'{name}' comes from the library and cannot be removed here: it was switched off."
            items.remove(chosen)
            settings.mapping_index = max(min(chosen, len(items) - 1), 0)
        return f"'{name}' removed."


class FACEWRIGHT_OT_mapping_solo(MappingEdit, bpy.types.Operator):
    """Let this line alone move the character; once more lets all move as before"""

    bl_idname = "facewright.mapping_solo"
    bl_label = "Solo"

    index: IntProperty(name="Line", description="-1 is the active one", default=-1, min=-1, options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        items = write_out(root, context.scene)
        settings = settings_of(root)
        chosen = pick(root, self.index)
        with changes.batch(root, Change.MAPPING):
            if settings.solo == chosen:
                _end_solo(settings)
                return "All lines are on and off as before."
            _end_solo(settings)
            for index, item in enumerate(items):
                item.kept, item.use = item.use, index == chosen
            settings.solo = chosen
        return f"Only '{items[chosen].name}' moves."


def _end_solo(settings: CharacterSettings) -> None:
    """Switch all rows on or off as they were before the solo, if one is on."""
    if settings.solo >= 0:
        for item in settings.mapping:
            item.use = item.kept
        settings.solo = -1


class FACEWRIGHT_OT_mapping_copy(CharacterAction, bpy.types.Operator):
    """Copy the mapping of the active character to the other selected ones"""

    bl_idname = "facewright.mapping_copy"
    bl_label = "Copy to Selected Characters"

    to: StringProperty(
        name="To",
        description="Any object of the one character to copy to, instead of all selected",
        options={"SKIP_SAVE"},
    )

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        lines = mapping.without_solo(root) or family.matched(root, context.scene)
        names = [self.to] if self.to else [obj.name for obj in context.view_layer.objects if obj.select_get()]
        if missing := [name for name in names if name not in context.scene.objects]:
            raise RigError(f"There is no object '{missing[0]}' in scene '{context.scene.name}'.")
        goals = {family.family_root(context.scene.objects[name]) for name in names} - {root}
        goals = {goal for goal in goals if _drivable(goal, context.scene)}
        if not goals:
            raise RigError("No other character is selected. Select those to copy to, and last the one to copy from.")
        for goal in goals:
            mapping.ensure_editable(goal)
        results = []
        for goal in sorted(goals, key=lambda goal: goal.name):
            mapping.store(goal, lines)
            present = set(family.names(goal, context.scene))
            count = sum(line.target in present for line in lines)
            results.append(f"'{goal.name}' has {count} of the {len(lines)} targets")
        return f"Copied: {', '.join(results)}."


def _drivable(root: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    """Whether a family has shape keys, or other controls that matching by name knows."""
    return bool(family.matched(root, scene)) or bool(family.names(root, scene, SHAPE_KEY))


register, unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_OT_mapping_match,
        FACEWRIGHT_OT_mapping_clear,
        FACEWRIGHT_OT_mapping_add,
        FACEWRIGHT_OT_mapping_remove,
        FACEWRIGHT_OT_mapping_solo,
        FACEWRIGHT_OT_mapping_copy,
    )
)
