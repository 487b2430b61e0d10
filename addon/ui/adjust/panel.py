# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjustments in the sidebar: sliders, emotions and region masks, each with a button that resets it."""

from __future__ import annotations

from typing import ClassVar

import bpy
from bpy.props import StringProperty

from ....inference.adjust.sliders import sliders
from ....inference.core.errors import StyleError
from ...adjust.driven import driven, troubles
from ...adjust.evaluate import needs_analysis
from ...adjust.keyed import Keyed, keyed
from ...adjust.properties import ADJUSTMENTS
from ...blender import actions, changes
from ...blender.changes import Change
from ...blender.rna import adjustment, set_adjustment, settings_of
from ...takes import analysis, store
from ..character_edit import CharacterEdit
from ..main_panel import character_root, paragraph, root_of
from ..sidebar import Sidebar

_GROUPS = ("Mouth", "Face", "Timing")


class FACEWRIGHT_OT_dial_reset(CharacterEdit, bpy.types.Operator):
    """Reset to what was generated. Keys are removed, too"""

    bl_idname = "facewright.dial_reset"
    bl_label = "Reset"
    EDITS = "sliders"

    fields: StringProperty(
        name="Dials",
        description="Names such as slider_jaw, with spaces between; 'slider' (emotion, mask, phone) for all of them",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        one = ADJUSTMENTS.get(properties.fields)
        return str(cls.__doc__) if one is None else f"At {one.neutral:g} it changes nothing. {cls.__doc__}"

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        words = self.fields.split()
        chosen = [field for field, each in ADJUSTMENTS.items() if not words or field in words or each.kind in words]
        if not chosen:
            raise StyleError(
                f"Expected dials such as slider_jaw or emotion_joy, or a kind of them, got '{self.fields}'."
            )
        settings = settings_of(root)
        home = actions.slot_in_use(root)
        with changes.batch(root, Change.ADJUSTMENTS):
            for field in chosen:
                if adjustment(settings, field) != ADJUSTMENTS[field].neutral:
                    set_adjustment(settings, field, ADJUSTMENTS[field].neutral)
            paths = {f"facewright.{field}" for field in chosen}
            for curve in [each for each in (home.existing_fcurves if home else ()) if each.data_path in paths]:
                if home is not None:
                    home.fcurves.remove(curve)
        if stay := [ADJUSTMENTS[field].label for field in driven(root) if field in chosen]:
            return f"Back to neutral; drivers go on moving: {', '.join(stay)}."
        return (
            f"{len(chosen)} back to neutral."
            if len(chosen) > 1
            else f"{ADJUSTMENTS[chosen[0]].label} is back to neutral."
        )


class _Panel(Sidebar):
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return character_root(context) is not None


def draw_adjustments(
    layout: bpy.types.UILayout, root: bpy.types.Object, fields: list[str], animated: dict[str, Keyed]
) -> None:
    """Draw a row for each adjustment, with the value that changes nothing, which is the button that goes back to it."""
    settings = settings_of(root)
    column = layout.column(align=True)
    for field in fields:
        row = column.row(align=True)
        row.prop(settings, field, slider=True)  # with its name inside: beside it there is no room in a narrow sidebar
        changed = field in animated or adjustment(settings, field) != ADJUSTMENTS[field].neutral
        side = row.row(align=True)
        side.active, side.ui_units_x = changed, 1.1
        neutral = "" if changed else f"{ADJUSTMENTS[field].neutral:g}"
        icon = "LOOP_BACK" if changed else "NONE"
        side.operator("facewright.dial_reset", text=neutral, icon=icon, emboss=False, translate=False).fields = field
        row.prop_decorator(settings, field)


def _draw_kind(layout: bpy.types.UILayout, context: bpy.types.Context, kind: str) -> None:
    root = root_of(context)
    draw_adjustments(layout, root, [field for field, each in ADJUSTMENTS.items() if each.kind == kind], keyed(root))


class FACEWRIGHT_PT_sliders(_Panel, bpy.types.Panel):
    bl_label = "Sliders"
    bl_idname = "FACEWRIGHT_PT_sliders"
    bl_order = 50

    def draw(self, context: bpy.types.Context) -> None:
        layout, root = self.layout, root_of(context)
        settings = settings_of(root)
        take = store.get(root)
        if take is None:
            note = layout.column()
            note.active = False
            note.label(text="Generate a take to see them at work", icon="INFO")
        elif not settings.preview:
            layout.prop(settings, "preview", text="Show the Take to See Them", icon="HIDE_ON", toggle=True)
        elif analysis.of(root, take) is None:
            paragraph(layout, context, "Greyed sliders need phonemes: generate a take from a sound.", icon="INFO")
        for trouble in troubles(root):
            paragraph(layout, context, trouble, icon="ERROR")
        analysed = take is not None and analysis.of(root, take) is not None
        animated = keyed(root)
        for group in _GROUPS:
            fields = [f"slider_{name}" for name, slider in sliders().items() if group == slider.GROUP]
            column = layout.column()
            draw_adjustments(column, root, [field for field in fields if not needs_analysis(field)], animated)
            if dependent := [field for field in fields if needs_analysis(field)]:
                below = column.column()
                below.enabled = analysed
                draw_adjustments(below, root, dependent, animated)
        layout.operator("facewright.dial_reset", text="Reset Sliders", icon="LOOP_BACK").fields = "slider"


class FACEWRIGHT_PT_emotions(_Panel, bpy.types.Panel):
    bl_label = "Emotion"
    bl_idname = "FACEWRIGHT_PT_emotions"
    bl_order = 52

    def draw(self, context: bpy.types.Context) -> None:
        _draw_kind(self.layout, context, "emotion")
        self.layout.operator("facewright.dial_reset", text="Reset Emotions", icon="LOOP_BACK").fields = "emotion"


class FACEWRIGHT_PT_regions(_Panel, bpy.types.Panel):
    bl_label = "Regions"
    bl_idname = "FACEWRIGHT_PT_regions"
    bl_parent_id = "FACEWRIGHT_PT_sliders"

    def draw(self, context: bpy.types.Context) -> None:
        note = self.layout.column()
        note.active = False
        note.label(text="How strongly all this acts where")
        _draw_kind(self.layout, context, "mask")


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_dial_reset, FACEWRIGHT_PT_sliders, FACEWRIGHT_PT_emotions, FACEWRIGHT_PT_regions)
)
