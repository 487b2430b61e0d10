# SPDX-License-Identifier: GPL-3.0-or-later
"""The list that an artist keeps of the keys set by hand, and its comparison with what is in the file.

Nothing of facewright is asked what it remembers.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from facewright.addon.blender import actions
from support.characters import make_mesh

SHAPES = {"face": ("jawOpen", "mouthClose", "mouthFunnel", "mouthSmileLeft", "wrinkles"), "teeth": ("jawOpen",)}
CLOSE = 1e-4


@dataclass(frozen=True)
class HandKey:
    """A key that the artist made: on which object and shape (by their first names), where, and how it goes on."""

    obj: str
    shape: str
    frame: float
    value: float
    interpolation: str
    easing: str
    handle: str = ""  # type of the left one, where the artist chose it

    def is_at(self, point):
        """Whether a key of an Action is this one."""
        near = abs(point.co[0] - self.frame) < 0.01 and abs(point.co[1] - self.value) < CLOSE
        same = (point.interpolation, point.easing) == (self.interpolation, self.easing)
        return near and same and self.handle in ("", point.handle_left_type)


def place_of(block, shape):
    return f'key_blocks["{shape}"].value'


class Ledger:
    """A small character, and the list of keys set by hand on it.

    Parameters
    ----------
    seed : int
        The same seed gives the same choices.
    """

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.names = {shape: {shape} for shapes in SHAPES.values() for shape in shapes}  # all that each ever had
        self.keys: set[HandKey] = set()
        self.holes: set[tuple[str, str, float]] = set()  # object, shape, frame of baked keys that were deleted
        root = bpy.data.objects.new("Bob", None)
        bpy.context.scene.collection.objects.link(root)
        for name, shapes in SHAPES.items():
            make_mesh(name, shapes, parent=root, faces=2)["was"] = name

    # What there is

    @property
    def objects(self):
        """The meshes that are left, by the names they had first."""
        return {obj["was"]: obj for obj in bpy.context.scene.objects if "was" in obj}

    def pick(self, things):
        things = list(things)
        return things[self.random.integers(len(things))]

    def now(self, obj, shape):
        """The name of a shape key today."""
        return next((one.name for one in obj.data.shape_keys.key_blocks if one.name in self.names[shape]), None)

    def curves(self):
        """Curves of the Actions in use: object, shape, curve."""
        found = []
        for was, obj in self.objects.items():
            curves = {one.data_path: one for one in actions.fcurves_of(obj.data.shape_keys)}
            for shape in self.names:
                path = place_of(obj.data.shape_keys, self.now(obj, shape))
                if path in curves and len(curves[path].keyframe_points):
                    found.append((was, shape, curves[path]))
        return found

    def held_at(self):
        """Where every key of the list is: Action names, and whether it is in use or in a strip of the NLA."""
        wanted = {(key.shape, round(key.frame, 2)): [] for key in self.keys}
        paths = {place_of(None, name): shape for shape, names in self.names.items() for name in names}
        played = set()
        for block in bpy.data.shape_keys:
            data = block.animation_data
            if data is not None:
                strips = [strip for track in data.nla_tracks for strip in track.strips]
                played |= {one.action for one in (data, *strips) if one.action is not None}
        for action in bpy.data.actions:
            for slot in actions.slots_of(action):
                for curve in slot.existing_fcurves:
                    shape = paths.get(curve.data_path)
                    for point in curve.keyframe_points:
                        if (at := (shape, round(point.co[0], 2))) in wanted:
                            wanted[at].append((point, action))
        held = {}
        for key in self.keys:
            found = wanted[key.shape, round(key.frame, 2)]
            same = [action for point, action in found if key.is_at(point)]
            held[key] = {action.name: action in played for action in same}
        return held

    def set_key(self, was, shape, point, handle=""):
        key = HandKey(was, shape, point.co[0], point.co[1], point.interpolation, point.easing, handle)
        self.keys.add(key)

    def drop(self, was, shape, point):
        """Forget the key that the artist is about to change; it was baked where it is not in the list."""
        mine = {
            key for key in self.keys if (key.obj, key.shape) == (was, shape) and abs(key.frame - point.co[0]) < 0.01
        }
        self.keys -= {key for key in mine if abs(key.value - point.co[1]) < CLOSE}
        return not mine

    def keys_on_baked_curves(self):
        """The keys of the list that are on curves in use which a bake has written, or beside such."""
        found = set()
        for was, shape, curve in self.curves():
            home = actions.slot_in_use(self.objects[was].data.shape_keys)
            if home.mark in home.action.get("facewright_baked", {}):
                mine = [key for key in self.keys if (key.obj, key.shape) == (was, shape)]
                found |= {key for key in mine if any(key.is_at(point) for point in curve.keyframe_points)}
        return found

    # The comparison

    def look(self):
        """Every key that the artist made is in an Action of the file."""
        lost = [key for key, held in self.held_at().items() if not held]
        assert not lost, f"lost: {lost}"

    def look_at_holes(self):
        """No baked key is back where the artist deleted one , but those that hold a lock in shape."""
        borders = [marker.frame for marker in bpy.context.scene.timeline_markers]
        for was, shape, curve in self.curves():
            frames = [float(point.co[0]) for point in curve.keyframe_points]
            mine = [*(key.frame for key in self.keys if key.shape == shape), *borders]
            for owner, which, frame in self.holes:
                back = [one for one in frames if abs(one - frame) < 0.02]
                if (owner, which) == (was, shape) and not any(abs(frame - one) < 0.02 for one in mine):
                    assert not back, f"the key of {shape} on '{was}' at {frame} is back"
