# SPDX-License-Identifier: GPL-3.0-or-later
"""Library overrides of meshes, which carry shape keys and their animation; and putting back what Blender drops of them.

When a library has changed, Blender makes the overrides of a character's objects anew ("resync",
https://docs.blender.org/manual/en/latest/files/linked_libraries/library_overrides.html). A mesh is no part of that
hierarchy, so the new objects show the library's mesh again, and the overridden one, with a week of keys, is left
without a user: gone at the next save. So it gets a fake user, the name of its object, and is put back after loading.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
from bpy.app.handlers import persistent


def own_data(objects: Iterable[bpy.types.Object]) -> None:
    """Make overrides of linked meshes, curves and lattices for these objects alone: another character keeps its own."""
    overrides: dict[bpy.types.ID, Any] = {}
    for obj in objects:
        if obj.override_library is not None:
            obj.override_library.is_system_override = False  # or its change of mesh would not be saved
        data = obj.data
        if data is None or data.library is None:
            continue
        if data not in overrides:
            overrides[data] = _dropped(obj) or data.override_create(remap_local_usages=False)
            _keep(obj, overrides[data])
        obj.data = overrides[data]


@persistent
def before_save(*_: object) -> None:
    """Keep overridden meshes whose shape keys are animated, also those that the artist overrode."""
    for obj in bpy.data.objects:
        key: Any = getattr(obj.data, "shape_keys", None)
        if key is None or key.animation_data is None or obj.override_library is None:
            continue
        if obj.data is not None and obj.data.override_library is not None:
            _keep(obj, obj.data)


@persistent
def put_back(*_: object) -> None:
    """Let overridden objects show again the overridden meshes that a resync took from them."""
    for obj in bpy.data.objects:
        if obj.override_library is not None and obj.data is not None and obj.data.library is not None:
            dropped = _dropped(obj)
            if dropped is not None:
                obj.data = dropped


def _keep(obj: bpy.types.Object, data: Any) -> None:
    """Have an override saved whether it is used or not, and let it be found again."""
    if not data.use_fake_user:
        data.use_fake_user = True
        data.name = obj.name


def _dropped(obj: bpy.types.Object) -> Any:
    """The unused override, made for this object, of the linked data that it shows; None when there is none."""
    for kind in (bpy.data.meshes, bpy.data.curves, bpy.data.lattices):
        for data in kind:
            override = data.override_library
            unused = data.users <= data.use_fake_user
            if override is not None and override.reference == obj.data and unused and data.name == obj.name:
                return data
    return None


def register() -> None:
    bpy.app.handlers.load_post.append(put_back)
    bpy.app.handlers.save_pre.append(before_save)


def unregister() -> None:
    bpy.app.handlers.load_post.remove(put_back)
    bpy.app.handlers.save_pre.remove(before_save)
