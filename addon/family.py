# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects belong together as one character, and what of them can be driven by name.

A family is what hangs under one parent or is deformed by one armature. Face, teeth, tongue, lashes and beard all move
together, which is what a viewer expects and what a bake of the active mesh alone would miss.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..inference.channels import VISEMES
from ..inference.matching import recognise
from ..inference.rig import ENOUGH_MOUTH, MOUTH, bone_lines


def family_root(obj: bpy.types.Object) -> bpy.types.Object:
    """The object that holds the family of `obj` together.

    Up the parents (for a mesh without one: its armature first), but not into a group that holds a second whole face: an
    empty with a crowd under it is not one character.
    """
    root = obj
    while (above := root.parent or (_armature(root) if root is obj else None)) is not None:
        if root.type != "MESH" and _other_face(above, root):
            break
        root = above
    return root


def family(root: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """`root`, everything under it, and everything in the scene deformed by an armature among these."""
    members = [root, *root.children_recursive]
    inside = {member.as_pointer() for member in members}
    armatures = {member.as_pointer() for member in members if member.type == "ARMATURE"}
    if armatures:
        for obj in scene.objects:
            deformer = _armature(obj)
            if deformer and deformer.as_pointer() in armatures and obj.as_pointer() not in inside:
                members.append(obj)
    return members


def keyed(root: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[tuple[bpy.types.Object, bpy.types.Key]]:
    """The sets of shape keys of a family, each once, with an object that shows it."""
    return keyed_among(family(root, scene))


def keyed_among(objects: list[bpy.types.Object]) -> Iterator[tuple[bpy.types.Object, bpy.types.Key]]:
    """The sets of shape keys of some objects, each once."""
    seen: set[int] = set()
    for obj in sorted(objects, key=lambda o: o.name):
        key = getattr(obj.data, "shape_keys", None)
        if key is not None and key.as_pointer() not in seen:
            seen.add(key.as_pointer())
            yield obj, key


def faces_of_bones(objects: list[bpy.types.Object]) -> Iterator[tuple[bpy.types.Object, dict[str, float]]]:
    """The armatures among some objects that have a face somebody knows, with the length of each bone."""
    for obj in sorted(objects, key=lambda o: o.name):
        if obj.type == "ARMATURE" and obj.pose is not None:
            bones = {bone.name: bone.length for bone in obj.data.bones}
            if bone_lines(bones):
                yield obj, bones


def shape_names(key: bpy.types.Key) -> list[str]:
    """Names of the keys that have a value: all but the reference one."""
    return [block.name for block in key.key_blocks if block != key.reference_key]


def control_names(root: bpy.types.Object, scene: bpy.types.Scene) -> list[str]:
    """The names of all shape keys of a family, each once."""
    return list(dict.fromkeys(name for _, key in keyed(root, scene) for name in shape_names(key)))


def bone_names(root: bpy.types.Object, scene: bpy.types.Scene) -> list[str]:
    """The names of all bones of a family, each once."""
    armatures = [obj for obj in family(root, scene) if obj.type == "ARMATURE"]
    return list(dict.fromkeys(bone.name for obj in armatures for bone in obj.data.bones))


def _armature(obj: bpy.types.Object) -> bpy.types.Object | None:
    if obj.type not in {"MESH", "CURVE", "SURFACE", "LATTICE"}:
        return None
    return next((m.object for m in obj.modifiers if m.type == "ARMATURE" and m.object is not None), None)


def _other_face(above: bpy.types.Object, ours: bpy.types.Object) -> bool:
    groups = [child for child in above.children if child != ours and child.type != "MESH"]
    return any(_has_face([group, *group.children_recursive]) for group in groups) and _has_face(
        [ours, *ours.children_recursive]
    )


def _has_face(objects: list[bpy.types.Object]) -> bool:
    for _, key in keyed_among(objects):
        channels = {channel for one in recognise(shape_names(key)) for channel in one.covered}
        if len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or len(channels.intersection(VISEMES)) >= ENOUGH_MOUTH:
            return True
    return any(True for _ in faces_of_bones(objects))
