# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab: Character, Speech, Generate, Bake, in the order they are used."""

from __future__ import annotations

import textwrap
import time
from typing import ClassVar

import bpy

from ...inference.core.errors import FacewrightError
from ..blender import actions, sequencer
from ..blender.rna import settings_of
from ..character import character
from ..character.character import Character
from ..takes import lines, start
from ..worker import process
from .lines import panel as lines_panel
from .lines import which
from .sidebar import Sidebar
from .waiting import ActiveJob


class FACEWRIGHT_PT_character(Sidebar, bpy.types.Panel):
    bl_label = "Character"
    bl_idname = "FACEWRIGHT_PT_character"

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        self.layout.menu("FACEWRIGHT_MT_help", text="", icon="QUESTION")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        who = _character(context)
        if isinstance(who, str):
            paragraph(layout, context, who, icon="INFO")
            layout.operator("mesh.facewright_head", text="Add Facewright Head", icon="ADD")
            return
        column = layout.column(align=True)
        column.label(text=who.root.name, icon=_icon(who.root), translate=False)
        column.label(text=who.convention, icon="OUTLINER_DATA_GP_LAYER" if who.mapped else "VIEWZOOM", translate=False)
        few = len(who.missing) > len(who.expected) // 2
        paragraph(column, context, who.coverage, icon="ERROR" if few else "CHECKMARK")


class FACEWRIGHT_PT_missing(Sidebar, bpy.types.Panel):
    bl_label = "Missing Shapes"
    bl_parent_id = "FACEWRIGHT_PT_character"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        who = _character(context)
        return isinstance(who, Character) and bool(who.missing)

    def draw(self, context: bpy.types.Context) -> None:
        who = _character(context)
        if isinstance(who, Character):
            names = self.layout.column(align=True)
            names.active = False
            for name in who.missing:
                names.label(text=name, icon="DOT", translate=False)


class FACEWRIGHT_PT_speech(Sidebar, bpy.types.Panel):
    bl_label = "Speech"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        root = root_of(context)
        settings = settings_of(root)
        lines_panel.draw(layout, root)
        layout.row().prop(settings, "source", expand=True)
        if settings.source == "FILE":
            name = bpy.path.basename(settings.filepath)
            layout.operator("facewright.sound_choose", text=name or "Choose Sound...", icon="SOUND", translate=not name)
            column = layout.column(align=True)
            column.use_property_split = True
            column.use_property_decorate = False
            if not len(lines.items(root)):
                column.prop(settings, "begins")
            if start.begins(root) == "FRAME":
                column.prop(settings, "frame")
            return
        if sequencer.sound_strips(context.scene):
            layout.prop(settings, "strip", text="", icon="SOUND", placeholder="Sound strip")
        else:
            paragraph(
                layout, context, "The Sequencer of this scene has no sound. Add one there, or choose File.", "INFO"
            )


class FACEWRIGHT_PT_generate(Sidebar, bpy.types.Panel):
    bl_label = "Generate"
    bl_order = 32

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        schedule_warm_up()
        layout, root = self.layout, root_of(context)
        settings = settings_of(root)
        if ActiveJob.job is not None:
            row = layout.row(align=True)
            row.progress(factor=ActiveJob.job.fraction, text=f"{ActiveJob.job.stage} {ActiveJob.job.fraction:.0%}")
            row.operator("facewright.cancel", text="", icon="X")
        else:
            row = layout.row(align=True)
            row.scale_y = 1.4
            chosen = which.chosen(context.scene, root)
            text = _generate(settings.take_count) if chosen == which.LINE else f"Generate {which.NAMES[chosen]}"
            row.operator("facewright.generate", text=text, icon="PLAY_SOUND").lines = chosen
            which.draw(row, context.scene, root)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "take_count")
        column.prop(settings, "seed")
        column.prop(settings, "variation", slider=True)


class FACEWRIGHT_PT_bake(Sidebar, bpy.types.Panel):
    bl_label = "Bake"
    bl_order = 45  # above the sliders: whatever is opened there, it stays in sight

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        root, row = root_of(context), self.layout.row(align=True)
        row.scale_y = 1.4
        chosen = which.chosen(context.scene, root)
        text = "Bake to Keyframes" if chosen == which.LINE else f"Bake {which.NAMES[chosen]}"
        row.operator("facewright.bake", text=text, icon="KEYTYPE_KEYFRAME_VEC").lines = chosen
        which.draw(row, context.scene, root)
        who = _character(context)
        if isinstance(who, Character):
            used = dict.fromkeys(actions.action_name(part.block) for part in who.parts)
            note = self.layout.column(align=True)
            note.active = False
            for name in [name for name in used if name][:3]:
                note.label(text=name, icon="ACTION", translate=False)


def _generate(count: int) -> str:
    return "Generate" if count == 1 else f"Generate {count} Takes"


def character_root(context: bpy.types.Context) -> bpy.types.Object | None:
    """The root of the active object's character, if it is one."""
    who = _character(context)
    return who.root if isinstance(who, Character) else None


def root_of(context: bpy.types.Context) -> bpy.types.Object:
    """The root of the active object's character, in a panel whose poll says that there is one."""
    root = character_root(context)
    assert root is not None  # poll has checked it
    return root


def _character(context: bpy.types.Context) -> Character | str:
    """The active object's character, or why there is none; found once for all panels of a redraw."""
    global _seen
    obj = context.view_layer.objects.active
    if _seen is not None and _seen[0] == obj and time.monotonic() - _seen[1] < 0.2 and _is_alive(_seen[2]):
        return _seen[2]
    try:
        who = character.find(obj, context.scene)
    except FacewrightError as error:
        who = str(error)
    _seen = (obj, time.monotonic(), who)
    return who


def _is_alive(who: Character | str) -> bool:
    """Whether all data-blocks of a character that was found before still exist."""
    try:
        return isinstance(who, str) or all((who.root.name, part.obj.name, part.block.name) for part in who.parts)
    except ReferenceError:
        return False


def _icon(obj: bpy.types.Object) -> str:
    return {"ARMATURE": "OUTLINER_OB_ARMATURE", "MESH": "OUTLINER_OB_MESH"}.get(obj.type, "OUTLINER_OB_EMPTY")


def paragraph(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "NONE") -> None:
    """Draw a text over as many lines as the region's width needs: Blender's labels do not wrap."""
    width = context.region.width / context.preferences.system.ui_scale
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(text, max(int((width - 60) / 6.2), 20))):
        column.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else "NONE")


def schedule_warm_up() -> None:
    """Let the model be loaded soon after the panel is first seen, so that Generate answers at once.

    A draw must not start a process, and may run many times a second: it leaves that to a timer, which runs once.
    """
    if not warmed_up and not bpy.app.timers.is_registered(warm_up):
        bpy.app.timers.register(warm_up, first_interval=_WARM_UP_DELAY)


def warm_up() -> None:
    """Start the worker; only once, even where that fails. A timer runs again only if it returns a delay."""
    global warmed_up
    warmed_up = True
    process.warm_up()


_WARM_UP_DELAY = 0.1  # s; after the redraw in which the panel is first seen

warmed_up = False
_seen: tuple[bpy.types.Object | None, float, Character | str] | None = None

_register, _unregister = bpy.utils.register_classes_factory(
    (
        FACEWRIGHT_PT_character,
        FACEWRIGHT_PT_missing,
        FACEWRIGHT_PT_speech,
        FACEWRIGHT_PT_generate,
        FACEWRIGHT_PT_bake,
    )
)


def register() -> None:
    _register()


def unregister() -> None:
    if bpy.app.timers.is_registered(warm_up):
        bpy.app.timers.unregister(warm_up)
    _unregister()
