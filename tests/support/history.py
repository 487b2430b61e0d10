# SPDX-License-Identifier: GPL-3.0-or-later
"""Random work with undo and redo: at each step of Blender's history, what is there must be what was there before.

It runs inside Blender, with or without a window, and knows of the extension only what its properties and operators are
called. The artist's own values and keys are in a record of its own.
"""

import contextlib
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
    """One artist at work on some characters that have two takes or more.

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

    # Steps

    def sets_a_value(self):
        place = self.free_place()
        if place is not None:
            self.own[place] = round(self.random.random(), 3)
            self.block(place).path_resolve(place[1]).value = self.own[place]

    def free_place(self):
        """A shape key that neither a preview nor a curve moves."""
        place = self.random.choice([*self.own])
        moved = {curve.data_path for curve in self.curves_of(self.block(place))}
        shown = bpy.data.objects[self.owner(place)].facewright.preview
        return None if shown or f"{place[1]}.value" in moved else place

    def inserts_a_key(self):
        place = self.random.choice([*self.own])
        key = self.block(place).path_resolve(place[1])
        self.scrubs()
        key.value = round(self.random.random(), 3)
        key.keyframe_insert("value")

    def owner(self, place):
        return next(name for name in self.roots if place[0] in [keys.name for keys in self.faces(name)])

    def switches_the_preview(self):
        root = self.root()
        root.facewright.preview = not root.facewright.preview

    def clicks_a_take(self):
        root = self.root()
        root.facewright.take_index = self.random.randrange(len(root.facewright.takes))
        assert root.facewright.preview

    def drags_a_slider(self):
        self.root().facewright.slider_jaw = round(self.random.uniform(0.5, 1.4), 2)

    def scrubs(self):
        bpy.context.scene.frame_set(self.random.randint(1, 60))

    def bakes(self):
        self.chooses(self.root())
        bpy.context.scene.facewright_bake.into = self.random.choice(["NEW", "EXISTING"])
        self.call(bpy.ops.facewright.bake)

    def takes_a_bake_back(self):
        self.chooses(self.root())
        with contextlib.suppress(RuntimeError):  # nothing is baked
            self.call(bpy.ops.facewright.unbake)

    def chooses(self, root):
        family = [root, *root.children_recursive]
        bpy.context.view_layer.objects.active = next(obj for obj in family if obj.type == "MESH")

    def moves_the_character(self):
        self.root().location.x += 1

    def adds_a_lamp(self):
        lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
        bpy.context.scene.collection.objects.link(lamp)

    def changes_the_mode(self):
        if bpy.context.mode == "OBJECT":
            self.chooses(self.root())
            self.call(bpy.ops.object.mode_set, mode=self.random.choice(["EDIT", "SCULPT"]))
        else:
            self.call(bpy.ops.object.mode_set, mode="OBJECT")

    def selects_all(self):
        self.call(bpy.ops.mesh.select_all, action=self.random.choice(["SELECT", "DESELECT"]))

    def saves_and_opens(self):
        bpy.ops.wm.save_as_mainfile(filepath=self.path)
        self.looks()  # saving has changed nothing
        bpy.ops.wm.open_mainfile(filepath=self.path, load_ui=False)
        self.steps, self.now = [], -1
        assert not any(self.root(name).facewright.preview for name in self.roots)
        self.looks_at_own_values()

    def goes_back(self):
        for _ in range(self.away("goes_back")):
            self.call(bpy.ops.ed.undo)
            self.has_moved(-1)

    def goes_forward(self):
        for _ in range(self.away("goes_forward")):
            self.call(bpy.ops.ed.redo)
            self.has_moved(1)

    def away(self, name):
        """How many steps to go back or forward."""
        return min(self.random.randint(1, 5), self.now if name == "goes_back" else len(self.steps) - 1 - self.now)

    def has_moved(self, steps):
        """Blender has taken a step back (-1) or brought one again (1)."""
        self.now += steps
        self.looks()

    def picks(self):
        """The name of what to do next."""
        names = MODES.get(bpy.context.mode, STEPS)
        self.done.append(self.random.choices([*names], [*names.values()])[0])
        return self.done[-1]

    def does(self, name):
        getattr(self, name)()
        if name not in NO_STEP:
            self.pushes(name)


NO_STEP = {"scrubs", "goes_back", "goes_forward"}
IN_EDIT_MODE = {  # where Blender remembers what is done to meshes alone
    "changes_the_mode": 3,
    "selects_all": 2,
    "scrubs": 1,
    "goes_back": 3,
    "goes_forward": 2,
}
IN_SCULPT_MODE = {
    "changes_the_mode": 3,
    "clicks_a_take": 2,
    "switches_the_preview": 2,
    "drags_a_slider": 1,
    "scrubs": 1,
    "goes_back": 3,
    "goes_forward": 2,
}
MODES = {"EDIT_MESH": IN_EDIT_MODE, "SCULPT": IN_SCULPT_MODE}
STEPS = {
    "sets_a_value": 3,
    "inserts_a_key": 2,
    "switches_the_preview": 4,
    "clicks_a_take": 4,
    "drags_a_slider": 2,
    "scrubs": 3,
    "bakes": 3,
    "takes_a_bake_back": 2,
    "moves_the_character": 1,
    "adds_a_lamp": 1,
    "changes_the_mode": 1,
    "saves_and_opens": 1,
    "goes_back": 8,
    "goes_forward": 5,
}
