# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys as controls: how their values are read, set and keyed, and what keeps them from moving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import bpy
import numpy as np

from ....inference.core.errors import RigError
from ....inference.retarget.convention import SHAPE_KEY
from ....inference.retarget.matching import Recognition, recognise
from ....inference.retarget.rig import Line, Rig
from ..control import Controls, lines_by_name, reaching, some

ORDER = 10
KINDS = {SHAPE_KEY: "Shape Key"}


def found(members: Sequence[bpy.types.Object]) -> Iterator[Controls]:
    """Each set of shape keys once, with the names of all but the basis."""
    seen: set[int] = set()
    for obj in sorted(members, key=lambda member: member.name):
        key = getattr(obj.data, "shape_keys", None)
        if key is not None and key.as_pointer() not in seen:
            seen.add(key.as_pointer())
            yield Controls(obj, key, tuple(block.name for block in key.key_blocks if block != key.reference_key))


def recognised(found: Sequence[Controls]) -> tuple[Recognition, ...]:
    """The conventions that the names of the shape keys follow, the best first."""
    return recognise(name for controls in found for name in controls.names)


def matched(found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
    """Lines for shape keys named after channels; off where a driver moves the key and `above` moves its channel."""
    moved = {line.channel for line in above if line.use}
    free = set(undriven(found))
    lines = lines_by_name(found, SHAPE_KEY)
    return [replace(line, use=line.use and (line.channel not in moved or line in free)) for line in lines]


def undriven(found: Sequence[Controls]) -> tuple[Line, ...]:
    """The lines that matching by name gives for shape keys that no driver moves."""
    driven = {(controls.obj.name, path) for controls in found for path in _driven_paths(controls.block)}

    def free(line: Line) -> bool:
        reached = [controls for controls in found if reaching([line], controls, SHAPE_KEY)]
        return not all((each.obj.name, curve(each.block, line.target)[0]) in driven for each in reached)

    lines = lines_by_name(found, SHAPE_KEY)
    return tuple(line for line in lines if free(line)) if driven else lines


def rig_for(controls: Controls, lines: Sequence[Line], _hold: float = 0.0) -> Rig:
    """A rig of the lines that name a shape key of this set."""
    return Rig(reaching(lines, controls, SHAPE_KEY))


def blocks() -> Iterable[bpy.types.ID]:
    """All sets of shape keys."""
    return bpy.data.shape_keys


def value(block: bpy.types.Key, name: str) -> float:
    """The current value of a shape key."""
    return block.key_blocks[name].value


def set_value(block: bpy.types.Key, name: str, value: float) -> None:
    """Set a shape key; nothing happens when it is gone."""
    shape = block.key_blocks.get(name)  # by name each time: a deleted shape leaves a dangling reference behind
    if shape is not None and shape.value != value:
        shape.value = value


def set_values(block: bpy.types.Key, values: Mapping[str, float]) -> None:
    """Set many shape keys at once; those that are gone are left out.

    One by one, each has Blender look through all objects of the file for those that show it.
    """
    if block.library is not None:  # foreach_set leaves linked data as it is, and says nothing
        for name, value in values.items():
            set_value(block, name, value)
        return
    shapes = block.key_blocks
    before = np.empty(len(shapes), np.float32)
    shapes.foreach_get("value", before)
    places = {name: place for place, name in enumerate(shapes.keys())}
    after = before.copy()
    for name, value in values.items():
        if name in places:
            after[places[name]] = value
    if not np.array_equal(before, after):
        shapes.foreach_set("value", after)
        block.update_tag()


def curve(block: bpy.types.Key, name: str) -> tuple[str, int]:
    """Data path and array index of the shape key's value."""
    return block.key_blocks[name].path_from_id("value"), 0  # Blender escapes quotes in the name


def ensure_editable(obj: bpy.types.Object, block: bpy.types.Key) -> None:
    """Raise a RigError that says what to do where shape keys are linked."""
    if block.library is not None:
        raise RigError(
            f"The shape keys of '{obj.name}' are linked from '{bpy.path.basename(block.library.filepath)}' and cannot "
            "be animated here. Override its objects (Object > Library Override > Make) and then their meshes "
            "(Outliner, right-click a mesh, Library Override > Make), or append the character."
        )


def obstacles(obj: bpy.types.Object, block: bpy.types.Key, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about sliders that end too soon, muted, driven or absolute keys, and the pin that shows only one."""
    shapes = [block.key_blocks[name] for name in names]
    low, high = values.min(axis=0), values.max(axis=0)
    short = [
        f"{shape.name} ({shape.slider_min:g} to {shape.slider_max:g})"
        for shape, lo, hi in zip(shapes, low, high, strict=True)
        if lo < shape.slider_min - 1e-3 or hi > shape.slider_max + 1e-3
    ]
    driven = _driven_paths(block)
    causes = [
        ("cut off at the end of the slider", short),
        ("muted, so nothing shows", [shape.name for shape in shapes if shape.mute]),
        ("moved by a driver, which wins over keys", [s.name for s in shapes if s.path_from_id("value") in driven]),
    ]
    texts = [f"On '{obj.name}', {what}: {some(which)}." for what, which in causes if which]
    if not block.use_relative:
        texts.append(f"'{obj.name}' uses absolute shape keys, which ignore these values: switch on Relative.")
    if obj.show_only_shape_key:
        texts.append(f"'{obj.name}' shows only its active shape key: switch off Shape Key Lock (the pin).")
    return texts


def _driven_paths(block: bpy.types.Key) -> set[str]:
    """Data paths of the values that drivers move, but for muted drivers."""
    drivers = block.animation_data.drivers if block.animation_data else ()
    return {driver.data_path for driver in drivers if not driver.mute}
