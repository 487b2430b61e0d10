# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are linked from a library and not overridden: they cannot be animated here.

Blender's own Make Library Override leaves meshes linked, and with them their shape keys: Blender 4.2 cannot key those,
and later versions lose their keys when the file is saved. An override of the mesh includes its shape keys.
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
    """Override the objects of the family, and then their data where that is keyed; all else stays linked."""
    root, scene, layer = case.who.root, case.scene, bpy.context.view_layer
    active = layer.objects.active.name if layer.objects.active else ""
    members = character.family(root, scene)
    if any(member.library is not None for member in members):
        linked = [each for each in scene.collection.children_recursive if each.library]
        holding = [collection for collection in linked if root.name in collection.all_objects]
        members = _override_collection(scene, root, holding[0]) if holding else _override_objects(members)
    keyed = [part.obj.name for part in case.who.parts]
    overrides.own_data([obj for obj in members if obj.library is None and _is_keyed(obj, keyed)])
    named = [obj for obj in members if obj.library is None and active in (obj.name, _original(obj).name)]
    layer.objects.active = named[0] if named else None


def _override_collection(
    scene: bpy.types.Scene, root: bpy.types.Object, linked: bpy.types.Collection
) -> list[bpy.types.Object]:
    """Replace a linked collection by an override of it; returns the family in that."""
    before = {obj.session_uid for obj in bpy.data.objects}
    linked.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    for parent in (scene.collection, *scene.collection.children_recursive):
        if parent.library is None and linked in list(parent.children):
            parent.children.unlink(linked)
    new = [obj for obj in bpy.data.objects if obj.session_uid not in before and obj.override_library is not None]
    return character.family(next(obj for obj in new if _original(obj) == root), scene)


def _override_objects(members: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Override objects one by one, and parent the overrides to each other as the linked objects are."""
    overridden: dict[str, bpy.types.Object] = {}
    for obj in members:
        overridden[obj.name] = obj.override_create(remap_local_usages=True) if obj.library is not None else obj
    for obj in overridden.values():
        if obj.parent is not None and obj.parent.library is not None and obj.parent.name in overridden:
            obj.parent = overridden[obj.parent.name]  # its place relative to the parent stays
    return list(overridden.values())


def _is_keyed(obj: bpy.types.Object, keyed: list[str]) -> bool:
    """Whether an object has shape keys, which it may share with a part, or is or overrides an object in `keyed`."""
    return getattr(obj.data, "shape_keys", None) is not None or bool({obj.name, _original(obj).name} & set(keyed))


def _original(obj: bpy.types.Object) -> bpy.types.Object:
    """The linked object that an override is of; any other object itself."""
    override = obj.override_library
    return obj if override is None or override.reference is None else override.reference
