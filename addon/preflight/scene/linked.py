# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are linked from a library and not overridden: they cannot be animated here.

Blender's own Make Library Override leaves meshes linked, and with them their shape keys: 4.2 puts no keys on those, and
later versions lose them when the file is saved. An override of the mesh brings its shape keys along.
"""

from __future__ import annotations

import bpy

from ...blender import overrides
from ...character import character
from ...targets.control import some
from ..case import ERROR, Case, Finding

ORDER = 10


def find(case: Case) -> list[Finding]:
    linked = [part for part in case.who.parts if part.block.library is not None]
    found = []
    for parts, text in (
        ([part for part in linked if part.obj.library is not None], "Linked from {} and not to be animated here: {}."),
        (
            [part for part in linked if part.obj.library is None],
            "The objects are overridden, but their shape keys are still linked from {} and would lose all keys: {}.",
        ),
    ):
        if parts:
            library = repr(bpy.path.basename(parts[0].block.library.filepath))
            found.append(Finding(text.format(library, some([part.obj.name for part in parts])), "Override", ERROR))
    return found


def mend(case: Case) -> None:
    """Make the family, and then what is keyed of it, overrides: animation is this file's own, all else stays linked."""
    root, scene, layer = case.who.root, case.scene, bpy.context.view_layer
    active = layer.objects.active.name if layer.objects.active else ""
    members = character.family(root, scene)
    if any(one.library is not None for one in members):
        inside = [one for one in scene.collection.children_recursive if one.library and root.name in one.all_objects]
        members = _override_collection(scene, root, inside[0]) if inside else _override_objects(members)
    keyed = [part.obj.name for part in case.who.parts]
    overrides.own_data([obj for obj in members if obj.library is None and _is_keyed(obj, keyed)])
    named = [obj for obj in members if obj.library is None and active in (obj.name, _original(obj).name)]
    layer.objects.active = named[0] if named else None


def _override_collection(
    scene: bpy.types.Scene, root: bpy.types.Object, linked: bpy.types.Collection
) -> list[bpy.types.Object]:
    """An override of the collection in its place; the family in it."""
    before = {obj.session_uid for obj in bpy.data.objects}
    linked.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    for parent in (scene.collection, *scene.collection.children_recursive):
        if parent.library is None and linked in list(parent.children):
            parent.children.unlink(linked)
    new = [obj for obj in bpy.data.objects if obj.session_uid not in before and obj.override_library is not None]
    return character.family(next(obj for obj in new if _original(obj) == root), scene)


def _override_objects(members: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Overrides of the objects one by one, with the parents among them."""
    made: dict[str, bpy.types.Object] = {}
    for obj in members:
        made[obj.name] = obj.override_create(remap_local_usages=True) if obj.library is not None else obj
    for obj in made.values():
        if obj.parent is not None and obj.parent.library is not None and obj.parent.name in made:
            obj.parent = made[obj.parent.name]  # its place relative to the parent stays
    return list(made.values())


def _is_keyed(obj: bpy.types.Object, keyed: list[str]) -> bool:
    """Whether an object, or what it is an override of, shows a part that gets keys; twins show the same mesh."""
    return getattr(obj.data, "shape_keys", None) is not None or bool({obj.name, _original(obj).name} & set(keyed))


def _original(obj: bpy.types.Object) -> bpy.types.Object:
    """What an override is of; else the object itself."""
    override = obj.override_library
    return obj if override is None or override.reference is None else override.reference
