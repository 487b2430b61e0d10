# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning a character's style: from its keys and its sound, from recorded curves and its sound, or from a voice."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
import msgspec
import numpy as np
from bpy.props import BoolProperty, IntProperty, StringProperty

from ....inference.core.clip import Clip
from ....inference.core.errors import AudioError, ExportError, RigError, StyleError
from ....inference.core.motion import Motion
from ....inference.core.timeline import Timeline
from ....inference.retarget.inverse import channels_of
from ....inference.retarget.rig import Rig
from ....inference.styles.file import from_json
from ....inference.worker.protocol import Learn, StyleLearned
from ...blender import actions, lookup, sequencer
from ...blender.rna import settings_of
from ...character import character
from ...character.character import Character
from ...styles import store
from ...takes import lines as spoken_lines
from ...takes import store as takes
from ...worker import preferences
from ...worker.jobs import ReplyJob
from ..waiting import FileJobOperator, JobOperator


def animated(who: Character, first: int, last: int, timeline: Timeline) -> Motion:
    """The motion of the character's F-curves from one frame to another, read back as channels.

    Controls without an F-curve have their current value.

    Raises
    ------
    RigError
        When nothing of the character is keyed, or only controls that cannot be read back.
    """
    frames = np.arange(first, last + 1)
    lines, values, keyed = [], [], 0
    for part in who.parts:
        rig = Rig(part.rig.direct_lines)
        curves = {(curve.data_path, curve.array_index): curve for curve in actions.fcurves_of(part.block)}
        shown = np.empty((len(frames), len(rig.controls)), np.float32)
        for column, name in enumerate(rig.controls):
            curve = curves.get(part.target.curve(part.block, name))
            keyed += curve is not None
            stands = part.target.value(part.block, name) if curve is None else 0.0
            shown[:, column] = [curve.evaluate(frame) for frame in frames] if curve is not None else stands
        lines.append(rig.lines)
        values.append(shown)
    if not any(lines):
        raise RigError(
            f"The mouth of '{who.root.name}' is made of poses, drawings or bones that turn by quaternions, which are "
            "not read back. Learn from recorded curves instead."
        )
    if not keyed:
        raise RigError(f"'{who.root.name}' has no keys to learn from. Bake a take and correct it, or animate it first.")
    return channels_of(lines, values, timeline.fps, timeline.seconds(first))


def speech_of(scene: bpy.types.Scene, root: bpy.types.Object) -> sequencer.Speech:
    """The sound that the character speaks: that of its active take, or else the one chosen under Speech."""
    take = takes.get(root)
    if take is not None:
        return sequencer.follow(scene, take.speech, spoken_lines.owner(root))
    settings = settings_of(root)
    if settings.source == "STRIP":
        return sequencer.from_strip(scene, settings.strip)
    spoken = sequencer.from_file(sequencer.absolute(root, settings.filepath), settings.frame)
    return sequencer.where_heard(scene, spoken, spoken_lines.owner(root))


class _Learning(JobOperator):
    """An operator that has the worker learn a style, and keeps that on the character and in the library."""

    name: StringProperty(
        name="Name", description="Of the style; the character's own when not given", options={"SKIP_SAVE"}
    )

    def asked(self, context: bpy.types.Context, who: Character) -> tuple[Learn, list[Motion]]:
        """The request to the worker, without the name, and the motion sent with it; raises FacewrightError."""
        raise NotImplementedError

    def begin(self, context: bpy.types.Context) -> ReplyJob:
        who = character.find(context.view_layer.objects.active, context.scene)
        request, motions = self.asked(context, who)
        self._root_uid = who.root.session_uid
        name = self.name.strip()[:60] or who.root.name[:60]
        return ReplyJob(msgspec.structs.replace(request, name=name, device=preferences.device()), motions)

    def finish(self, _context: bpy.types.Context, job: ReplyJob) -> str:
        root = lookup.object_of(self._root_uid)
        learned = job.reply
        if root is None or not isinstance(learned, StyleLearned):
            raise RigError("The character was deleted while its style was learned. Undo that, and learn again.")
        style = from_json(learned.style)
        library = store.library()
        notes = [line for line in learned.report if line.startswith(("Too little", "In context"))]
        try:
            style, _ = library.add(style)
        except ExportError as error:  # the style is not lost: the character has it
            notes.append(f"It is not in your library. {error}")
        store.give(root, style)
        return " ".join((f"'{root.name}' now speaks as '{style.name}'.", *notes, "Generate again to see it."))


class _Reference(_Learning):
    """Learning from motion, whose last seconds takes may continue if the style is to be used in context."""

    in_context: BoolProperty(
        name="In Context",
        description="Takes also begin as the motion ends: brows, head and gaze go on for a second or two",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, given: Any) -> str:
        text = cls.__doc__ or ""
        return f"{text}. Takes also begin as the motion ends: brows, head and gaze go on" if given.in_context else text


class FACEWRIGHT_OT_style_learn_keys(_Reference, bpy.types.Operator):
    """Learn from what the character's keys do between two frames while it speaks: your corrections, or any animation"""

    bl_idname = "facewright.style_learn_keys"
    bl_label = "Learn from Keys"
    bl_options: ClassVar = {"UNDO"}

    first: IntProperty(name="First", description="First frame; the scene's own when not given")
    last: IntProperty(name="Last", description="Last frame; the scene's own when not given")

    def asked(self, context: bpy.types.Context, who: Character) -> tuple[Learn, list[Motion]]:
        scene, given = context.scene, self.properties.is_property_set
        what = speech_of(scene, who.root)
        ends = (scene.frame_preview_start, scene.frame_preview_end) if scene.use_preview_range else None
        ends = ends or (scene.frame_start, scene.frame_end)
        first, last = self.first if given("first") else ends[0], self.last if given("last") else ends[1]
        if last <= first:
            raise StyleError(f"Expected a first frame before the last one, got {first} and {last}.")
        motion = animated(who, first, last, what.timeline(scene))
        return Learn(clip=what.clip, name="", in_context=self.in_context), [motion]


class _File(FileJobOperator, _Learning):
    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})

    def chosen(self) -> str:
        path = Path(bpy.path.abspath(self.filepath)).absolute()
        if not self.filepath or not path.is_file():
            raise AudioError(f"Expected a file to learn from, but there is none at '{path}'. Choose it again.")
        return str(path)


class FACEWRIGHT_OT_style_learn_curves(_File, _Reference, bpy.types.Operator):
    """Learn from recorded curves of the sound chosen under Speech: an iPhone's Live Link Face CSV, .npz or .json"""

    bl_idname = "facewright.style_learn_curves"
    bl_label = "Learn from Curves"
    bl_options: ClassVar = {"UNDO"}

    filter_glob: StringProperty(default="*.csv;*.npz;*.json", options={"HIDDEN"})

    def asked(self, context: bpy.types.Context, who: Character) -> tuple[Learn, list[Motion]]:
        what = speech_of(context.scene, who.root)
        return Learn(clip=what.clip, name="", curves=self.chosen(), in_context=self.in_context), []


class FACEWRIGHT_OT_style_learn_voice(_File, bpy.types.Operator):
    """Learn what a voice alone tells, from a recording of five seconds or more. Motion teaches far more"""

    bl_idname = "facewright.style_learn_voice"
    bl_label = "Learn from a Voice"
    bl_options: ClassVar = {"UNDO"}

    filter_glob: StringProperty(default="*.wav;*.flac;*.ogg;*.opus;*.mp3;*.aif;*.aiff", options={"HIDDEN"})

    def asked(self, context: bpy.types.Context, who: Character) -> tuple[Learn, list[Motion]]:
        return Learn(clip=Clip(self.chosen()), name=""), []


class FACEWRIGHT_MT_style_learn(bpy.types.Menu):
    bl_label = "Learn"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("facewright.style_learn_keys", text="From This Character's Keys", icon="KEY_HLT")
        layout.operator("facewright.style_learn_curves", text="From Recorded Curves...", icon="FCURVE")
        layout.operator("facewright.style_learn_voice", text="From a Voice...", icon="SOUND")
        layout.separator()
        for learns, text, icon in (
            ("keys", "In Context of This Character's Keys", "KEY_HLT"),
            ("curves", "In Context of Recorded Curves...", "FCURVE"),
        ):
            layout.operator(f"facewright.style_learn_{learns}", text=text, icon=icon).in_context = True


register, unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_OT_style_learn_keys,
        FACEWRIGHT_OT_style_learn_curves,
        FACEWRIGHT_OT_style_learn_voice,
        FACEWRIGHT_MT_style_learn,
    )
)
