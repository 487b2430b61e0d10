# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the list of takes: remove, make again from the recipe, export to a file, copy the recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.props import EnumProperty, StringProperty

from ....inference.core.errors import FacewrightError, MotionError, RigError
from ....inference.core.motion import Motion
from ....inference.formats import SUFFIXES, export
from ....inference.takes.recipe import Recipe
from ....inference.worker.protocol import Replay
from ...adjust import evaluate
from ...blender import lookup, sequencer
from ...blender.rna import settings_of
from ...character import character
from ...preview import active_take
from ...takes import analysis, lines, store
from ...takes.store import Take
from ...worker import preferences
from ...worker.jobs import TakeJob
from ..waiting import JobOperator


class _OnTakes:
    """An operator on the takes of the active object's character, greyed where it has none."""

    bl_options: ClassVar = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        say: Any = cls
        obj = context.view_layer.objects.active
        if obj is None:
            say.poll_message_set("Click a character first.")
        elif store.active_item(character.family_root(obj)) is None:
            say.poll_message_set("There is no take yet: press Generate.")
        else:
            return True
        return False


class FACEWRIGHT_OT_take_remove(_OnTakes, bpy.types.Operator):
    """Remove the active take"""

    bl_idname = "facewright.take_remove"
    bl_label = "Remove Take"

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        settings = settings_of(root)
        return _removed(self, context.scene, root, [settings.take_index])


class FACEWRIGHT_OT_take_tidy(_OnTakes, bpy.types.Operator):
    """Remove all takes of the line but those with a star and the active one"""

    bl_idname = "facewright.take_tidy"
    bl_label = "Remove All without Star"

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        active = store.active_item(root)
        own = {item.key for item in lines.takes_of(root, lines.active(root)) if not item.star and item != active}
        going = [k for k, item in enumerate(store.items(root)) if item.key in own]
        return _removed(self, context.scene, root, going)


def _removed(operator: Any, scene: bpy.types.Scene, root: bpy.types.Object, going: list[int]) -> set[str]:
    """Remove some places of the list, and show the take that is active then; returns the operator's result.

    In a library override the list begins with the library's own takes, which cannot be removed here.
    """
    settings = settings_of(root)
    library = root.override_library
    from_library = len(settings_of(library.reference).takes) if library is not None else 0
    removable = [k for k in going if k >= from_library]
    names = [settings.takes[k].name for k in removable]
    if len(removable) < len(going):
        operator.report({"WARNING"}, "Takes that come from the library cannot be removed here.")
    active = settings.take_index
    for place in reversed(removable):
        settings.takes.remove(place)
        active -= place < active
    if lines.active(root) is None:
        store.choose(root, max(min(active, len(settings.takes) - 1), 0))
    else:
        lines.show_chosen(root)
    active_take.show(scene, root)
    if names:
        operator.report({"INFO"}, f"Removed: {', '.join(names)}.")
    return {"FINISHED"} if names else {"CANCELLED"}


class FACEWRIGHT_OT_take_again(JobOperator, bpy.types.Operator):
    """Make the active take again from its recipe: the same curves, to the last bit"""

    bl_idname = "facewright.take_again"
    bl_label = "Make Again"
    bl_options: ClassVar = {"UNDO"}

    def begin(self, context: bpy.types.Context) -> TakeJob:
        root = character.find(context.view_layer.objects.active, context.scene).root
        item = store.active_item(root)
        if item is None or not item.recipe:
            raise MotionError("Expected a take with a recipe, got one without. Generate one.")
        self._root, self._key = root.session_uid, item.key
        path = store.about(item).speech.clip.path
        return TakeJob(Replay(path=path, recipe=item.recipe, device=preferences.device()))

    def finish(self, context: bpy.types.Context, job: Any) -> str:
        root = lookup.object_of(self._root)
        places = [k for k, each in enumerate(store.items(root)) if each.key == self._key] if root else []
        if root is None or not places:
            raise RigError("The take was removed while it was made again. Undo that, and try once more.")
        item = store.items(root)[places[0]]
        before, known = store.read(item), store.about(item)
        made = job.made[0]
        motion, text = made.motion, made.packing.text()
        store.choose(root, places[0])
        same = before is not None and np.array_equal(before.motion.values, motion.values)
        if not same:
            store.store(root, Take(motion, known.speech, known.seed, made.provider, store.recipe_of(item)), text)
        if (take := store.read(item)) is not None:
            analysis.remember(root, take, job.analysis, job.analysis_text)
        active_take.show(context.scene, root)
        if same:
            return f"'{item.name}' is exactly what its recipe gives."
        return " ".join((f"'{item.name}' was made again from its recipe.", *made.doubts))


class FACEWRIGHT_OT_take_export(_OnTakes, bpy.types.Operator):
    """Write the curves of the active take, with its recipe, to a file"""

    bl_idname = "facewright.take_export"
    bl_label = "Export Take"
    bl_options: ClassVar = {"INTERNAL"}

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{suffix}" for suffix in SUFFIXES), options={"HIDDEN"})
    suffix: EnumProperty(
        name="Format",
        items=(
            (".csv", "Live Link Face", "CSV as Epic's app writes it; the recipe lies beside"),
            (".json", "JSON", "Curves as lists of numbers"),
            (".npz", "NumPy", "Arrays for Python"),
        ),
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        item: Any = store.active_item(character.family_root(context.view_layer.objects.active))
        name = item.name.replace("/", "-").replace("\\", "-")  # or it would be a folder
        self.filepath = f"{Path(store.about(item).speech.path).stem} {name}{self.suffix}"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, _context: bpy.types.Context) -> bool:
        before = self.filepath
        if Path(before).suffix != self.suffix and Path(before).suffix in (*SUFFIXES, ""):
            self.filepath = str(Path(before).with_suffix(self.suffix))
        return self.filepath != before

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        take = store.get(root)
        try:
            if take is None:
                raise MotionError("The curves of this take are not in the file. Make it again first.")
            motion, recipe = _adjusted(context.scene, root, take)
            export(replace(motion, start=motion.start + take.speech.start), bpy.path.abspath(self.filepath), recipe)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{motion.frames} frames in '{self.filepath}'.")
        return {"FINISHED"}


def _adjusted(scene: bpy.types.Scene, root: bpy.types.Object, take: Take) -> tuple[Motion, Recipe | None]:
    """The motion of a take with adjustments, as it is previewed and baked, and its recipe with them."""
    timeline = sequencer.speech_timeline(scene, take.speech, lines.owner(root))
    motion = evaluate.motion_of(scene, root, take, timeline)
    adjustments = evaluate.adjustments_of(scene, root, take, timeline)
    if take.recipe is None:
        return motion, None
    return motion, replace(take.recipe, sliders=None if adjustments.is_neutral else adjustments)


class FACEWRIGHT_OT_take_recipe(_OnTakes, bpy.types.Operator):
    """Copy the recipe of the active take as text: sound, model, seed, style and sliders"""

    bl_idname = "facewright.take_recipe"
    bl_label = "Copy Recipe"
    bl_options: ClassVar = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        root = character.family_root(context.view_layer.objects.active)
        item: Any = store.active_item(root)
        take, recipe = store.read(item), store.recipe_of(item)
        if take is not None:
            _, recipe = _adjusted(context.scene, root, take)
        if recipe is None:
            self.report({"ERROR"}, f"'{item.name}' has no recipe. Generate a take.")
            return {"CANCELLED"}
        context.window_manager.clipboard = recipe.to_json(indent=1)
        self.report({"INFO"}, f"The recipe of '{item.name}' is in the clipboard.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_OT_take_remove,
        FACEWRIGHT_OT_take_tidy,
        FACEWRIGHT_OT_take_again,
        FACEWRIGHT_OT_take_export,
        FACEWRIGHT_OT_take_recipe,
    )
)
