# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects belong together as one character, and the names of their controls.

A family is the objects under one parent or deformed by one armature. So face, teeth, tongue, lashes and beard move
together, as a viewer expects and as a bake of the active mesh alone would not let them.
"""

from __future__ import annotations

import bpy

from ...inference.core.channels import VISEMES
from ...inference.retarget.matching import recognise
from ...inference.retarget.rig import ENOUGH_MOUTH, MOUTH, Line
from ..targets.kinds import bones, shape_keys
from ..targets.registry import controls_of, matched_lines

DOUBLE_OF = "facewright_double_of"  # custom property of the root of a double: the character it doubles


def family_root(obj: bpy.types.Object) -> bpy.types.Object:
    """The object at the top of the family of `obj`.

    That is its topmost parent (for a mesh without a parent, that of its armature; for a lattice or curve, that of an
    object it deforms), but below any group that holds a second whole face: an empty with a crowd under it is not one
    character.
    """
    root = obj
    while (above := root.parent or (_armature(root) or _deformed(root) if root is obj else None)) is not None:
        if root.type != "MESH" and _other_face(above, root):
            break
        root = above
    return root


def family(root: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The objects of a family: `root` first, all under it, all that its armatures deform, and its lattices and curves.

    Lattices and curves belong to it where they have shape keys and deform one of these objects.
    """
    members = [root, *root.children_recursive]
    inside = {member.as_pointer() for member in members}
    armatures = {member.as_pointer() for member in members if member.type == "ARMATURE"}
    if armatures:
        for obj in scene.objects:
            deformer = _armature(obj)
            if deformer and deformer.as_pointer() in armatures and obj.as_pointer() not in inside:
                members.append(obj)
    for deformer in [cage for member in members for cage in _cages(member)]:
        if deformer.as_pointer() not in inside and deformer.name in scene.objects:
            inside.add(deformer.as_pointer())
            members.append(deformer)
    return members


def names(root: bpy.types.Object, scene: bpy.types.Scene, kind: str = "") -> list[str]:
    """The names of all controls of a family, each once; with `kind`, of those that lines of this kind may name."""
    found = controls_of(family(root, scene), kind)
    return list(dict.fromkeys(name for _, controls in found for name in controls.names))


def matched(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[Line, ...]:
    """The lines that matching by name gives for a family."""
    return matched_lines(family(root, scene))


def _armature(obj: bpy.types.Object) -> bpy.types.Object | None:
    if obj.type not in {"MESH", "CURVE", "SURFACE", "LATTICE"}:
        return None
    return next((m.object for m in obj.modifiers if m.type == "ARMATURE" and m.object is not None), None)


def _cages(obj: bpy.types.Object) -> list[bpy.types.Object]:
    """Lattices and curves with shape keys that deform an object."""
    found = [m.object for m in obj.modifiers if m.type in {"LATTICE", "CURVE"} and m.object is not None]
    return [cage for cage in found if getattr(cage.data, "shape_keys", None) is not None]


def _deformed(obj: bpy.types.Object) -> bpy.types.Object | None:
    """An object that a lattice or curve deforms; None where there is none."""
    if obj.type not in {"LATTICE", "CURVE"}:
        return None
    return next((other for scene in obj.users_scene for other in scene.objects if obj in _cages(other)), None)


def _other_face(above: bpy.types.Object, ours: bpy.types.Object) -> bool:
    """Whether `above` holds a face under `ours` and another one beside it."""
    groups = [child for child in above.children if child != ours and child.type != "MESH"]
    return any(_has_face([group, *group.children_recursive]) for group in groups) and _has_face(
        [ours, *ours.children_recursive]
    )


def _has_face(objects: list[bpy.types.Object]) -> bool:
    """Whether objects have a mouth of shape keys, or bones of a known face rig."""
    for controls in shape_keys.found(objects):
        channels = {channel for recognition in recognise(controls.names) for channel in recognition.covered}
        if len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or len(channels.intersection(VISEMES)) >= ENOUGH_MOUTH:
            return True
    return bool(bones.recognised(tuple(bones.found(objects))))
