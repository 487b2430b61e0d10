# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole cast at once: Generate Scene and Bake Scene."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty

from ....inference.core.errors import AudioError, FacewrightError, MotionError
from ...bake import bake, listening_of
from ...bake.mode import BakeFields, chosen, show_on
from ...blender import sequencer
from ...character import character
from ...preview import active_take
from ...takes import cast, lines, store
from ...worker.jobs import ManyTakes
from ..takes import generate
from ..waiting import ActiveJob, JobOperator


def wanted(scene: bpy.types.Scene, again: bool) -> list[generate.Request]:
    """What to generate for the cast: each strip that has no take yet, or `again` all that are not locked.

    Raises
    ------
    FacewrightError
        When nobody was given a strip, or one cannot be used. Nothing has changed then.
    """
    roots = cast.speakers(scene)
    if not roots:
        raise AudioError(
            "No character of this scene was given a channel or strip of the Sequencer. Name them under Cast, Speaks."
        )
    return [
        generate.prepare(scene, root, strip=name, count=1)
        for root in roots
        for name in cast.strips_of(scene, root)
        if not (line := _line(root, name)) or (not line.lock and (again or not _is_spoken(scene, root, line)))
    ]


def _line(root: bpy.types.Object, strip: str) -> Any:
    return next((line for line in lines.items(root) if line.source == "STRIP" and line.strip == strip), None)


def _is_spoken(scene: bpy.types.Scene, root: bpy.types.Object, line: Any) -> bool:
    """Whether a line has a take of what its strip says now."""
    item = lines.chosen(root, line)
    return item is not None and store.about(item).speech.clip == sequencer.from_strip(scene, line.strip).clip


class FACEWRIGHT_OT_generate_scene(JobOperator, bpy.types.Operator):
    """Animate the whole cast: every strip of the Sequencer that was given to a character, one after the other"""

    bl_idname = "facewright.generate_scene"
    bl_label = "Generate Scene"
    bl_options: ClassVar = {"UNDO"}

    again: BoolProperty(name="Again", description="Also lines that have a take already", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if ActiveJob.job is not None:
            cls.poll_message_set("A take is being made. Esc ends it.")
        elif not cast.speakers(context.scene):
            cls.poll_message_set("Give a character a channel or strip of the Sequencer first, under Speaks.")
        else:
            return True
        return False

    def begin(self, context: bpy.types.Context) -> ManyTakes:
        self._requests = wanted(context.scene, self.again)
        if not self._requests:
            raise MotionError(
                "Every line of the cast has a take already. Change a strip, or generate a line by itself."
            )
        return ManyTakes([request.job() for request in self._requests])

    def finish(self, context: bpy.types.Context, job: Any) -> str:
        kept = [generate.keep(request, done) for request, done in zip(self._requests, job.jobs, strict=True)]
        roots = list(dict.fromkeys(root for _, root, _ in kept))
        for root in roots:
            active_take.start(context.scene, root)
        overlaps = [text for root in roots for text in lines.overlapping(context.scene, root)]
        return " ".join((f"{len(kept)} lines of {', '.join(root.name for root in roots)}.", *overlaps))


class FACEWRIGHT_OT_bake_scene(BakeFields, bpy.types.Operator):
    """Bake every line of every character of the scene that has a take and is not locked, in one undo step"""

    bl_idname = "facewright.bake_scene"
    bl_label = "Bake Scene"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not _speaking(context.scene):
            cls.poll_message_set("No character of this scene has a take: press Generate first.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        try:
            mode = chosen(scene, self.properties)
            show_on(self.properties, scene)
            cast_of = [character.find(root, scene) for root in _speaking(scene)]
            for who in cast_of:
                bake.ensure_bakeable(who)
            reports = [bake.bake_lines(scene, who, mode) for who in cast_of]
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        warnings = list(dict.fromkeys(text for report in reports for text in report.warnings))
        text = f"Baked all lines of {', '.join(who.root.name for who in cast_of)}."
        self.report({"WARNING" if warnings else "INFO"}, " ".join((text, *warnings)))
        return {"FINISHED"}


def _speaking(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The roots of the characters of a scene that have a take or a partner, and not all of that locked."""
    return [obj for obj in scene.objects if listening_of.bakeable(scene, obj)]


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_generate_scene, FACEWRIGHT_OT_bake_scene))
