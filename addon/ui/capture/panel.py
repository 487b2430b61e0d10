# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel for capturing from video."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from .... import __package__ as base_package
from ...worker import preferences
from ...worker.capture_process import CaptureJob
from ..sidebar import Sidebar
from ..waiting import ActiveJob


class FACEWRIGHT_PT_capture(Sidebar, bpy.types.Panel):
    bl_label = "Capture from Video"
    bl_order = 200
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.view_layer.objects.active is not None

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        job: Any = ActiveJob.job
        if isinstance(job, CaptureJob):
            row = layout.row(align=True)
            row.progress(factor=job.fraction, text=f"{job.stage} {job.fraction:.0%}")
            row.operator("facewright.cancel", text="", icon="X")
            return
        if preferences.capture_python():
            layout.operator("facewright.capture", text="Choose Video...", icon="FILE_MOVIE")
            return
        layout.label(text="Needs a Python with MediaPipe", icon="INFO")
        layout.operator("preferences.addon_show", text="Name It in the Preferences").module = base_package


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_PT_capture,))
