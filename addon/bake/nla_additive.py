# SPDX-License-Identifier: GPL-3.0-or-later
"""A bake laid over everything a data-block is animated by already, as an added strip of the NLA.

The NLA adds to what lies below (quaternions it multiplies), and where nothing does to Blender's default of a property,
which for shape keys is 1 from 5.0 on. So what is not animated below gets a strip that holds it where it stands.
"""

from __future__ import annotations

import bpy

from ..blender import actions, nla
from ..blender.actions import SlotRef
from ..character.character import Part
from ..targets.kinds import properties
from . import edits

REST = f"{nla.TRACK} rest"  # NLA track that holds what nothing else moves


def lay(part: Part, home: SlotRef, blend: float) -> str:
    """Lay the keys in `home` over the animation of a part, or in the place of those laid there before.

    Returns
    -------
    str
        What became of the Action in use; "" when there was none.
    """
    first = nla.additive_strip(part.block) is None
    before = actions.action_name(part.block)
    animated = nla.animated_places(part.block)
    moved = nla.push_down(part.block)
    standing = {part.target.curve(part.block, name): part.target.value(part.block, name) for name in part.rig.controls}
    still = {place: value for place, value in standing.items() if place not in animated}
    if first and still:
        _hold(part, home, still)
    nla.add_strip(home, blend)
    return f"'{before}' (moved to the NLA, below)" if moved else ""


def above_nothing(part: Part, rest: list[float]) -> list[float]:
    """How far the rest of each number of a part is from what adds nothing in the strip.

    That is 0 where the strip adds. Where it has quaternions it combines, and what adds nothing is Blender's default
    (https://docs.blender.org/manual/en/latest/editors/nla/sidebar.html, Combine).
    """
    places = [part.target.curve(part.block, name) for name in part.rig.controls]
    if not any(actions.is_quaternion(path) for path, _ in places):
        return rest
    return [value - _default(part.block, *place) for value, place in zip(rest, places, strict=True)]


def obstacles(part: Part) -> list[str]:
    """Sentences about what an added strip cannot lay over the animation below."""
    paths = {part.target.curve(part.block, name)[0] for name in part.rig.controls}
    if not any(path.endswith("rotation_axis_angle") for path in paths):
        return []
    return [
        f"Bones of '{part.obj.name}' are in Axis Angle mode, where Blender adds axes and angles as numbers: on a pose "
        "the turn is wrong. Set them to Quaternion, or bake into a new Action."
    ]


def _default(block: bpy.types.ID, path: str, index: int) -> float:
    if path.endswith("]"):
        owner, key = properties.owner_of(block, path)
        return float(owner.id_properties_ui(key).as_dict()["default"])
    before, _, name = path.rpartition(".")
    prop = (block.path_resolve(before) if before else block).bl_rna.properties[name]
    return float(prop.default_array[index] if prop.is_array else prop.default)


def _hold(part: Part, home: SlotRef, still: dict[tuple[str, int], float]) -> None:
    """A strip that keeps values where they are, on a track of its own."""
    name = f"{home.action.name} rest"
    rest = actions.new_slot(part.block, part.obj.name, name, bpy.data.actions.get(name))
    edits.hold_still(rest, still, home.action.frame_range[0])
    nla.hold(rest, REST)
