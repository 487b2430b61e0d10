# SPDX-License-Identifier: GPL-3.0-or-later
"""The button in the preferences that finds a Python with a library for a graphics card, and tries the card."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import EnumProperty, StringProperty

from ...inference.core.errors import FacewrightError, WorkerError
from ...inference.worker.protocol import Describe
from ..worker import graphics_python, preferences, process
from ..worker.jobs import ReplyJob
from .waiting import ActiveJob, JobOperator


class FACEWRIGHT_OT_check_graphics_card(JobOperator, bpy.types.Operator):
    """Find a Python with a library for a graphics card where none is named, and have the card run the model once"""

    bl_idname = "facewright.check_graphics_card"
    bl_label = "Find and Check"
    bl_options: ClassVar = {"INTERNAL"}

    device: EnumProperty(name="Device", items=preferences.CARDS, options={"SKIP_SAVE"})
    python: StringProperty(
        name="Python",
        description="Path of a Python with a library for a graphics card; the one in the preferences when not given",
        options={"HIDDEN", "SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if ActiveJob.job is not None:
            cls.poll_message_set("A take is being made. Esc ends it.")
        return ActiveJob.job is None

    def begin(self, _context: bpy.types.Context) -> Any:
        self._before = process.named()
        python = self.python or self._before or graphics_python.found()
        if not python:
            commands = "`, `".join(graphics_python.COMMANDS)
            raise WorkerError(
                f"Expected a Python with a library for a graphics card, found none. Make one (`{commands}`) and name "
                "it in Preferences > Add-ons > Facewright > Graphics Python."
            )
        self._python = python
        process.use_python(python)
        return ReplyJob(Describe(device=self.device))

    def finish(self, _context: bpy.types.Context, job: Any) -> str:
        preferences.name_graphics_python(self._python)
        return f"{job.reply.provider} runs the model {job.reply.model} {job.reply.version}."

    def _failed(self, error: FacewrightError) -> set[str]:
        process.use_python(self._before)
        return super()._failed(error)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_check_graphics_card,))
