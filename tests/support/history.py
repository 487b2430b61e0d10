# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of Blender's history beside Blender's own: at each step, what is there must be what was there before.

It runs inside Blender, with or without a window, and knows of the extension only what its properties and operators are
called. The artist's own values and keys are in a record of its own.
"""

import random

import bpy

FRAMES = (1, 13, 30, 47)
SHAPES = ("jawOpen", "mouthSmileLeft", "browInnerUp", "mouthPucker")
CLOSE = 2e-5


def differs(name, expected, found):
    """Fail where two things are not the same, numbers within a hair."""
    if isinstance(expected, dict):
        assert expected.keys() == found.keys(), (name, expected.keys() ^ found.keys())
        for key, value in expected.items():
            differs(f"{name} {key}", value, found[key])
    elif isinstance(expected, float):
        assert abs(expected - found) < CLOSE, f"{name}: was {expected}, is {found}"
    else:
        assert expected == found, f"{name}: was {expected}, is {found}"


class History:
    """The history of some characters, and what the artist set on them by hand.

    Parameters
    ----------
    roots : list of str
        Names of the characters' roots.
    seed : int
        The same seed gives the same steps.
    call : callable
        Call an operator with arguments, as a window may have to be named.
    curves_of : callable
        The F-curves of a data-block's Action in use.
    path : str
        Where the scene is saved.
    """

    def __init__(self, roots, seed, call, curves_of, path):
        self.roots, self.random = roots, random.Random(seed)
        self.call, self.curves_of, self.path = call, curves_of, path
        for name in roots:
            self.root(name).facewright.preview = False
        self.own = {}
        for place in self.places():
            self.own[place] = self.random.choice([0.0, 0.125, 0.5])
            self.block(place).path_resolve(place[1]).value = self.own[place]
        self.done, self.steps, self.now = [], [], -1
        self.pushes("begin")

    def root(self, name=""):
        return bpy.data.objects[name or self.random.choice(self.roots)]

    def faces(self, name):
        """The sets of shape keys of a character."""
        family = [bpy.data.objects[name], *bpy.data.objects[name].children_recursive]
        keys = {obj.data.shape_keys for obj in family if getattr(obj.data, "shape_keys", None)}
        return sorted(keys, key=lambda one: one.name)

    def places(self):
        """The shape keys that the artist moves: name of the set, and path."""
        return [
            (keys.name, f'key_blocks["{shape}"]')
            for name in self.roots
            for keys in self.faces(name)
            for shape in SHAPES
            if shape in keys.key_blocks
        ]

    def block(self, place):
        return bpy.data.shape_keys[place[0]]

    def values(self):
        """All values of shape keys and bones as they are now."""
        seen = {}
        for keys in bpy.data.shape_keys:
            if "facewright_double" not in keys.user:
                seen |= {(keys.name, one.name): one.value for one in keys.key_blocks}
        for obj in bpy.data.objects:
            for bone in obj.pose.bones if obj.pose else ():
                numbers = [*bone.location, *bone.rotation_quaternion, *bone.rotation_euler, *bone.scale]
                seen |= {(obj.name, bone.name, k): number for k, number in enumerate(numbers)}
        return seen

    def on_frames(self):
        scene = bpy.context.scene
        before, seen = scene.frame_current, {}
        for frame in FRAMES:
            scene.frame_set(frame)
            seen[frame] = self.values()
        scene.frame_set(before)
        return seen

    def keys(self):
        """All keys of Actions in use: name of the data-block, path and index -> frames and values."""
        seen = {}
        for block in [*bpy.data.shape_keys, *bpy.data.objects]:
            if block.animation_data and block.animation_data.action:
                for curve in self.curves_of(block):
                    keys = [(*point.co, point.interpolation) for point in curve.keyframe_points]
                    seen[block.name, curve.data_path, curve.array_index] = keys
        return seen

    def seen(self):
        """What can be seen now, without a change of frame first."""
        bpy.context.view_layer.update()
        now, scene = self.values(), bpy.context.scene
        scene.frame_set(scene.frame_current)
        differs("seen at once", self.values(), now)
        return {
            "frame": scene.frame_current,
            "now": now,
            "on": [self.root(name).facewright.preview for name in self.roots],
            "take": [self.root(name).facewright.take_index for name in self.roots],
            "line": [self.root(name).facewright.line_index for name in self.roots],
            "begins": [self.root(name).facewright.frame for name in self.roots],
            "takes": [[take.name for take in self.root(name).facewright.takes] for name in self.roots],
            "jaw": [self.root(name).facewright.slider_jaw for name in self.roots],
            "keys": self.keys(),
            "actions": sorted(action.name for action in bpy.data.actions),
            "values": self.on_frames(),
        }

    def pushes(self, message):
        """Let Blender remember a step, as it does after each operator, and remember it here."""
        self.call(bpy.ops.ed.undo_push, message=message)
        self.now += 1
        self.steps[self.now :] = [(dict(self.own), self.seen())]

    def looks(self):
        """Compare what is there with what was there at this step."""
        own, before = self.steps[self.now]
        scene = bpy.context.scene
        if scene.frame_current != before["frame"]:  # Blender itself shows what undo read back at the step's frame then
            scene.frame_set(scene.frame_current)
        self.own, seen = dict(own), self.seen()
        same_frame = seen.pop("frame") == before["frame"]
        for name, value in seen.items():
            if name != "now" or same_frame:
                differs(name, before[name], value)
        if self.random.random() < 0.5:
            self.looks_at_own_values()

    def looks_at_own_values(self):
        """Without previews, what no curve moves has the artist's own values, and the rest those of its curves."""
        roots = [self.root(name) for name in self.roots if self.root(name).facewright.preview]
        for root in roots:
            root.facewright.preview = False
        frame = bpy.context.scene.frame_current
        bpy.context.view_layer.update()
        for place, own in self.own.items():
            curves = {curve.data_path: curve for curve in self.curves_of(self.block(place))}
            path = f"{place[1]}.value"
            expected = curves[path].evaluate(frame) if path in curves else own
            differs(place, expected, self.block(place).path_resolve(path))
        for root in roots:
            root.facewright.preview = True

    def owner(self, place):
        return next(name for name in self.roots if place[0] in [keys.name for keys in self.faces(name)])
