# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture from video: the face of an actor as a take for the character."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ....inference.core.channels import MOUTH
from ....inference.core.errors import CaptureError, RigError
from ...bake import copies
from ...blender import lookup
from ...blender import sequencer as speech
from ...blender.sequencer import Speech
from ...character import character
from ...preview import preview
from ...takes import lines
from ...takes.store import Take
from ...worker import capture_process, preferences
from ...worker.capture_process import CaptureJob
from ..waiting import FileJobOperator

PROVIDER = "from video"


@dataclass(frozen=True)
class Request:
    """The video to capture, and scene and character that get the take; by uid, since undo replaces data-blocks."""

    scene_uid: int
    root_uid: int
    speech: Speech


class FACEWRIGHT_OT_capture(FileJobOperator, bpy.types.Operator):
    """Track the face in a video of an actor and make a take of it for the active object's character"""

    bl_idname = "facewright.capture"
    bl_label = "Capture from Video"
    bl_options: ClassVar = {"UNDO"}

    filepath: StringProperty(
        name="Video", description="One person, seen from the front", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_movie: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    frame: FloatProperty(
        name="Start Frame", description="Frame of the scene at which the video begins", default=1.0, step=100
    )
    use_neutral: BoolProperty(
        name="Neutral Part",
        description="Say where the face is at rest: lips closed, looking ahead. Otherwise it is guessed",
    )
    neutral_first: FloatProperty(name="From", description="Second of the video", min=0.0, unit="TIME_ABSOLUTE")
    neutral_last: FloatProperty(
        name="To", description="Second of the video", default=1.0, min=0.0, unit="TIME_ABSOLUTE"
    )
    python: StringProperty(
        name="Python",
        description="Path of a Python that has MediaPipe; the one in the preferences when not given",
        options={"HIDDEN", "SKIP_SAVE"},
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw the options at the side of the file browser."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "frame")
        layout.prop(self, "use_neutral")
        column = layout.column(align=True)
        column.enabled = self.use_neutral
        column.prop(self, "neutral_first")
        column.prop(self, "neutral_last")

    def begin(self, context: bpy.types.Context) -> Any:
        root = character.find(context.view_layer.objects.active, context.scene).root
        python = capture_process.python_of(self.python or preferences.capture_python())
        path = Path(bpy.path.abspath(self.filepath)).absolute()
        if not self.filepath.strip() or not path.is_file():
            raise CaptureError(f"Expected a video file, but '{path}' is none. Choose the video again.")
        self._request = Request(context.scene.session_uid, root.session_uid, Speech(str(path), frame=self.frame))
        request: dict[str, Any] = {"path": str(path)}
        if self.use_neutral:
            request["neutral"] = (self.neutral_first, self.neutral_last)
        return CaptureJob(python, request)

    def finish(self, _context: bpy.types.Context, job: Any) -> str:
        return finish(self._request, job)


def finish(request: Request, job: CaptureJob) -> str:
    """Keep the take, put the video's sound into the Sequencer, and show the take; returns what to tell the artist.

    Raises
    ------
    RigError
        When the character is gone.
    """
    scene = lookup.scene_of(request.scene_uid)
    root = lookup.object_of(request.root_uid)
    if scene is None or root is None or job.motion is None:
        raise RigError("The character was deleted while the video was captured. Undo that, or capture for another one.")
    copies.own_lines(scene, root)
    take = Take(job.motion, request.speech, 0, PROVIDER)
    line = lines.add(scene, root, [take], [Path(request.speech.path).stem])
    seconds = job.motion.frames / job.motion.fps
    who = character.find(root, scene)
    notes = speech.hear(scene, request.speech, seconds, line.key)
    if not any(line.channel in MOUTH for part in who.parts for line in part.rig.lines):
        notes.append("Its mouth will not move: it has visemes, and a video gives ARKit weights.")
    preview.start(scene, who, take)
    return " ".join((f"Take of {seconds:.1f} s for '{root.name}'.", *job.report, *notes))


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_capture,))
