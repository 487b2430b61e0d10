# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects belong together as one character, and the names of their controls.

A family is the objects under one parent or deformed by one armature. So face, teeth, tongue, lashes and beard move
together, as a viewer expects and as a bake of the active mesh alone would not let them.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Vector

from ...inference.core.channels import VISEMES
from ...inference.retarget.matching import recognise
from ...inference.retarget.rig import ENOUGH_MOUTH, MOUTH, Line
from ..blender.belonging import DOUBLE_OF as DOUBLE_OF
from ..blender.belonging import HOLDER as HOLDER
from ..blender.belonging import holds, remembered
from ..targets.kinds import bones, shape_keys
from ..targets.registry import controls_of, matched_lines


def family_root(obj: bpy.types.Object) -> bpy.types.Object:
    """The object that stands for the family of `obj`, and holds what is made for it.

    That is the top of the family, unless something was made on another of its objects, which was the top before the
    character was parented to something, or which it was taken out of.
    """
    line = _line(obj)
    top = line[-1]
    made = next((one for one in reversed(line) if holds(one)), None)
    if made is not None:
        return made
    left = next((found for one in line if (found := remembered(one)) is not None), None)
    if left is not None and not (_has_face(_tree(top)) and _has_face(_tree(left))):  # else it is a copy of its own
        return left
    inside = [one for one in top.children_recursive if holds(one)]
    return inside[0] if len(inside) == 1 and not _is_another_head(obj, inside[0]) else top


def _line(obj: bpy.types.Object) -> list[bpy.types.Object]:
    """The object and all above it, up to the top of its family.

    That is its topmost parent (for a mesh without a parent, that of its armature; for a lattice or curve, that of an
    object it deforms), but below any group that holds a second whole face: an empty with a crowd under it is not one
    character.
    """
    line = [obj]
    while (above := line[-1].parent or (_armature(obj) or _deformed(obj) if len(line) == 1 else None)) is not None:
        if _face_beside(above, line[-1]):
            break
        line.append(above)
    return line


def family(root: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The objects of a family: `root` first, all under its top, all that armatures deform, and its lattices and curves.

    Lattices and curves belong to it where they have shape keys and deform one of these objects. What belongs to another
    object that something was made on is left out.
    """
    members = _under(_line(root)[-1], scene)
    known = {member.as_pointer() for member in members}
    strays = [obj for obj in scene.objects if obj.get(HOLDER) == root and obj.as_pointer() not in known]
    strays = [tree for obj in strays if family_root(obj) == root for tree in _tree(obj)]
    return [*_own(root, members), *dict.fromkeys(strays)]


def _own(root: bpy.types.Object, members: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Those objects under a top, which comes first, that belong to `root`, as `family_root` says."""
    makers = [member for member in members if holds(member)]
    if members[0] == root and makers in ([], [root]):
        return members

    def owner(member: bpy.types.Object) -> bpy.types.Object:
        line = [member]
        while line[-1].parent is not None and line[-1] != members[0]:
            line.append(line[-1].parent)
        made = next((one for one in reversed(line) if one in makers), None) or remembered(member)
        if made is None and len(makers) == 1 and not _is_another_head(member, makers[0]):
            made = makers[0]
        return made or members[0]

    return [root, *(member for member in members if member != root and owner(member) == root)]


def _tree(top: bpy.types.Object) -> list[bpy.types.Object]:
    return [top, *top.children_recursive]


def _under(root: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """All objects that hang together with a top, which comes first."""
    members = _tree(root)
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


def data_blocks(members: Sequence[bpy.types.Object]) -> list[bpy.types.ID]:
    """The objects of a family and their shape keys: all on which something may be keyed as a part of it."""
    return [*members, *(keys for one in members if (keys := getattr(one.data, "shape_keys", None)) is not None)]


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


def _face_beside(above: bpy.types.Object, ours: bpy.types.Object) -> bool:
    """Whether `above` holds a whole face under `ours` and another one beside it.

    Meshes right under it are faces of one head where they lie in one another, as teeth with all the shapes of the face
    do, and two heads under an empty where they stand apart.
    """
    if ours.type == "MESH":
        if holds(above) and not holds(ours):  # what was made was made for all of them together
            return False
        others = above.children if above.type == "EMPTY" else ()
        others = [child for child in others if child != ours and child.type == "MESH" and _stand_apart(child, ours)]
    else:
        others = [child for child in above.children if child != ours and child.type != "MESH"]
    return any(_has_face(_tree(other)) for other in others) and _has_face(_tree(ours))


def _is_another_head(obj: bpy.types.Object, head: bpy.types.Object) -> bool:
    return _stand_apart(obj, head) and _has_face(_tree(obj)) and _has_face(_tree(head))


def _stand_apart(one: bpy.types.Object, other: bpy.types.Object) -> bool:
    """Whether two meshes under one parent, or without one, have room between them."""
    if one.type != "MESH" or other.type != "MESH" or one.parent != other.parent:
        return False
    ends = []
    for obj in (one, other):
        place = obj.matrix_parent_inverse @ obj.matrix_basis
        corners = np.array([place @ Vector(corner) for corner in obj.bound_box])
        ends.append((corners.min(axis=0), corners.max(axis=0)))
    (low, high), (other_low, other_high) = ends
    return bool((np.maximum(low, other_low) > np.minimum(high, other_high)).any())


def _has_face(objects: list[bpy.types.Object]) -> bool:
    """Whether objects have a mouth of shape keys, or bones of a known face rig."""
    for controls in shape_keys.found(objects):
        channels = {channel for recognition in recognise(controls.names) for channel in recognition.covered}
        if len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or len(channels.intersection(VISEMES)) >= ENOUGH_MOUTH:
            return True
    return bool(bones.recognised(tuple(bones.found(objects))))
