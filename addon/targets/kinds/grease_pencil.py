# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouths drawn in Grease Pencil, in the two ways that artists use, before and since Grease Pencil 3 (Blender 4.3).

Either each mouth is a drawing on a frame of its own, and a Time Offset modifier in Fixed Frame mode shows one of them
(https://docs.blender.org/manual/en/latest/grease_pencil/modifiers/modify/time_offset.html). Then the modifier's Frame
is keyed, and lines call a drawing by its frame; where a property drives the Frame, such as a bone's in many rigs, that
property is keyed instead. Or each mouth is a layer named after it, and all layers but one are hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import bpy
import numpy as np

from ....inference.retarget.matching import Recognition
from ....inference.retarget.rig import Line, Rig
from ...blender import grease_pencil as versions
from .. import drawings as drawn
from ..control import Controls
from ..drawings import curve, ensure_editable, set_value, set_values, value

__all__ = ["curve", "ensure_editable", "set_value", "set_values", "value"]

ORDER = 60
DRAWING, LAYER = "gp_drawing", "gp_layer"
KINDS = {DRAWING: "Grease Pencil Drawing", LAYER: "Grease Pencil Layer"}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """For each Grease Pencil object its drawings, where a modifier shows one of them, and its layers."""
    seen: set[tuple[int, str]] = set()
    for obj in sorted(members, key=lambda member: member.name):
        if obj.type not in versions.OBJECTS:
            continue
        if (modifier := fixed(obj)) is not None:
            block, path = _number(obj, modifier)
            if (block.as_pointer(), path) not in seen:  # one property may drive several
                seen.add((block.as_pointer(), path))
                yield Controls(obj, block, tuple(map(str, frames(obj, modifier))))
        if (obj.data.as_pointer(), "") not in seen:
            seen.add((obj.data.as_pointer(), ""))
            yield Controls(obj, obj.data, tuple(map(versions.layer_name, obj.data.layers)))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The sets of mouths that the names or the order of drawings follow, of the first object where they follow any."""
    for controls in found:
        known = _known(controls)
        if known:
            return known
    return ()


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for drawings or layers recognised as mouths, layers first; none where a mouth moves already."""
    if drawn.moves_already(above):
        return
    known = [controls for controls in found if _known(controls)]
    layered = {controls.obj.name for controls in known if is_layers(controls)}
    for controls in known:
        if is_layers(controls):
            yield from drawn.lines_by_name({name: name for name in controls.names}, LAYER)
        elif controls.obj.name not in layered:
            where = controls.obj.name if sum(not is_layers(each) for each in known) > 1 else ""
            named = marked(controls.obj, controls.names)
            yield from (
                drawn.lines_by_name(named, DRAWING, where, sure=True)
                or drawn.lines_in_order(controls.names, drawn.in_order(controls.names), DRAWING, where)
            )


def rig_for(controls: Controls, lines: Sequence[Line], hold: float = 0.0) -> Rig:
    """A rig that shows one drawing at a time, by the modifier's Frame or what drives it, or one layer and no other."""
    obj, block = controls.obj, controls.block
    if is_layers(controls):
        own = [line for line in drawn.of_kind(lines, LAYER, obj) if line.target in controls.names]
        names = drawn.shown(own)
        hidden = {
            layer.path_from_id("hide"): {name: 1.0 for name in names if name != versions.layer_name(layer)}
            for layer in block.layers
            if versions.layer_name(layer) in names
        }
        return drawn.stepped_rig(own, hidden, hold) if names else Rig(())
    own = drawn.of_kind(lines, DRAWING, obj)
    modifier, table = fixed(obj), drawn.numbers(own)
    if modifier is None or not table:
        return Rig(())
    path = _number(obj, modifier)[1]
    return drawn.stepped_rig([line for line in own if line.target in table], {path: table}, hold)


def blocks() -> Iterator[bpy.types.ID]:
    """All data-blocks that may carry the Frame, a property that drives it, or the layers."""
    yield from bpy.data.objects
    yield from versions.data_blocks()
    yield from bpy.data.armatures


def obstacles(obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about drivers that choose the drawing, a modifier that is off, and drawings that do not exist."""
    texts = drawn.driven(obj, block, names)
    modifier = fixed(obj)
    if modifier is None or list(names) != [_number(obj, modifier)[1]]:
        return texts
    if not (modifier.show_viewport and modifier.show_render):
        texts.append(f"Modifier '{modifier.name}' of '{obj.name}' is switched off in the viewport or in renders.")
    absent = sorted({int(number) for number in np.unique(values)} - set(frames(obj, modifier)))
    if absent:
        texts.append(
            f"'{obj.name}' has no drawing on frame {', '.join(map(str, absent[:3]))}: the one before it is shown."
        )
    return texts


def fixed(obj: bpy.types.Object) -> Any:
    """The Time Offset modifier in Fixed Frame mode; of several the one named after a mouth. None without any."""
    fixed = [modifier for modifier in versions.time_offsets(obj) if modifier.mode == "FIX"]
    mouths = [modifier for modifier in fixed if drawn.is_mouth(modifier.name, versions.layer_filter(modifier)[0])]
    return next(iter((*mouths, *fixed)), None)


def frames(obj: bpy.types.Object, modifier: Any) -> list[int]:
    """The frames of the drawings that a modifier chooses from, rising."""
    only, inverted = versions.layer_filter(modifier)
    layers = [layer for layer in obj.data.layers if not only or (versions.layer_name(layer) == only) != inverted]
    return sorted({frame.frame_number for layer in layers for frame in layer.frames})


def marked(obj: bpy.types.Object, drawings: Sequence[str]) -> dict[str, str]:
    """Drawings that have a timeline marker on their frame: name of the marker to drawing."""
    markers = [marker for scene in obj.users_scene for marker in scene.timeline_markers]
    return {marker.name: str(marker.frame) for marker in markers if str(marker.frame) in drawings}


def is_layers(controls: Controls) -> bool:
    """Whether these are layers that are shown and hidden, not drawings on frames."""
    return controls.block == controls.obj.data


def _known(controls: Controls) -> tuple[Recognition, ...]:
    """The sets of mouths that layers follow by name, drawings by their markers or else by their order."""
    if is_layers(controls):
        return drawn.recognised(controls.names)
    obj, modifier = controls.obj, fixed(controls.obj)
    layers = [versions.layer_name(layer) for layer in obj.data.layers]
    if by_marker := drawn.recognised(marked(obj, controls.names), sure=True):
        return by_marker
    return drawn.recognised_in_order(controls.names) if drawn.is_mouth(obj.name, modifier.name, *layers) else ()


def _number(obj: bpy.types.Object, modifier: Any) -> tuple[Any, str]:
    """Data-block and data path of the number that chooses the frame of a modifier.

    That is the modifier's own Frame, or a property that drives it one to one. Any other driver wins over keys, and
    `obstacles` says so.
    """
    path = modifier.path_from_id("offset")
    drivers = obj.animation_data.drivers if obj.animation_data else ()
    driver = next((each.driver for each in drivers if each.data_path == path), None)
    if driver is None or len(driver.variables) != 1 or driver.variables[0].type != "SINGLE_PROP":
        return obj, path
    source = driver.variables[0].targets[0]
    as_it_is = driver.type != "SCRIPTED" or driver.expression.strip() == driver.variables[0].name
    if not as_it_is or not isinstance(source.id, bpy.types.Object | bpy.types.Armature):
        return obj, path
    try:
        number = source.id.path_resolve(source.data_path)
    except ValueError:
        return obj, path
    return (source.id, source.data_path) if isinstance(number, int | float) else (obj, path)
