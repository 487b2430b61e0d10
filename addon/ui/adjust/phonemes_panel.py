# SPDX-License-Identifier: GPL-3.0-or-later
"""Phoneme gains in the sidebar: how far the mouth goes on each phoneme, or on groups of those that look alike.

Operators here put markers on the timeline where a phoneme is spoken. The interface calls phonemes phones.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ....inference.adjust.phoneme_gains import GROUPS, LABELS, SPOKEN, spoken
from ....inference.core.errors import StyleError
from ...adjust.keyed import keyed
from ...adjust.properties import GROUP_FIELDS
from ...blender import sequencer
from ...blender.rna import CharacterSettings, adjustment, settings_of
from ...takes import analysis, lines, store
from ..character_edit import CharacterAction
from ..main_panel import root_of
from ..sidebar import Sidebar

# An example word for each phoneme, from the CMU dictionary (http://www.speech.cs.cmu.edu/cgi-bin/cmudict).
WORDS = {
    "AA": "odd", "AE": "at", "AH": "hut", "AO": "ought", "AW": "cow", "AY": "hide", "B": "be", "CH": "cheese",
    "D": "dee", "DH": "thee", "EH": "Ed", "ER": "hurt", "EY": "ate", "F": "fee", "G": "green", "HH": "he", "IH": "it",
    "IY": "eat", "JH": "gee", "K": "key", "L": "lee", "M": "me", "N": "knee", "NG": "ping", "OW": "oat", "OY": "toy",
    "P": "pee", "R": "read", "S": "sea", "SH": "she", "T": "tea", "TH": "theta", "UH": "hood", "UW": "two", "V": "vee",
    "W": "we", "Y": "yield", "Z": "zee", "ZH": "seizure",
}  # fmt: skip


class FACEWRIGHT_OT_phones_mark(CharacterAction, bpy.types.Operator):
    """Put a marker on the timeline wherever one of these phones is spoken"""

    bl_idname = "facewright.phones_mark"
    bl_label = "Mark Phones"

    phones: StringProperty(name="Phones", description="Such as M B P, with spaces between", options={"SKIP_SAVE"})

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        which = tuple(self.phones.upper().split())
        if unknown := [phone for phone in which if phone not in SPOKEN]:
            raise StyleError(f"Expected phones such as M, B or P, got '{unknown[0]}'. They are: {', '.join(SPOKEN)}.")
        take = store.get(root)
        known = None if take is None else analysis.of(root, take)
        if take is None or known is None:
            raise StyleError(f"Nobody listened to the sound of '{root.name}' yet. Press Generate, then mark.")
        timeline = sequencer.speech_timeline(context.scene, take.speech, lines.owner(root))
        occurrences = spoken(known.phonemes, which)
        _remove_markers(context.scene, which)
        for name, begin, end in occurrences:
            frame = round(timeline.frame((begin + end) / 2))
            context.scene.timeline_markers.new(_marker_name(name), frame=frame)
        return f"{len(occurrences)} markers for {' '.join(which)}."


class FACEWRIGHT_OT_phones_unmark(CharacterAction, bpy.types.Operator):
    """Take the markers of phones off the timeline. Other markers stay"""

    bl_idname = "facewright.phones_unmark"
    bl_label = "Remove Phone Markers"

    def edit(self, context: bpy.types.Context, _root: bpy.types.Object) -> str:
        return f"{_remove_markers(context.scene, SPOKEN)} markers removed."


def _marker_name(phone: str) -> str:
    return f"[{phone}]"


def _remove_markers(scene: bpy.types.Scene, phones: tuple[str, ...]) -> int:
    """Remove our markers of some phonemes; returns how many there were."""
    names = {_marker_name(phone) for phone in phones}
    ours = [marker for marker in scene.timeline_markers if marker.name in names]
    for marker in ours:
        scene.timeline_markers.remove(marker)
    return len(ours)


@dataclass(frozen=True)
class _Table:
    """The data of the rows that are being drawn; the list has no other way to receive it."""

    settings: CharacterSettings | None  # None before anything is drawn
    counts: dict[str, int]
    animated: frozenset[str]

    def count(self, field: str) -> int:
        """How often the phonemes of a row are spoken in this take."""
        return sum(self.counts.get(phone, 0) for phone in _phones(field))

    def changed(self, field: str) -> bool:
        """Whether the gain of any of the row's phonemes is keyed or is not 1."""
        if self.settings is None:
            return False
        fields = [f"phone_{phone}" for phone in _phones(field)]
        return any(each in self.animated or adjustment(self.settings, each) != 1 for each in fields)


def _phones(field: str) -> tuple[str, ...]:
    """The phonemes of a row, which is the property of one phoneme or of a group."""
    return GROUPS[GROUP_FIELDS[field]] if field in GROUP_FIELDS else (field.removeprefix("phone_"),)


# All rows in the order of the groups: each group, then its phonemes.
_ROWS = tuple(
    row for field, name in GROUP_FIELDS.items() for row in (field, *(f"phone_{phone}" for phone in GROUPS[name]))
)
_GROUP_OF = {f"phone_{phone}": field for field, name in GROUP_FIELDS.items() for phone in GROUPS[name]}


def rows(counts: dict[str, int], order: str, typed: str, opened: Collection[str]) -> list[str]:
    """The rows to show, as names of properties.

    Parameters
    ----------
    counts : dict of str to int
        How often each phoneme is spoken.
    order : str
        "GROUP": groups, and below each opened one its phonemes. "OFTEN": phonemes only, the most frequent first.
        "NAME": phonemes only, by name.
    typed : str
        Phonemes, or parts of their example words, with spaces between. Phonemes that match any of them are shown, and
        no groups.
    opened : collection of str
        The groups that are opened.
    """
    phones = [field for field in _ROWS if field in _GROUP_OF]
    if words := typed.lower().split():
        phones = [field for field in phones if any(_fits(word, field.removeprefix("phone_")) for word in words)]
    if order == "OFTEN":
        return sorted(phones, key=lambda field: -counts.get(field.removeprefix("phone_"), 0))
    if order == "NAME":
        return sorted(phones)
    return phones if words else [row for row in _ROWS if row in GROUP_FIELDS or _GROUP_OF[row] in opened]


def _fits(word: str, phone: str) -> bool:
    return phone.lower().startswith(word) if len(word) < 3 else word in WORDS[phone].lower()


class FACEWRIGHT_UL_phones(bpy.types.UIList):
    """A list whose rows are the properties of phonemes and groups themselves, so that there are no items to update."""

    table = _Table(None, {}, frozenset())  # without annotation: Blender 4.2 would take it for a property, and crash

    def draw_filter(self, _context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        layout.prop(self, "filter_name", text="", icon="VIEWZOOM", placeholder="Phone or word")

    def filter_items(self, context: bpy.types.Context, data: Any, name: str) -> tuple[list[int], list[int]]:
        wm: Any = context.window_manager
        opened = {field for field in GROUP_FIELDS if getattr(wm, _opened(field))}
        shown = rows(self.table.counts, wm.facewright_phone_order, self.filter_name, opened)
        fields = [each.identifier for each in getattr(data, name)]
        wanted = [self.bitflag_filter_item if field in shown else 0 for field in fields]
        places = {field: place for place, field in enumerate(dict.fromkeys((*shown, *fields)))}
        return wanted, [places[field] for field in fields]

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        _index: int,
    ) -> None:
        field, table = item.identifier, self.table
        phones, width = _phones(field), context.region.width / context.preferences.system.ui_scale
        wide, narrow = width > 340, width < 300
        row = layout.row(align=True)
        if wide:
            row = layout.split(factor=0.4, align=True)
            self._name(row.row(align=True), context, field)
            row = row.row(align=True)
        else:
            self._fold(row, context, field)
        # A wide panel has names beside the sliders, others have them inside; a narrow one has the arrow that resets a
        # row in the place of its count.
        row.prop(table.settings, field, text="" if wide else _label(field, width < 275), slider=True)
        if not (narrow and table.changed(field)):
            number = row.row(align=True)
            number.alignment, number.ui_units_x = "RIGHT", 1.5
            number.active = table.count(field) > 0
            number.label(text=f"{table.count(field)}×")
        self._mark(row, phones)
        if narrow and not table.changed(field):
            return
        side = row.row(align=True)
        side.active = table.changed(field)
        icon = "LOOP_BACK" if side.active else "BLANK1"
        reset = side.operator("facewright.dial_reset", text="", icon=icon, emboss=False)
        reset.fields = " ".join(f"phone_{phone}" for phone in phones)

    def _mark(self, row: bpy.types.UILayout, phones: tuple[str, ...]) -> None:
        row.operator("facewright.phones_mark", text="", icon="MARKER_HLT", emboss=False).phones = " ".join(phones)

    def _fold(self, row: bpy.types.UILayout, context: bpy.types.Context, field: str) -> None:
        """Draw the triangle that opens a group, and an empty icon of its width before the phonemes of a group."""
        wm: Any = context.window_manager
        if field in GROUP_FIELDS:
            icon = "TRIA_DOWN" if getattr(wm, _opened(field)) else "TRIA_RIGHT"
            row.prop(wm, _opened(field), text="", icon=icon, emboss=False)
        elif wm.facewright_phone_order == "GROUP" and not self.filter_name:
            row.label(text="", icon="BLANK1")

    def _name(self, row: bpy.types.UILayout, context: bpy.types.Context, field: str) -> None:
        self._fold(row, context, field)
        if field in GROUP_FIELDS:
            row.label(text=_label(field), translate=False)
            return
        phone = field.removeprefix("phone_")
        parts = row.split(factor=0.4, align=True)
        parts.label(text=phone, translate=False)
        word = parts.row()
        word.active = False
        word.label(text=WORDS[phone], translate=False)


def _label(field: str, short: bool = False) -> str:
    """The text of a row; `short` leaves out the example word."""
    if field in GROUP_FIELDS:
        return LABELS.get(GROUP_FIELDS[field], GROUP_FIELDS[field])
    phone = field.removeprefix("phone_")
    return phone if short else f"{phone}   {WORDS[phone]}"


class FACEWRIGHT_PT_phones(Sidebar, bpy.types.Panel):
    bl_label = "Phones"
    bl_idname = "FACEWRIGHT_PT_phones"
    bl_parent_id = "FACEWRIGHT_PT_sliders"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, root = self.layout, root_of(context)
        wm, settings = context.window_manager, settings_of(root)
        take = store.get(root)
        counts = {} if take is None else analysis.counts(root, take)
        if not counts:
            note = layout.column()
            note.active = False
            note.label(text="Generate to see and change them")
        layout.row(align=True).prop(wm, "facewright_phone_order", expand=True)
        column = layout.column()
        column.enabled = bool(counts)
        FACEWRIGHT_UL_phones.table = _Table(settings, counts, frozenset(keyed(root)))
        column.template_list(
            "FACEWRIGHT_UL_phones", "", settings.bl_rna, "properties", wm, "facewright_phone_row", rows=len(GROUPS)
        )
        column = layout.column(align=True)
        column.operator("facewright.phones_unmark", text="Remove Markers", icon="X")
        column.operator("facewright.dial_reset", text="Reset Phones", icon="LOOP_BACK").fields = "phone"


def _opened(field: str) -> str:
    return f"facewright_open_{field}"


_ORDERS = (
    ("GROUP", "Alike", "In groups of phones that look alike; a group's slider moves all of its phones"),
    ("OFTEN", "Often", "Phones spoken most often in this take first"),
    ("NAME", "A to Z", "Phones by name"),
)

_register, _unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_phones_mark, FACEWRIGHT_OT_phones_unmark, FACEWRIGHT_UL_phones, FACEWRIGHT_PT_phones)
)


def register() -> None:
    wm: Any = bpy.types.WindowManager
    for field, name in GROUP_FIELDS.items():
        about = f"Show {', '.join(GROUPS[name])} one by one"
        setattr(wm, _opened(field), BoolProperty(name="Show", description=about, options={"SKIP_SAVE"}))
    wm.facewright_phone_order = EnumProperty(name="Order", items=_ORDERS, options={"SKIP_SAVE"})
    wm.facewright_phone_row = IntProperty(name="Active Phone", default=-1, options={"SKIP_SAVE"})
    _register()


def unregister() -> None:
    _unregister()
    wm: Any = bpy.types.WindowManager
    for name in (*map(_opened, GROUP_FIELDS), "facewright_phone_order", "facewright_phone_row"):
        delattr(wm, name)
