# SPDX-License-Identifier: GPL-3.0-or-later
"""Help, behind the question mark of the Character panel: pages of the guide, and what to send with a problem."""

from __future__ import annotations

import platform
import tomllib
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import StringProperty

from ..blender import about
from ..worker import process

_FOLDER = Path(__file__).resolve().parents[2]
PAGES = {
    "speak": "Make a Character Speak",
    "lines": "Several Lines in a Shot",
    "dialogue": "A Dialogue",
    "takes": "Takes",
    "bake": "Bake",
    "sliders": "Sliders",
    "emotions": "Emotions and Phones",
    "rigs": "Your Own Rig",
    "preflight": "When Something Does Not Move",
    "report": "Report a Problem",
}


def page(name: str) -> Path:
    """The file of a page of the guide, which comes with the extension."""
    return _FOLDER / "docs" / "guide" / f"{name}.md"


def facts() -> str:
    """What is to be known of this installation to understand a problem."""
    manifest = tomllib.loads((_FOLDER / "blender_manifest.toml").read_text(encoding="utf-8"))
    facts = {
        "Facewright": manifest["version"],
        "Blender": about.version(),
        "System": platform.platform(),
        "Python": platform.python_version(),
        "Model runs on": process.provider() or "not started",
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


class FACEWRIGHT_OT_help(bpy.types.Operator):
    """Open this page of the guide"""

    bl_idname = "facewright.help"
    bl_label = "Guide"
    bl_options: ClassVar = {"INTERNAL"}

    page: StringProperty(name="Page", default="speak", options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        path = page(self.page)
        if not path.is_file():
            self.report(
                {"ERROR"}, f"The guide has no page '{self.page}' in '{path.parent}'. Install the extension again."
            )
            return {"CANCELLED"}
        return bpy.ops.wm.url_open(url=path.as_uri())


class FACEWRIGHT_OT_report_problem(bpy.types.Operator):
    """Copy the versions of everything, to be pasted below a description of the problem"""

    bl_idname = "facewright.report_problem"
    bl_label = "Copy Facts for a Report"
    bl_options: ClassVar = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = facts()
        self.report({"INFO"}, "Versions are in the clipboard. Paste them below what you did and what went wrong.")
        return {"FINISHED"}


class FACEWRIGHT_MT_help(bpy.types.Menu):
    bl_label = "Help"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        for name, title in PAGES.items():
            layout.operator("facewright.help", text=title, icon="HELP" if name == "speak" else "NONE").page = name
        layout.separator()
        layout.operator("facewright.report_problem", icon="COPYDOWN")


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_help, FACEWRIGHT_OT_report_problem, FACEWRIGHT_MT_help)
)
