# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that wait for the worker: a script waits for the result, an artist sees progress and can press Esc."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from ...inference.core.errors import FacewrightError
from ..worker.capture_process import CaptureJob
from ..worker.jobs import Job, ManyTakes


class JobOperator:
    """An operator that has the worker do a job: `execute` waits for it, `invoke` shows progress and can be cancelled.

    A subclass has `begin(context) -> Job`, which checks everything before any work is done, and
    `finish(context, job) -> str`, which uses the result and returns what to report. Both may raise FacewrightError.
    """

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        say: Any = cls
        if ActiveJob.job is not None:
            say.poll_message_set("A take is being made. Esc ends it.")
        elif context.view_layer.objects.active is None:
            say.poll_message_set("Click a character first, or add one with Add > Mesh > Facewright Head.")
        else:
            return True
        return False

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Wait until the job is done."""
        try:
            job = self.begin(context)
            while not job.poll(wait=0.1):
                pass
            text = self.finish(context, job)
        except FacewrightError as error:
            return self._failed(error)
        self.report({"INFO"}, text)
        return {"FINISHED"}

    def invoke(self: Any, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Let the job run in the background, with progress, until it is done or Esc is pressed."""
        try:
            ActiveJob.job = self.begin(context)
        except FacewrightError as error:
            return self._failed(error)
        ActiveJob.timer = context.window_manager.event_timer_add(0.05, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Poll the job at each tick of the timer; pass all other events on, so that the artist can go on working."""
        if ActiveJob.cancelled or event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, f"{self.bl_label} was cancelled; nothing has changed.")
            return {"CANCELLED"}
        if event.type != "TIMER" or ActiveJob.job is None:
            return {"PASS_THROUGH"}
        try:
            if not ActiveJob.job.poll():
                _show_progress(context, ActiveJob.job)
                return {"PASS_THROUGH"}
            text = self.finish(context, ActiveJob.job)
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
        """End the job. Blender calls this, too, when another file is opened."""
        if ActiveJob.job is not None:
            ActiveJob.job.cancel()
        self._end(context)

    def _failed(self: Any, error: FacewrightError) -> set[str]:
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def _end(self, context: bpy.types.Context) -> None:
        ActiveJob.end(context)
        _show_progress(context, None)


class FileJobOperator(JobOperator):
    """A job on a file, which the artist chooses in the file browser first. A subclass has the property `filepath`."""

    _browsed = False

    def invoke(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open the file browser, unless a file is given."""
        if self.filepath or self.properties.is_property_set("filepath"):
            return JobOperator.invoke(self, context, event)
        self._browsed = True
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Called by the file browser when a file was chosen, to go on in the background; and by scripts, which wait."""
        if self._browsed:
            self._browsed = False
            return JobOperator.invoke(self, context, None)
        return JobOperator.execute(self, context)


class FACEWRIGHT_OT_cancel(bpy.types.Operator):
    """Stop the running job; nothing changes (Esc)"""

    bl_idname = "facewright.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        ActiveJob.cancelled = ActiveJob.job is not None
        return {"FINISHED"}


class ActiveJob:
    """The job that is running, for panels and status bar; there is one at a time."""

    job: Job | ManyTakes | CaptureJob | None = None
    cancelled = False
    timer: bpy.types.Timer | None = None
    shown = ""  # the text of the status bar

    @classmethod
    def end(cls, context: bpy.types.Context) -> None:
        """Forget the job and remove its timer."""
        if cls.timer is not None:
            context.window_manager.event_timer_remove(cls.timer)
        cls.job, cls.timer, cls.cancelled = None, None, False


def _show_progress(context: bpy.types.Context, job: Job | ManyTakes | CaptureJob | None) -> None:
    """Show a job's progress in status bar and sidebars, where it has changed; None takes it away."""
    text = f"Facewright: {job.stage} {job.fraction:.0%}    Esc to cancel" if job else ""
    if text == ActiveJob.shown:
        return  # every redraw is time taken from the artist
    ActiveJob.shown = text
    if context.workspace is not None:
        context.workspace.status_text_set(text or None)
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_cancel,))


def register() -> None:
    _register()


def unregister() -> None:
    ActiveJob.end(bpy.context)
    _unregister()
