# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight in the sidebar: what will not move, each with the button that mends it."""

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

_LIFETIME = 0.5  # s for which a look is good: panels draw at every movement of the mouse


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
            inspection.mend(context.scene, who, self.check)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class FACEWRIGHT_PT_preflight(Sidebar, bpy.types.Panel):
    bl_label = "Pre-flight"
    bl_idname = "FACEWRIGHT_PT_preflight"
    bl_parent_id = "FACEWRIGHT_PT_generate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(_findings(context))

    def draw_header(self, context: bpy.types.Context) -> None:
        worst = "CANCEL" if any(one.severity == ERROR for one in _findings(context)) else "ERROR"
        self.layout.label(text="", icon=worst)

    def draw(self, context: bpy.types.Context) -> None:
        drawn: set[str] = set()
        for one in _findings(context):
            box = self.layout.box()
            paragraph(box, context, one.text, icon="CANCEL" if one.severity == ERROR else "ERROR")
            if one.mend and one.check not in drawn:
                box.operator("facewright.mend", text=one.mend, icon="TOOL_SETTINGS", translate=False).check = one.check
            drawn.add(one.check)


_seen: tuple[str, float, list[Finding]] | None = None


def _findings(context: bpy.types.Context) -> list[Finding]:
    """What there is to say about the active object's character."""
    global _seen
    obj = context.view_layer.objects.active
    name = obj.name_full if obj is not None else ""
    lifetime = _LIFETIME if ActiveJob.job is None else inf  # a take's progress redraws the sidebar, too
    if _seen is not None and _seen[0] == name and time.monotonic() - _seen[1] < lifetime:
        return _seen[2]
    try:
        who = character.find(obj, context.scene)
        findings = [one for one in inspection.inspect(context.scene, who) if not _is_yet_to_come(one, who)]
    except FacewrightError:  # the character panel says so
        findings = []
    _seen = (name, time.monotonic(), findings)
    return findings


def _is_yet_to_come(finding: Finding, who: character.Character) -> bool:
    """Whether it is about a sound that the artist has not come to choose: the empty field above says so."""
    settings = settings_of(who.root)
    return finding.check == "sound" and not (settings.strip if settings.source == "STRIP" else settings.filepath)


register, unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_mend, FACEWRIGHT_PT_preflight))
