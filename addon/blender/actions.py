# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves into Actions. Only this file knows Blender's versions of animation data.

Actions have slots since 4.4 (https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/); before
that an Action animates one kind of data-block, so each data-block gets its own. ``Action.fcurves`` is gone in 5.0.
An Action assigned without a slot may animate nothing, silently: the slot is always assigned too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.keys import records
from ...inference.keys.records import KEY

SLOTTED = bpy.app.version >= (4, 4, 0)
UNSLOTTED = "0"  # mark of all there is in an Action before 4.4; handles of slots are other numbers
MEMORY = "facewright_baked"  # custom property of Actions that hold a bake: slot -> packed keys

_ZERO = ("easing", "type")  # 0 on a fresh key, and hardly ever anything else


@dataclass(frozen=True)
class SlotRef:
    """Where keys of one data-block live: an Action, and the slot in it (None before 4.4)."""

    block: bpy.types.ID
    action: bpy.types.Action
    slot: Any

    @property
    def fcurves(self) -> Any:
        """The collection of its F-curves."""
        if not SLOTTED:
            return self.action.fcurves
        if not self.action.layers:
            self.action.layers.new("Layer").strips.new(type="KEYFRAME")
        return self.action.layers[0].strips[0].channelbag(self.slot, ensure=True).fcurves

    @property
    def existing_fcurves(self) -> list[bpy.types.FCurve]:
        """Its F-curves; nothing is made where there are none."""
        if not SLOTTED:
            return list(self.action.fcurves)
        bags = [strip.channelbag(self.slot) for layer in self.action.layers for strip in layer.strips]
        return [curve for bag in bags if bag is not None for curve in bag.fcurves]

    @property
    def mark(self) -> str:
        """A text that stands for the slot, the same in a copy of the Action."""
        return str(self.slot.handle) if SLOTTED else UNSLOTTED

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks under which something may be remembered for the slot, the newest first.

        Blender 4.4 and later gives an Action saved by 4.2 one slot; what was remembered before lies under `UNSLOTTED`.
        """
        converted = SLOTTED and self.slot is not None and self.slot == self.action.slots[0]
        return (self.mark, UNSLOTTED) if converted else (self.mark,)


def slot_in_use(block: bpy.types.ID) -> SlotRef | None:
    """The Action in use, where it has a slot for this data-block."""
    return home_in(block.animation_data, block) if block.animation_data is not None else None


def new_slot(block: bpy.types.ID, label: str, name: str, action: bpy.types.Action | None) -> SlotRef:
    """Make room in an Action for a data-block that has none in it yet; a new Action where none can be shared.

    Parameters
    ----------
    block : bpy.types.ID
        Gets the keys.
    label : str
        What an artist calls it: shape keys themselves are all named "Key".
    name : str
        Of the Action, when a new one is needed.
    action : bpy.types.Action or None
        Gets the new slot, where Blender has slots; None for a new Action.
    """
    if not SLOTTED:
        own = bpy.data.actions.new(name_for(name, label))
        own.id_root = block.id_type
        return SlotRef(block, own, None)
    shared = action or bpy.data.actions.new(name_for(name, label))
    return SlotRef(block, shared, shared.slots.new(id_type=block.id_type, name=label))


def name_for(name: str, label: str) -> str:
    """The name of an Action with a place for `label`, which is in it where each data-block has its own Action."""
    return name if SLOTTED else f"{name} {label}"


def slot_by_key(block: bpy.types.ID, action: bpy.types.Action, mark: str) -> SlotRef:
    """A place in an Action by the mark of its slot: finds in a copy what the mark stands for in the original."""
    slots = action.slots if SLOTTED else ()
    slot = next((slot for slot in slots if mark in SlotRef(block, action, slot).marks), None)
    return SlotRef(block, action, slot)


def homes_in(action: bpy.types.Action, block: bpy.types.ID) -> list[SlotRef]:
    """The places that an Action has for data-blocks of this kind."""
    if not SLOTTED:
        return [SlotRef(block, action, None)] if action.id_root in (block.id_type, "UNSPECIFIED") else []
    return [
        SlotRef(block, action, slot) for slot in action.slots if slot.target_id_type in (block.id_type, "UNSPECIFIED")
    ]


def slots_for(block: bpy.types.ID) -> list[SlotRef]:
    """The places that the Action in use has for data-blocks of this kind; none where Actions have no slots."""
    action = block.animation_data.action if block.animation_data else None
    return homes_in(action, block) if SLOTTED and action is not None else []


def slots_of(action: bpy.types.Action) -> list[SlotRef]:
    """All places of an Action, of whatever data-blocks; the Action itself stands for these."""
    return [SlotRef(action, action, slot) for slot in action.slots] if SLOTTED else [SlotRef(action, action, None)]


def fcurves_by_kind(action: bpy.types.Action) -> list[tuple[str, list[bpy.types.FCurve]]]:
    """All F-curves of an Action, a list for each slot, with the kind of data-block it is for."""
    if not SLOTTED:
        return [(action.id_root, list(action.fcurves))]
    return [(home.slot.target_id_type, home.existing_fcurves) for home in slots_of(action)]


def home_in(user: bpy.types.AnimData | bpy.types.NlaStrip, block: bpy.types.ID) -> SlotRef | None:
    """Where the keys are that an NLA strip, or the data-block's own animation, plays for it; None without a slot."""
    if user.action is None or (SLOTTED and user.action_slot is None):
        return None
    return SlotRef(block, user.action, user.action_slot if SLOTTED else None)


def give(user: bpy.types.AnimData | bpy.types.NlaStrip, home: SlotRef) -> None:
    """Let an NLA strip, or a data-block's own animation, play the keys at `home`."""
    user.action = home.action
    if SLOTTED:
        user.action_slot = home.slot


def assign(home: SlotRef) -> None:
    """Put the Action and the slot at `home` in use on its data-block."""
    give(home.block.animation_data or home.block.animation_data_create(), home)


def read(curve: bpy.types.FCurve) -> np.ndarray:
    """All keys of a curve [shape=(K,), dtype=KEY]."""
    keys = np.zeros(len(curve.keyframe_points), KEY)
    for field in KEY.names or ():
        flat = np.empty(keys[field].size, keys[field].dtype)
        curve.keyframe_points.foreach_get(field, flat)
        keys[field] = flat.reshape(keys[field].shape)
    return keys


def write(curve: bpy.types.FCurve, keys: np.ndarray) -> None:
    """Make these the keys of a curve [shape=(K,), dtype=KEY]."""
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for field in KEY.names or ():
        column = keys[field]
        if field in _ZERO and not column.any():
            continue
        if field.startswith("handle_") and column.ndim == 2 and records.is_automatic(keys[f"{field}_type"]).all():
            continue  # Blender lays them
        points.foreach_set(field, np.ascontiguousarray(column).ravel())
    curve.update()
    for side in ("handle_left", "handle_right"):  # Blender has laid aligned ones anew, in single precision
        own = ~records.is_automatic(keys[f"{side}_type"])
        if own.any():
            laid = np.empty(keys[side].size, np.float32)
            points.foreach_get(side, laid)
            points.foreach_set(side, np.where(own[:, None], keys[side], laid.reshape(-1, 2)).ravel())


def is_locked(curve: bpy.types.FCurve) -> bool:
    """Whether the artist locked a curve, or the group it is in."""
    return curve.lock or (curve.group is not None and curve.group.lock)


def replace_keys(home: SlotRef, place: tuple[str, int], keys: np.ndarray, curve: bpy.types.FCurve | None) -> None:
    """Make these the keys at a place: its curve is made where there is none, and removed when no key is left."""
    if len(keys):
        write(curve or home.fcurves.new(place[0], index=place[1]), keys)
    elif curve is not None and not curve.modifiers:
        home.fcurves.remove(curve)
    elif curve is not None:
        curve.keyframe_points.clear()


def is_quaternion(path: str) -> bool:
    """Whether a data path is that of a quaternion, whose four numbers cannot be added one by one."""
    return path.endswith("rotation_quaternion")


def keep(action: bpy.types.Action) -> str:
    """Give an Action a fake user, so that it is saved even when unused; returns its name and what was done.

    A linked one is left alone: its library keeps it.
    """
    if action.library is not None:
        return f"'{action.name}' (linked, unchanged)"
    action.use_fake_user = True
    return f"'{action.name}' (kept with a fake user)"


def backup(action: bpy.types.Action, name: str) -> bpy.types.Action:
    """A copy of an Action, with a fake user."""
    copy = action.copy()
    copy.name, copy.use_fake_user = name, True
    return copy


def is_like(action: bpy.types.Action, other: bpy.types.Action) -> bool:
    """Whether two Actions hold the same keys, on curves of whatever names."""
    ours, theirs = (
        sorted((slot.mark, read(curve).tobytes()) for slot in slots_of(one) for curve in slot.existing_fcurves)
        for one in (action, other)
    )
    return ours == theirs


def action_name(block: bpy.types.ID) -> str:
    """Name of the Action in use, "" when there is none."""
    data = block.animation_data
    return data.action.name if data and data.action else ""


def fcurves_of(block: bpy.types.ID) -> list[bpy.types.FCurve]:
    """The F-curves that the Action in use holds for this data-block."""
    home = slot_in_use(block)
    return home.existing_fcurves if home is not None else []
