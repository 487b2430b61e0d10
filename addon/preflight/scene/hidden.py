# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that are not in this view layer: they are baked, but neither seen nor rendered."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ...targets.control import some
from ..case import Case, Finding

ORDER = 70


def find(case: Case) -> list[Finding]:
    names = [repr(obj.name) for obj in _left_out(case)]
    what = "is in a collection that this view layer leaves out" if len(names) == 1 else "are in collections left out"
    return [Finding(f"{some(names)} {what}.", "Bring Back")] if names else []


def mend(case: Case) -> None:
    """Include the collections of such parts; parts in no collection of the scene are linked to its own collection."""
    for layer in _layers(bpy.context.view_layer.layer_collection):
        if layer.exclude and any(obj in list(layer.collection.objects) for obj in _left_out(case)):
            layer.exclude = False
    for obj in _left_out(case):
        if obj.name not in case.scene.collection.all_objects:
            case.scene.collection.objects.link(obj)


def _left_out(case: Case) -> list[bpy.types.Object]:
    seen = set(bpy.context.view_layer.objects)
    return list(dict.fromkeys(part.obj for part in case.who.parts if part.obj not in seen))


def _layers(layer: bpy.types.LayerCollection) -> Iterator[bpy.types.LayerCollection]:
    """A layer collection and all below it, parents first, since including one includes those in it."""
    yield layer
    for child in layer.children:
        yield from _layers(child)
