# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are linked from a library and not overridden: they cannot be animated here."""

from __future__ import annotations

import bpy

from .. import character
from ..character import Part
from . import ERROR, Case, Finding, some

ORDER = 10


def find(case: Case) -> list[Finding]:
    linked = _linked(case)
    if not linked:
        return []
    library = bpy.path.basename(linked[0].block.library.filepath)
    return [
        Finding(
            f"Linked from '{library}' and not to be animated here: {some([part.obj.name for part in linked])}.",
            "Override",
            ERROR,
        )
    ]


def mend(case: Case) -> None:
    """Make the family, and then its meshes, overrides: their animation is this file's own, all else stays linked."""
    root, scene, layer = case.who.root, case.scene, bpy.context.view_layer
    active = layer.objects.active.name if layer.objects.active else ""
    if root.library is not None:
        inside = [one for one in scene.collection.children_recursive if one.library and root.name in one.all_objects]
        if inside:
            _override_collection(scene, inside[0])
        else:
            _override_objects(case)
    for obj in scene.objects:
        if obj.library is None and obj.data is not None and obj.data.library is not None:
            obj.data.override_create(remap_local_usages=True)
    layer.objects.active = next((obj for obj in layer.objects if obj.name == active and obj.library is None), None)


def _override_collection(scene: bpy.types.Scene, linked: bpy.types.Collection) -> None:
    """An override of the collection in its place."""
    linked.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    for parent in (scene.collection, *scene.collection.children_recursive):
        if parent.library is None and linked in list(parent.children):
            parent.children.unlink(linked)


def _override_objects(case: Case) -> None:
    """Overrides of the objects one by one, with the parents among them."""
    made = {}
    for obj in character.family(case.who.root, case.scene):
        made[obj.name] = obj.override_create(remap_local_usages=True) if obj.library is not None else obj
    for obj in made.values():
        if obj.parent is not None and obj.parent.library is not None and obj.parent.name in made:
            obj.parent = made[obj.parent.name]  # its place relative to the parent stays


def _linked(case: Case) -> list[Part]:
    return [part for part in case.who.parts if part.block.library is not None]
