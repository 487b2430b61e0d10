# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel of drawn mouths: a row for each drawing to choose its mouth, and how long a drawing is held at least.

A choice is written as lines of the mapping, so that presets, copies and files of mappings include it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ....inference.core.errors import RigError
from ....inference.retarget.rig import Line
from ...blender.rna import settings_of
from ...blender.timeline import frame_rate
from ...character import family, mapping
from ...targets import drawings as drawn
from ...targets.control import Controls
from ...targets.kinds import grease_pencil, image_sequence, object_swap
from ...targets.registry import kinds
from ..sidebar import Sidebar
from .operators import MappingEdit

NONE = "NONE"
_TARGETS = (grease_pencil, image_sequence, object_swap)
_ROWS = 24
_SOUNDS = {  # the sounds that each viseme is for, in a few letters
    "viseme_sil": "rest", "viseme_PP": "p b m", "viseme_FF": "f v", "viseme_TH": "th", "viseme_DD": "t d",
    "viseme_kk": "k g", "viseme_CH": "ch sh", "viseme_SS": "s z", "viseme_nn": "n l", "viseme_RR": "r",
    "viseme_aa": "ah", "viseme_E": "eh", "viseme_I": "ee", "viseme_O": "oh", "viseme_U": "oo",
}  # fmt: skip


def _shapes() -> list[tuple[str, str, str]]:
    """The menu of all mouths, one heading for each set; the sounds of a mouth are those of its visemes."""
    items = [("", "Mouth", ""), (NONE, "None", "The drawing is never shown")]
    for key, convention in drawn.sets().items():
        items.append(("", convention.name, ""))
        for target in convention.targets:
            sounds = ", ".join(_SOUNDS[channel] for channel in target.weights)
            items.append((f"{key}.{target.name}", label(target.name, sounds), f"Shown for {sounds}"))
    return items


def label(name: str, sounds: str) -> str:
    """The label of a mouth, such as "A (p b m)"."""
    few = sounds.split(", ")
    return f"{name.removeprefix('viseme_')} ({', '.join(few[:3])}{' ...' if len(few) > 3 else ''})"


_SHAPES = _shapes()
_SETS = [(key, convention.name, convention.about) for key, convention in drawn.sets().items()]


def drawings(root: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[tuple[Controls, str, list[str]]]:
    """The controls of a family that show drawings, each with the kind of its lines and the names of its drawings.

    Numbered drawings that the stored mapping names are among them even where they do not exist.
    """
    members = family.family(root, scene)
    stored = mapping.stored(root) or ()
    for target in _TARGETS:
        for controls in target.found(members):
            kind = _kind(target, controls)
            lines = drawn.of_kind(stored, kind, controls.obj)
            named = [line.target for line in lines if drawn.speaks_of_mouths(line)]
            own = [name for name in named if target is not object_swap or name == controls.obj.name]
            yield controls, kind, list(dict.fromkeys((*controls.names, *(own if kind in _NUMBERED else ()))))


_NUMBERED = (grease_pencil.DRAWING, image_sequence.IMAGE)


def _kind(target: Any, controls: Controls) -> str:
    if target is grease_pencil:
        return grease_pencil.LAYER if grease_pencil.is_layers(controls) else grease_pencil.DRAWING
    return next(iter(target.KINDS))


def current(root: bpy.types.Object, scene: bpy.types.Scene) -> Sequence[Line]:
    """The lines in use: the artist's, or those that matching gives."""
    stored = mapping.without_solo(root)
    return family.matched(root, scene) if stored is None else stored


class FACEWRIGHT_OT_drawing_is(MappingEdit, bpy.types.Operator):
    """Choose which mouth this drawing is"""

    bl_idname = "facewright.drawing_is"
    bl_label = "Drawing Is"

    where: StringProperty(name="Object", description="The object that shows the drawing", options={"SKIP_SAVE"})
    kind: StringProperty(name="Kind", description="The kind of drawing; any when not given", options={"SKIP_SAVE"})
    drawing: StringProperty(name="Drawing", description="Its number, layer or object", options={"SKIP_SAVE"})
    shape: EnumProperty(name="Mouth", description="Which mouth it is", items=_SHAPES, default=NONE)

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        controls, kind = _find(root, context.scene, self.where, self.kind, self.drawing)
        key, _, name = self.shape.partition(".")
        target = next((mouth for mouth in drawn.sets()[key].targets if mouth.name == name), None) if name else None
        where = _where(root, context.scene, kind, controls)
        new = drawn.lines_of_drawing(target, self.drawing, kind, where) if target else ()
        kept = [line for line in current(root, context.scene) if not _is(line, kind, controls, {self.drawing})]
        mapping.store(root, (*kept, *new))
        return f"Drawing '{self.drawing}' of '{controls.obj.name}' is {name or 'no mouth'}."


class FACEWRIGHT_OT_drawings_in_order(MappingEdit, bpy.types.Operator):
    """Make the drawings one set of mouths, in its usual order"""

    bl_idname = "facewright.drawings_in_order"
    bl_label = "Drawings in Usual Order"

    where: StringProperty(name="Object", description="The object that shows the drawings", options={"SKIP_SAVE"})
    kind: StringProperty(name="Kind", description="The kind of drawings; any when not given", options={"SKIP_SAVE"})
    mouths: EnumProperty(name="Mouths", description="The set, in its usual order", items=_SETS)

    def edit(self, context: bpy.types.Context, root: bpy.types.Object) -> str:
        controls, kind = _find(root, context.scene, self.where, self.kind)
        names = next(n for c, k, n in drawings(root, context.scene) if k == kind and c.obj == controls.obj)
        new = drawn.lines_in_order(names, self.mouths, kind, _where(root, context.scene, kind, controls))
        kept = [line for line in current(root, context.scene) if not _is(line, kind, controls, None)]
        mapping.store(root, (*kept, *new))
        count = len(drawn.shown(new))
        return f"{count} drawings of '{controls.obj.name}' are {drawn.sets()[self.mouths].name}."


def _find(
    root: bpy.types.Object, scene: bpy.types.Scene, where: str, kind: str, drawing: str = ""
) -> tuple[Controls, str]:
    """The controls that show a drawing, and the kind of its lines; raises RigError where there are none."""
    candidates = list(drawings(root, scene))
    for controls, its_kind, names in candidates:
        if where in ("", controls.obj.name) and kind in ("", its_kind) and (not drawing or drawing in names):
            return controls, its_kind
    known = ", ".join(f"'{each.obj.name}' ({kinds()[kind]})" for each, kind, _ in candidates) or "none"
    raise RigError(f"Expected a drawing of '{root.name}', got '{drawing}' of '{where}'. What shows drawings: {known}.")


def _where(root: bpy.types.Object, scene: bpy.types.Scene, kind: str, controls: Controls) -> str:
    """The object that a line must name; "" where no other has drawings of the kind, or where drawings have names."""
    if kind not in _NUMBERED:
        return ""
    alike = [each for each, its_kind, _ in drawings(root, scene) if its_kind == kind]
    return controls.obj.name if len(alike) > 1 else ""


def _is(line: Line, kind: str, controls: Controls, names: set[str] | None) -> bool:
    """Whether a line is about one of some drawings of an object; `names` None stands for all its drawings."""
    return line.kind == kind and line.where in ("", controls.obj.name) and (names is None or line.target in names)


class FACEWRIGHT_PT_drawn(Sidebar, bpy.types.Panel):
    bl_label = "Drawn Mouth"
    bl_idname = "FACEWRIGHT_PT_drawn"
    bl_parent_id = "FACEWRIGHT_PT_character"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.view_layer.objects.active
        return obj is not None and any(True for _ in drawings(family.family_root(obj), context.scene))

    def draw(self, context: bpy.types.Context) -> None:
        root = family.family_root(context.view_layer.objects.active)
        lines = current(root, context.scene)
        for controls, kind, names in drawings(root, context.scene):
            own = drawn.of_kind(lines, kind, controls.obj)
            if kind in _NUMBERED or (kind == grease_pencil.LAYER and _may_be_mouths(controls, own)):
                self._drawings(controls.obj.name, kind, names, own)
        own = [line for line in lines if line.kind == object_swap.OBJECT]
        objects = [each[0].obj.name for each in drawings(root, context.scene) if each[1] == object_swap.OBJECT]
        mouths = {*drawn.like_mouths(objects), *(line.target for line in own)}
        if mouths:
            self._drawings("", object_swap.OBJECT, [name for name in objects if name in mouths], own)
        column = self.layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        settings = settings_of(root)
        column.prop(settings, "hold")
        count = max(round(settings.hold * frame_rate(context.scene)), 1)
        note = column.column()
        note.active = False
        note.label(text=f"{count} {'frame' if count == 1 else 'frames'} here")

    def _drawings(self, where: str, kind: str, names: Sequence[str], lines: Sequence[Line]) -> None:
        column = self.layout.column(align=True)
        head = column.row()
        head.label(text=where or "Objects", icon=_ICONS[kind], translate=False)
        if kind in _NUMBERED:
            op = head.operator_menu_enum("facewright.drawings_in_order", "mouths", text="In Order")
            op.where, op.kind = where, kind
        by_name = {name: [line for line in lines if line.target == name and line.use] for name in names}
        usual = Counter(key for name in names for key in drawn.shapes_of(by_name[name], name)).most_common()
        for name in names[:_ROWS]:
            row = column.split(factor=0.4, align=True)
            row.label(text=f"{'Drawing ' if kind in _NUMBERED else ''}{name}", translate=False)
            text = _mouth_of(by_name[name], name, [key for key, _ in usual])
            op = row.operator_menu_enum("facewright.drawing_is", "shape", text=text)
            op.where, op.kind, op.drawing = where, kind, name
        if len(names) > _ROWS:
            column.label(text=f"and {len(names) - _ROWS} more, under Mapping")
        if not names:
            column.label(text="No drawings found", icon="INFO")


_ICONS = {
    grease_pencil.DRAWING: "OUTLINER_OB_GREASEPENCIL",
    grease_pencil.LAYER: "OUTLINER_DATA_GP_LAYER",
    image_sequence.IMAGE: "IMAGE_DATA",
    object_swap.OBJECT: "OUTLINER_OB_MESH",
}


def _may_be_mouths(layers: Controls, lines: Sequence[Line]) -> bool:
    """Whether layers are listed: some have lines, or there are enough for a set and no modifier chooses drawings."""
    return any(line.target in layers.names for line in lines) or (
        len(layers.names) >= drawn.ENOUGH and grease_pencil.fixed(layers.obj) is None
    )


def _mouth_of(lines: Sequence[Line], name: str, sets: Sequence[str]) -> str:
    """The label of a drawing's mouth.

    Several sets may have that mouth, such as one for p, b and m: the label is that of the first in `sets`, which are
    those of the other drawings, the most frequent first.
    """
    if not any(drawn.speaks_of_mouths(line) for line in lines):
        return "None"
    shapes = drawn.shapes_of(lines, name)
    shape = next((f"{key}.{shapes[key]}" for key in sets if key in shapes), "")
    return next((label for key, label, _ in _SHAPES if shape and key == shape), "Own lines, under Mapping")


register, unregister = bpy.utils.register_classes_factory(
    (FACEWRIGHT_OT_drawing_is, FACEWRIGHT_OT_drawings_in_order, FACEWRIGHT_PT_drawn)
)
