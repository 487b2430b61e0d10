# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory, by phone: how far the mouth goes on each, groups that look alike in one drag, marks on the timeline."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, StringProperty

from ..inference.errors import StyleError
from ..inference.heard import phones_of
from ..inference.phone_gains import GROUPS, LABELS, SPOKEN, spoken
from . import keyframes, speech, style_sliders_heard, takes
from .mapping_edit import MappingEdit
from .sidebar import Sidebar
from .style_sliders import GROUP_FIELDS
from .style_sliders_keyed import keyed
from .style_sliders_panel import root_of

# Words in which the phones are heard, as the CMU dictionary has them (http://www.speech.cs.cmu.edu/cgi-bin/cmudict).
WORDS = {
    "AA": "odd", "AE": "at", "AH": "hut", "AO": "ought", "AW": "cow", "AY": "hide", "B": "be", "CH": "cheese",
    "D": "dee", "DH": "thee", "EH": "Ed", "ER": "hurt", "EY": "ate", "F": "fee", "G": "green", "HH": "he", "IH": "it",
    "IY": "eat", "JH": "gee", "K": "key", "L": "lee", "M": "me", "N": "knee", "NG": "ping", "OW": "oat", "OY": "toy",
    "P": "pee", "R": "read", "S": "sea", "SH": "she", "T": "tea", "TH": "theta", "UH": "hood", "UW": "two", "V": "vee",
    "W": "we", "Y": "yield", "Z": "zee", "ZH": "seizure",
}  # fmt: skip


class FACEWRIGHT_OT_phones_mark(MappingEdit, bpy.types.Operator):
    """Put a marker on the timeline wherever one of these phones is spoken"""

    bl_idname = "facewright.phones_mark"
    bl_label = "Mark Phones"

    phones: StringProperty(name="Phones", description="Such as M B P, with spaces between", options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        which = tuple(self.phones.upper().split())
        if unknown := [phone for phone in which if phone not in SPOKEN]:
            raise StyleError(f"Expected phones such as M, B or P, got '{unknown[0]}'. They are: {', '.join(SPOKEN)}.")
        take = takes.get(root)
        motion = None if take is None else style_sliders_heard.heard(root, take)
        if take is None or motion is None:
            raise StyleError(f"Nobody listened to the sound of '{root.name}' yet. Press Generate, then mark.")
        start = speech.follow(context.scene, take.speech).frame
        found = spoken(phones_of(motion), which)
        _take_away(context.scene, which)
        for name, begin, end in found:
            frame = round(keyframes.frame_of(context.scene, (begin + end) / 2, start))
            context.scene.timeline_markers.new(_marked(name), frame=frame)
        return f"{len(found)} markers for {' '.join(which)}."


class FACEWRIGHT_OT_phones_unmark(MappingEdit, bpy.types.Operator):
    """Take the markers of phones off the timeline. Other markers stay"""

    bl_idname = "facewright.phones_unmark"
    bl_label = "Remove Phone Markers"

    def edit(self, context: bpy.types.Context, _root: bpy.types.Object) -> str:
        return f"{_take_away(context.scene, SPOKEN)} markers removed."


def _marked(phone: str) -> str:
    return f"[{phone}]"


def _take_away(scene: bpy.types.Scene, phones: tuple[str, ...]) -> int:
    names = {_marked(phone) for phone in phones}
    ours = [marker for marker in scene.timeline_markers if marker.name in names]
    for marker in ours:
        scene.timeline_markers.remove(marker)
    return len(ours)


class FACEWRIGHT_PT_phones(Sidebar, bpy.types.Panel):
    bl_label = "Phones"
    bl_idname = "FACEWRIGHT_PT_phones"
    bl_parent_id = "FACEWRIGHT_PT_sliders"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, root = self.layout, root_of(context)
        take = takes.get(root)
        counts = {} if take is None else style_sliders_heard.counts(root, take)
        note = layout.column()
        note.active = False
        note.label(text="How far the mouth goes on each" if counts else "Generate to see and change them")
        column = layout.column(align=True)
        column.enabled = bool(counts)
        animated = keyed(root)
        for field, name in GROUP_FIELDS.items():
            self._group(column, context, root, field, name, counts, animated)
        row = layout.row(align=True)
        row.operator("facewright.phones_unmark", text="Remove Markers", icon="X")
        row.operator("facewright.dial_reset", text="Reset", icon="LOOP_BACK").fields = "phone"

    def _group(
        self,
        column: bpy.types.UILayout,
        context: bpy.types.Context,
        root: bpy.types.Object,
        field: str,
        name: str,
        counts: dict[str, int],
        animated: dict[str, Any],
    ) -> None:
        settings: Any = root.facewright  # type: ignore[attr-defined]
        opened = getattr(context.window_manager, _opened(field))
        row = column.row(align=True)
        icon = "TRIA_DOWN" if opened else "TRIA_RIGHT"
        row.prop(context.window_manager, _opened(field), text="", icon=icon, emboss=False)
        row.prop(settings, field, text=LABELS.get(name, name), slider=True)
        _buttons(row, GROUPS[name], settings, animated)
        if not opened:
            return
        for phone in GROUPS[name]:
            row = column.row(align=True)
            row.label(text="", icon="BLANK1")
            text = f"{phone}   {WORDS[phone]}   {counts.get(phone, 0)}×"
            row.prop(settings, f"phone_{phone}", text=text, slider=True)
            _buttons(row, (phone,), settings, animated)
        column.separator()


def _buttons(row: bpy.types.UILayout, phones: tuple[str, ...], settings: Any, animated: dict[str, Any]) -> None:
    row.operator("facewright.phones_mark", text="", icon="MARKER_HLT").phones = " ".join(phones)
    fields = [f"phone_{phone}" for phone in phones]
    changed = any(field in animated or getattr(settings, field) != 1 for field in fields)
    side = row.row(align=True)
    side.active = changed
    icon = "LOOP_BACK" if changed else "BLANK1"
    side.operator("facewright.dial_reset", text="", icon=icon, emboss=False).fields = " ".join(fields)


def _opened(field: str) -> str:
    return f"facewright_open_{field}"


_register, _unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_phones_mark, FACEWRIGHT_OT_phones_unmark, FACEWRIGHT_PT_phones)
)


def register() -> None:
    for field, name in GROUP_FIELDS.items():
        about = f"Show {', '.join(GROUPS[name])} one by one"
        setattr(bpy.types.WindowManager, _opened(field), BoolProperty(name="Show", description=about))
    _register()


def unregister() -> None:
    _unregister()
    for field in GROUP_FIELDS:
        delattr(bpy.types.WindowManager, _opened(field))
