# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate: make takes of speech in the worker. A script waits for them, an artist sees progress and can press Esc."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ....inference.core.errors import AudioError, MotionError
from ....inference.core.timing import LARGEST_SEED
from ...blender.rna import settings_of
from ...character import character
from ...takes import cast
from ...worker.jobs import ManyTakes, TakeJob
from ..takes import generate
from ..waiting import ActiveJob, FileJobOperator, JobOperator
from . import wanted
from .which import CHARACTER, LINE, LinesField


class _ManyLines(JobOperator):
    """Generate several lines at once; a subclass has what `wanted` gives."""

    _requests: Sequence[generate.Request]

    def begin_all(self, requests: Sequence[generate.Request]) -> ManyTakes:
        """Send the requests to the worker; raises MotionError where there is none."""
        if not requests:
            raise MotionError("Every line has a take already, or is locked. Change a sound, or generate one line.")
        self._requests = requests
        return ManyTakes([request.job() for request in requests])

    def finish(self, _context: bpy.types.Context, job: Any) -> str:
        """Keep what was made."""
        return wanted.keep(self._requests, job)


class FACEWRIGHT_OT_generate(LinesField, _ManyLines, FileJobOperator, bpy.types.Operator):
    """Animate the character of the active object from speech. Nothing is keyed until you bake"""

    bl_idname = "facewright.generate"
    bl_label = "Generate"
    bl_options: ClassVar = {"UNDO"}  # no REGISTER: its redo panel would infer in the foreground

    filepath: StringProperty(
        name="Sound", description="Sound file; the character's own setting when not given", options={"SKIP_SAVE"}
    )
    strip: StringProperty(name="Strip", description="Sound strip to speak, instead of a file", options={"SKIP_SAVE"})
    frame: FloatProperty(
        name="Start Frame", description="Frame at which the sound begins", default=1.0, options={"SKIP_SAVE"}
    )
    seed: IntProperty(
        name="Seed", description="The same seed gives the same take", min=0, max=LARGEST_SEED, options={"SKIP_SAVE"}
    )
    count: IntProperty(
        name="Takes", description="How many, with this seed and those after it", min=1, max=20, options={"SKIP_SAVE"}
    )

    again: BoolProperty(
        name="Again", description="Of several lines, also those that have a take already", options={"SKIP_SAVE"}
    )

    filter_sound: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.lines == LINE and not self.properties.is_property_set("strip") and _has_no_sound(context):
            return FileJobOperator.invoke(self, context, event)
        return JobOperator.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return FileJobOperator.execute(self, context)

    def draw(self, _context: bpy.types.Context) -> None:
        """Nothing beside the file browser: all is set in the sidebar."""

    def begin(self, context: bpy.types.Context) -> TakeJob | ManyTakes:
        given, scene, obj = self.properties.is_property_set, context.scene, context.view_layer.objects.active
        if self.lines != LINE:
            if given("filepath") or given("strip"):
                raise AudioError("A sound is given for all lines. Leave lines away, or the sound.")
            if self.lines == CHARACTER:
                return self.begin_all(wanted.of_character(scene, character.find(obj, scene).root, self.again))
            return self.begin_all(wanted.of_scene(scene, self.again))
        self._request = generate.prepare(
            scene,
            obj,
            path=self.filepath if given("filepath") else None,
            strip=self.strip if given("strip") else None,
            frame=self.frame if given("frame") else None,
            seed=self.seed if given("seed") else None,
            count=self.count if given("count") else None,
        )
        return self._request.job()

    def finish(self, context: bpy.types.Context, job: Any) -> str:
        return generate.finish(self._request, job) if self.lines == LINE else super().finish(context, job)


def _has_no_sound(context: bpy.types.Context) -> bool:
    """Whether the character still lacks a sound file, so that Generate asks for one first."""
    settings = settings_of(character.family_root(context.view_layer.objects.active))
    return settings.source == "FILE" and not settings.filepath


class FACEWRIGHT_OT_sound_choose(bpy.types.Operator):
    """Choose the sound file that is spoken: WAV, FLAC, OGG, Opus, MP3 or AIFF"""

    bl_idname = "facewright.sound_choose"
    bl_label = "Choose Sound"
    bl_options: ClassVar = {"UNDO", "INTERNAL"}

    filepath: StringProperty(name="Sound", subtype="FILE_PATH", options={"SKIP_SAVE"})
    relative_path: BoolProperty(
        name="Relative Path", description="Name the file as seen from the .blend", default=True, options={"SKIP_SAVE"}
    )
    filter_sound: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, _properties: bpy.types.OperatorProperties) -> str:
        obj = context.view_layer.objects.active
        chosen = "" if obj is None else settings_of(character.family_root(obj)).filepath
        return f"{cls.__doc__}{f'. Now: {chosen}' if chosen else ''}"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.view_layer.objects.active is None:
            cls.poll_message_set("Click a character first.")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        chosen = settings_of(character.family_root(context.view_layer.objects.active)).filepath
        if chosen:
            self.filepath = bpy.path.abspath(chosen)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = self.filepath
        if self.relative_path and bpy.data.filepath and not path.startswith("//"):
            with suppress(ValueError):  # on another drive
                path = bpy.path.relpath(path)
        settings_of(character.family_root(context.view_layer.objects.active)).filepath = path
        return {"FINISHED"}


class FACEWRIGHT_OT_generate_scene(_ManyLines, bpy.types.Operator):
    """Animate the whole cast: every strip of the Sequencer that was given to a character, side by side"""

    bl_idname = "facewright.generate_scene"
    bl_label = "Generate Scene"
    bl_options: ClassVar = {"UNDO"}

    again: BoolProperty(name="Again", description="Also lines that have a take already", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if ActiveJob.job is not None:
            cls.poll_message_set("A take is being made. Esc ends it.")
        elif not cast.known(context.scene):
            cls.poll_message_set("Give a character a channel or strip of the Sequencer first, under Speaks.")
        else:
            return True
        return False

    def begin(self, context: bpy.types.Context) -> ManyTakes:
        return self.begin_all(wanted.of_scene(context.scene, self.again))


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_generate, FACEWRIGHT_OT_sound_choose, FACEWRIGHT_OT_generate_scene)
)
