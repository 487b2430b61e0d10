# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouths as objects of which one is shown at a time: replacement mouths, or a plane for each drawing.

Each object is named after its mouth, and its visibility is keyed, in the viewport and in renders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import bpy
import numpy as np

from ....inference.retarget.matching import Recognition
from ....inference.retarget.rig import Line, Rig
from ...blender.rna import settings_of
from .. import drawings
from ..control import Controls
from ..drawings import curve, ensure_editable, set_value, set_values, value

__all__ = ["curve", "ensure_editable", "set_value", "set_values", "value"]

ORDER = 80
OBJECT = "object_shown"
KINDS = {OBJECT: "Object Shown"}

_SHOWN = {"MESH", "CURVE", "SURFACE", "FONT", "GREASEPENCIL", "GPENCIL", "EMPTY"}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """The objects of a family, if some of them are named like mouths or a line of the artist's shows objects."""
    shown = [obj for obj in members[1:] if obj.type in _SHOWN]  # not the root, which holds the others
    lines = settings_of(members[0]).mapping if members else ()
    if drawings.recognised(drawings.like_mouths(obj.name for obj in shown)) or any(
        line.kind == OBJECT for line in lines
    ):
        for obj in sorted(shown, key=lambda member: member.name):
            yield Controls(obj, obj, (obj.name,))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The sets of mouths that the objects' names follow, the best first."""
    return drawings.recognised(drawings.like_mouths(controls.obj.name for controls in found))


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for objects named like mouths; none where a mouth moves already."""
    if drawings.moves_already(above):
        return ()
    names = drawings.like_mouths(controls.obj.name for controls in found)
    return drawings.lines_by_name({name: name for name in names}, OBJECT)


def rig_for(controls: Controls, lines: Sequence[Line], hold: float = 0.0) -> Rig:
    """A rig that shows one object at a time, by the visibility of this one in viewport and renders."""
    own = [line for line in lines if line.kind == OBJECT and line.target in bpy.data.objects]
    names = drawings.shown(own)
    if controls.obj.name not in names:
        return Rig(())
    hidden = {name: 1.0 for name in names if name != controls.obj.name}
    return drawings.stepped_rig(own, {"hide_viewport": hidden, "hide_render": hidden}, hold)


def blocks() -> Iterable[bpy.types.ID]:
    """All objects."""
    return bpy.data.objects


def obstacles(obj: bpy.types.Object, block: bpy.types.Object, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about drivers on the visibility, and an object hidden with the eye, which no key can show."""
    texts = drawings.driven(obj, block, names)
    if obj.hide_get():
        texts.append(f"'{obj.name}' is hidden with the eye in the Outliner, which no key shows. Press Alt H.")
    return texts
