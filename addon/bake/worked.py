# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist did in an Action since it was baked; an Action that was worked in is never lost with the file.

Blender drops what has no user. When a mesh is deleted or joined into another one, its Action may be left with nothing
but that unused mesh: so before each save such an Action gets a fake user.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...inference.keys.merge import count_edits
from ...inference.keys.records import HAND, KEY, shape_only
from ..blender import actions, users
from ..blender.actions import MEMORY, SlotRef
from . import edits, records

_NOTHING = np.zeros(0, KEY)


def since_bake(action: bpy.types.Action, homes: dict[str, SlotRef] | None = None) -> int:
    """How many keys of an Action are not as the last bake left them; those of curves that it did not make count, too.

    None are where no bake is remembered.

    Parameters
    ----------
    action : bpy.types.Action
    homes : dict, optional
        The places in it by their marks, where the data-blocks are known: then renamed controls are told apart best.
    """
    if MEMORY not in action:
        return 0
    known = homes or {}
    slots = [known.get(slot.mark, slot) for slot in actions.slots_of(action)]
    return sum(_since_bake(home) for home in slots)


def _since_bake(home: SlotRef) -> int:
    base = edits.baked_keys(home)
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    then_at = edits.renamed(home, base, curves)
    now = {then_at.get(place, place): actions.read(curve) for place, curve in curves.items()}
    baked = sum(count_edits(now.get(place, _NOTHING), keys) for place, keys in base.items())
    others = {place: keys for place, keys in now.items() if place not in base}
    return baked + sum(len(keys) for place, keys in others.items() if not _is_copied(home, place, keys))


def _is_copied(home: SlotRef, place: edits.Place, keys: np.ndarray) -> bool:
    """Whether a curve is the same in an Action that the one at `home` was copied from."""
    for origin in _origins(home.action):
        for slot in actions.slots_of(origin):
            for curve in slot.existing_fcurves if home.mark in slot.marks else ():
                if (curve.data_path, curve.array_index) == place:
                    return np.array_equal(shape_only(actions.read(curve)), shape_only(keys))
    return False


def _origins(action: bpy.types.Action) -> Iterator[bpy.types.Action]:
    for record in records.all_of(action):
        yield from (record[name] for name in ("action", "added") if record.get(name) is not None)


def _has_hand_keys(action: bpy.types.Action) -> bool:
    """Whether the last bake left keys of the artist's in an Action."""
    return any(
        (keys["type"] == HAND).any() for home in actions.slots_of(action) for keys in edits.baked_keys(home).values()
    )


def hold(action: bpy.types.Action) -> str:
    """Give an Action that was worked in a fake user where nothing holds it; returns a sentence that says so."""
    if action.library is None and not users.is_held(action):
        action.use_fake_user = True
    how = " with a fake user" if action.use_fake_user else ""
    return f"'{action.name}' has keys that you changed, and is kept{how}."


@persistent
def before_save(*_: object) -> None:
    """Hold all Actions that were baked and worked in."""
    baked = [action for action in bpy.data.actions if MEMORY in action and action.library is None]
    known = bpy.data.user_map() if baked else {}
    for action in baked:
        if not users.is_held(action, known) and (_has_hand_keys(action) or since_bake(action)):
            action.use_fake_user = True


def register() -> None:
    bpy.app.handlers.save_pre.append(before_save)


def unregister() -> None:
    bpy.app.handlers.save_pre.remove(before_save)
