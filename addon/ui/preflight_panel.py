# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight in the sidebar: what will not move, and for each such finding a button that mends it, if one can."""

from __future__ import annotations

import time
from math import inf
from typing import ClassVar

import bpy
from bpy.props import StringProperty

from ...inference.core.errors import FacewrightError
from ..blender.rna import settings_of
from ..character import character
from ..preflight import inspection
from ..preflight.case import ERROR, Finding
from .main_panel import paragraph
from .sidebar import Sidebar
from .waiting import ActiveJob

_LIFETIME = 0.5  # s for which findings are used again: panels draw at every movement of the mouse


class FACEWRIGHT_OT_mend(bpy.types.Operator):
    """Mend what this check found, on the whole character"""

    bl_idname = "facewright.mend"
    bl_label = "Mend"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    check: StringProperty(name="Check", description="Name of the check whose findings are mended")

    def execute(self, context: bpy.types.Context) -> set[str]:
        global _seen
        _seen = None
        try:
            who = character.find(context.view_layer.objects.active, context.scene)
            said = inspection.mend(context.scene, who, self.check)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if said:
            self.report({"WARNING"}, " ".join(said))
        return {"FINISHED"}


class FACEWRIGHT_PT_preflight(Sidebar, bpy.types.Panel):
    bl_label = "Pre-flight"
    bl_idname = "FACEWRIGHT_PT_preflight"
    bl_parent_id = "FACEWRIGHT_PT_generate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(_findings(context))

    def draw_header(self, context: bpy.types.Context) -> None:
        worst = "CANCEL" if any(finding.severity == ERROR for finding in _findings(context)) else "ERROR"
        self.layout.label(text="", icon=worst)

    def draw(self, context: bpy.types.Context) -> None:
        drawn: set[str] = set()  # checks that have their button: it mends all findings of the check
        for finding in _findings(context):
            box = self.layout.box()
            paragraph(box, context, finding.text, icon="CANCEL" if finding.severity == ERROR else "ERROR")
            if finding.mend and finding.check not in drawn:
                button = box.operator("facewright.mend", text=finding.mend, icon="TOOL_SETTINGS", translate=False)
                button.check = finding.check
                drawn.add(finding.check)


_seen: tuple[str, float, list[Finding]] | None = None


def _findings(context: bpy.types.Context) -> list[Finding]:
    """The findings about the active object's character, those of the last half second if it is the same object."""
    global _seen
    obj = context.view_layer.objects.active
    name = obj.name_full if obj is not None else ""
    lifetime = _LIFETIME if ActiveJob.job is None else inf  # progress redraws the sidebar all the time
    if _seen is not None and _seen[0] == name and time.monotonic() - _seen[1] < lifetime:
        return _seen[2]
    try:
        who = character.find(obj, context.scene)
        findings = [each for each in inspection.inspect(context.scene, who) if not _is_yet_to_come(each, who)]
    except FacewrightError:  # the Character panel shows this error
        findings = []
    _seen = (name, time.monotonic(), findings)
    return findings


def _is_yet_to_come(finding: Finding, who: character.Character) -> bool:
    """Whether a finding is that no sound is chosen: the artist may not have come to that, and sees the empty field."""
    settings = settings_of(who.root)
    return finding.check == "sound" and not (settings.strip if settings.source == "STRIP" else settings.filepath)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_mend, FACEWRIGHT_PT_preflight))
