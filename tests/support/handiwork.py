# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist does by hand to a small character, at random but reproducibly, and lists every key set by hand."""

from __future__ import annotations

import bpy

from facewright.addon.blender import actions
from support.hand_keys import SHAPES, Ledger, place_of


class Handiwork(Ledger):
    """The steps of the artist's own; each method is one.

    Parameters
    ----------
    path : str
        Where the scene is saved.
    seed : int
        The same seed gives the same steps.
    """

    def __init__(self, path, seed):
        super().__init__(seed)
        self.path = path

    def inserts_a_key(self):
        """Between frames on a curve there is, or the first of a curve."""
        was, shape = self.pick([(was, shape) for was in self.objects for shape in SHAPES[was]])
        block = self.objects[was].data.shape_keys
        shape_key = block.key_blocks[self.now(self.objects[was], shape)]
        frame, shape_key.value = round(float(self.random.uniform(1, 80)), 1), float(self.random.random())
        shape_key.keyframe_insert("value", frame=frame)
        curve = next(c for c in actions.fcurves_of(block) if c.data_path == place_of(block, shape_key.name))
        point = min(curve.keyframe_points, key=lambda one: abs(one.co[0] - frame))
        self.keys -= {k for k in self.keys if (k.obj, k.shape) == (was, shape) and abs(k.frame - frame) < 0.05}
        self.set_key(was, shape, point)

    def _changes(self, change, handle=""):
        was, shape, curve = self.pick(self.curves())
        number = int(self.random.integers(len(curve.keyframe_points)))
        point = curve.keyframe_points[number]
        old, baked = float(point.co[0]), self.drop(was, shape, point)
        change(point)
        frame = float(point.co[0])
        curve.update()  # which sorts the keys: they are others then
        point = min(curve.keyframe_points, key=lambda one: abs(one.co[0] - frame))
        self.set_key(was, shape, point, handle)
        if baked and abs(point.co[0] - old) > 0.1:
            self.holes.add((was, shape, old))

    def changes_a_value(self):
        value = float(self.random.random())

        def change(point):
            point.co[1] = value

        self._changes(change)

    def moves_a_key(self):
        def change(point):
            point.co[0] += 0.4

        self._changes(change)

    def rewrites_an_interpolation(self):
        field, kind = self.pick(
            [
                ("interpolation", "CONSTANT"),
                ("interpolation", "BOUNCE"),
                ("easing", "EASE_IN"),
                ("handle_left_type", "VECTOR"),
            ]
        )

        def change(point):
            setattr(point, field, kind)

        self._changes(change, kind if field == "handle_left_type" else "")

    def deletes_keys(self):
        was, shape, curve = self.pick(self.curves())
        for _ in range(min(2, len(curve.keyframe_points) - 1)):
            point = self.pick(curve.keyframe_points)
            frame = float(point.co[0])
            if self.drop(was, shape, point):
                self.holes.add((was, shape, frame))
            curve.keyframe_points.remove(point)
        curve.update()

    def mutes_and_locks_a_curve(self):
        _, _, curve = self.pick(self.curves())
        curve.mute, curve.lock = not curve.mute, bool(self.random.random() < 0.3)

    def renames_a_shape_key(self):
        was, shape = self.pick([(was, shape) for was in self.objects for shape in SHAPES[was]])
        name = f"{self.pick(['ARKit.', 'Face:', ''])}{shape[0].swapcase()}{shape[1:]}"
        if name not in self.objects[was].data.shape_keys.key_blocks and all(
            name not in names for one, names in self.names.items() if one != shape
        ):
            block = self.objects[was].data.shape_keys.key_blocks[self.now(self.objects[was], shape)]
            block.name = name
            self.names[shape].add(name)

    def renames_things(self):
        number = int(self.random.integers(1000))
        for thing in (self.pick(bpy.data.objects), self.pick(bpy.data.meshes), self.pick(bpy.data.shape_keys)):
            thing.name = f"{self.pick(['Ann', 'hero_GEO', 'x'])}{number}"
        for action in bpy.data.actions:
            if self.random.random() < 0.3:
                action.name = f"act{number}"

    def parents_the_character(self):
        root = self.objects["face"].parent or self.objects["face"]
        above = bpy.data.objects.new("Stage", None)
        bpy.context.scene.collection.objects.link(above)
        if root.parent is None and root.type == "EMPTY":
            root.parent = above
        elif root.type == "EMPTY":
            for obj in self.objects.values():
                obj.parent = None

    def changes_a_key_of_a_strip(self):
        """As in tweak mode, in which no bake is made."""
        found = []
        for was, obj in self.objects.items():
            data = obj.data.shape_keys.animation_data
            for strip in [strip for track in data.nla_tracks for strip in track.strips] if data else []:
                home = actions.home_in(strip, data.id_data)
                curves = {one.data_path: one for one in home.existing_fcurves} if home is not None else {}
                paths = {shape: place_of(None, self.now(obj, shape)) for shape in self.names}
                found += [(was, shape, curves[path]) for shape, path in paths.items() if path in curves]
        if found:
            was, shape, curve = self.pick(found)
            point = self.pick(curve.keyframe_points)
            self.drop(was, shape, point)
            point.co[1], frame = float(self.random.random()), float(point.co[0])
            curve.update()
            self.set_key(was, shape, min(curve.keyframe_points, key=lambda one: abs(one.co[0] - frame)))

    def locks_a_range(self):
        markers = bpy.context.scene.timeline_markers
        markers.clear()
        if self.random.random() < 0.7:
            begin = int(self.random.integers(1, 30))
            markers.new("facewright lock", frame=begin)
            markers.new("facewright unlock", frame=begin + 15)

    def changes_the_frame_rate(self):
        bpy.context.scene.render.fps = int(self.pick([24, 25, 30]))

    def puts_another_action_in_use(self):
        obj = self.pick(self.objects.values())
        block = obj.data.shape_keys
        data = block.animation_data or block.animation_data_create()
        if data.action is not None and "facewright_baked" not in data.action:
            data.action.use_fake_user = True  # as an artist does with Actions of no bake
        kept = [one for one in bpy.data.actions if actions.homes_in(one, block)]
        actions.assign(actions.new_slot(block, obj.name, "mine", self.pick([None, self.pick([None, *kept])])))
        self.holes.clear()

    def pushes_down(self):
        data = self.pick(self.objects.values()).data.shape_keys.animation_data
        if data is not None and data.action is not None:
            home = actions.home_in(data, data.id_data)
            if home is not None:
                strip = data.nla_tracks.new().strips.new("pushed", 1, data.action)
                actions.give(strip, home)
                data.action = None
        self.holes.clear()

    def deletes_or_joins_the_teeth(self):
        if "teeth" not in self.objects or self.random.random() < 0.5:
            return
        face, teeth = self.objects["face"], self.objects["teeth"]
        if self.random.random() < 0.5:
            bpy.data.objects.remove(teeth)
        else:
            bpy.ops.object.select_all(action="DESELECT")
            face.select_set(True)
            teeth.select_set(True)
            bpy.context.view_layer.objects.active = face
            bpy.ops.object.join()
        self.holes = {hole for hole in self.holes if hole[0] == "face"}

    def separates_a_piece(self):
        """A triangle of the face becomes a mesh of its own, which Blender gives the shape keys and their Action."""
        face = self.objects["face"]
        if len(face.data.polygons) > 1:
            bpy.ops.object.select_all(action="DESELECT")
            face.select_set(True)
            bpy.context.view_layer.objects.active = face
            for vertex in face.data.vertices:
                vertex.select = False
            for polygon in face.data.polygons:
                polygon.select = polygon.index == 1
            bpy.ops.object.mode_set(mode="EDIT")
            bpy.ops.mesh.separate(type="SELECTED")
            bpy.ops.object.mode_set(mode="OBJECT")
            for obj in bpy.context.selected_objects:
                if obj != face:
                    del obj["was"]

    def saves_and_opens(self):
        bpy.ops.wm.save_as_mainfile(filepath=self.path)
        bpy.ops.wm.open_mainfile(filepath=self.path)
