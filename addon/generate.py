# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate: speech to a take, in the worker; at once for scripts, with progress and Esc for artists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty

from ..inference.errors import FacewrightError, RigError
from ..inference.motion import Motion
from ..inference.pipeline import LARGEST_SEED
from . import character, preferences, preview, speech, takes
from .speech import Speech
from .worker_client import Job

_FPS = 50.0  # the model's own rate; preview and bake read between its frames


@dataclass(frozen=True)
class Request:
    """What is to be generated, checked before any work is done. By uid, since undo replaces data-blocks."""

    scene_uid: int
    root_uid: int
    speech: Speech
    seed: int
    filepath: str = ""  # as the artist wrote it; speech.path is absolute

    def job(self) -> Job:
        """Hand the work to the worker."""
        return Job(
            {
                "do": "animate",
                "path": self.speech.path,
                "start": self.speech.start,
                "duration": self.speech.duration,
                "fps": _FPS,
                "seed": self.seed,
                "device": preferences.device(),
            }
        )


def prepare(
    scene: bpy.types.Scene,
    obj: bpy.types.Object | None,
    *,
    path: str | None = None,
    strip: str | None = None,
    frame: float | None = None,
    seed: int | None = None,
) -> Request:
    """Check character and speech; what is not given is taken from the character's own settings.

    Raises
    ------
    FacewrightError
        When something is missing; the scene is as it was.
    """
    root = character.find(obj, scene).root
    settings: Any = root.facewright
    chosen_seed: int = settings.seed if seed is None else seed
    if path is None and (strip is not None or settings.source == "STRIP"):
        what = speech.from_strip(scene, settings.strip if strip is None else strip)
        return Request(scene.session_uid, root.session_uid, what, chosen_seed)
    written: str = settings.filepath if path is None else path
    what = speech.from_file(written, settings.frame if frame is None else frame)
    return Request(scene.session_uid, root.session_uid, what, chosen_seed, written)


def finish(request: Request, job: Job) -> str:
    """Keep the take, write down its recipe, make the sound audible, show the take; returns what to tell the artist.

    Raises
    ------
    RigError
        When the character is gone.
    """
    scene = next((s for s in bpy.data.scenes if s.session_uid == request.scene_uid), None)
    root = next((o for o in bpy.data.objects if o.session_uid == request.root_uid), None)
    if scene is None or root is None or job.motion is None:
        raise RigError("The character was deleted while its take was made. Undo that, or generate for another one.")
    who = character.find(root, scene)
    motion = replace(job.motion, start=job.motion.start - request.speech.start)
    _write_recipe(root.facewright, request)
    take = takes.Take(motion, request.speech, request.seed, job.provider)
    takes.store(root, take)
    notes = speech.hear(scene, request.speech, _seconds(motion), root.name)
    preview.start(scene, who, take)
    return " ".join((f"Take of {_seconds(motion):.1f} s for '{root.name}', seed {request.seed}.", *notes))


def _seconds(motion: Motion) -> float:
    return motion.frames / motion.fps


def _write_recipe(settings: Any, request: Request) -> None:
    settings.seed = request.seed
    if request.speech.strip:
        settings.source, settings.strip = "STRIP", request.speech.strip
    else:
        settings.source, settings.filepath = "FILE", request.filepath
        settings.frame = request.speech.frame


class Inferring:
    """An operator that waits for the worker: at once for scripts, with progress and Esc for artists.

    A subclass has `begin(context) -> Job`, which checks everything before any work is done, and
    `finish(context, job) -> str`, which says what was done. Both raise FacewrightError.
    """

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        say: Any = cls
        if Running.job is not None:
            say.poll_message_set("A take is being made. Esc ends it.")
        elif context.view_layer.objects.active is None:
            say.poll_message_set("Click a character first, or add one with Add > Mesh > Facewright Head.")
        else:
            return True
        return False

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Work until the take is there."""
        try:
            job = self.begin(context)
            while not job.advance(wait=0.1):
                pass
            text = self.finish(context, job)
        except FacewrightError as error:
            return self._failed(error)
        self.report({"INFO"}, text)
        return {"FINISHED"}

    def invoke(self: Any, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Work in the background, with progress, until the take is there or Esc is pressed."""
        try:
            Running.job = self.begin(context)
        except FacewrightError as error:
            return self._failed(error)
        Running.timer = context.window_manager.event_timer_add(0.05, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Take in progress; everything else goes on to whatever the artist does meanwhile."""
        if Running.cancelled or event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, f"{self.bl_label} was cancelled; nothing has changed.")
            return {"CANCELLED"}
        if event.type != "TIMER" or Running.job is None:
            return {"PASS_THROUGH"}
        try:
            if not Running.job.advance():
                _show_progress(context, Running.job)
                return {"PASS_THROUGH"}
            text = self.finish(context, Running.job)
        except FacewrightError as error:
            self._end(context)
            return self._failed(error)
        except BaseException:  # a mistake of ours must not leave Generate greyed for ever
            self._end(context)
            raise
        self._end(context)
        self.report({"INFO"}, text)
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """End the work; Blender calls this too, when another file is opened."""
        if Running.job is not None:
            Running.job.cancel()
        self._end(context)

    def _failed(self: Any, error: FacewrightError) -> set[str]:
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def _end(self, context: bpy.types.Context) -> None:
        Running.end(context)
        _show_progress(context, None)


class FACEWRIGHT_OT_generate(Inferring, bpy.types.Operator):
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

    def begin(self, context: bpy.types.Context) -> Job:
        given = self.properties.is_property_set
        self._request = prepare(
            context.scene,
            context.view_layer.objects.active,
            path=self.filepath if given("filepath") else None,
            strip=self.strip if given("strip") else None,
            frame=self.frame if given("frame") else None,
            seed=self.seed if given("seed") else None,
        )
        return self._request.job()

    def finish(self, _context: bpy.types.Context, job: Job) -> str:
        return finish(self._request, job)


class FACEWRIGHT_OT_cancel(bpy.types.Operator):
    """End the making of the take (Esc)"""

    bl_idname = "facewright.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        Running.cancelled = Running.job is not None
        return {"FINISHED"}


class Running:
    """The take that is being made, for panel and status bar; one at a time."""

    job: Job | None = None
    cancelled = False
    timer: bpy.types.Timer | None = None
    shown = ""  # the text of the status bar

    @classmethod
    def end(cls, context: bpy.types.Context) -> None:
        """Back to nothing being made."""
        if cls.timer is not None:
            context.window_manager.event_timer_remove(cls.timer)
        cls.job, cls.timer, cls.cancelled = None, None, False


def _show_progress(context: bpy.types.Context, job: Job | None) -> None:
    text = f"Facewright: {job.stage} {job.fraction:.0%}    Esc to cancel" if job else ""
    if text == Running.shown:
        return  # every redraw is time taken from the artist
    Running.shown = text
    if context.workspace is not None:
        context.workspace.status_text_set(text or None)
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_generate, FACEWRIGHT_OT_cancel))


def register() -> None:
    _register()


def unregister() -> None:
    Running.end(bpy.context)
    _unregister()
