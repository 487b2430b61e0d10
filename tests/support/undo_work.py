# SPDX-License-Identifier: GPL-3.0-or-later
"""Random work with undo and redo on characters that speak; it runs inside Blender, with or without a window."""

import contextlib

import bpy

from support.history import SHAPES, History


class UndoWork(History):
    """One artist at work on some characters that have two takes or more; each method is a step."""

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

    def switches_the_preview(self):
        root = self.root()
        root.facewright.preview = not root.facewright.preview

    def clicks_a_take(self):
        root = self.root()
        root.facewright.take_index = self.random.randrange(len(root.facewright.takes))
        assert root.facewright.preview

    def clicks_a_line(self):
        root = self.root()
        root.facewright.line_index = self.random.randrange(len(root.facewright.lines))

    def moves_a_line(self):
        self.root().facewright.frame = round(self.random.uniform(1, 40), 1)

    def renames_a_shape_key(self):
        place = self.random.choice([*self.own])
        if bpy.data.objects[self.owner(place)].facewright.preview:
            return  # it would stand still until the preview is shown anew
        keys = self.block(place)
        one = self.random.choice([one for one in keys.key_blocks if one.name not in SHAPES])
        one.name = one.name.removesuffix(".L") if one.name.endswith(".L") else f"{one.name}.L"

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
    "clicks_a_line": 2,
    "moves_a_line": 2,
    "renames_a_shape_key": 1,
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
