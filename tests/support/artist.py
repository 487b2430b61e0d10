# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist at work on a small character, at random but reproducibly, who keeps a list of every key set by hand.

The list is the artist's own: nothing of facewright is asked what it remembers. `Artist.look` compares it with the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from facewright.addon.bake import bake, unbake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.addon.takes.store import Take
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.motion import Motion
from support.characters import make_mesh

SHAPES = {"face": ("jawOpen", "mouthClose", "mouthFunnel", "mouthSmileLeft", "wrinkles"), "teeth": ("jawOpen",)}
FEW = {"keys": "SPARSE", "interpolation": "BEZIER"}
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


class Artist:
    """One artist, one scene, one random sequence of steps.

    Parameters
    ----------
    motion : Motion
        What the character says.
    folder : Path
        Where the scene is saved.
    seed : int
        The same seed gives the same steps.
    """

    def __init__(self, motion, folder, seed):
        self.random = np.random.default_rng(seed)
        self.motion, self.path = motion, str(folder / "shot.blend")
        self.names = {shape: {shape} for shapes in SHAPES.values() for shape in shapes}  # all that each ever had
        self.keys: set[HandKey] = set()
        self.holes: set[tuple[str, str, float]] = set()  # object, shape, frame of baked keys that were deleted
        self.done: list[str] = []
        root = bpy.data.objects.new("Bob", None)
        bpy.context.scene.collection.objects.link(root)
        for name, shapes in SHAPES.items():
            obj = make_mesh(name, shapes, parent=root, faces=2)
            obj["was"] = name
        self._take(0.5)

    # What there is

    @property
    def objects(self):
        """The meshes that are left, by the names they had first."""
        return {obj["was"]: obj for obj in bpy.context.scene.objects if "was" in obj}

    @property
    def who(self):
        return character.find(self.objects["face"], bpy.context.scene)

    def _pick(self, things):
        things = list(things)
        return things[self.random.integers(len(things))]

    def _now(self, obj, shape):
        """The name of a shape key today."""
        return next((one.name for one in obj.data.shape_keys.key_blocks if one.name in self.names[shape]), None)

    def _curves(self):
        """Curves of the Actions in use: object, shape, curve."""
        found = []
        for was, obj in self.objects.items():
            curves = {one.data_path: one for one in actions.fcurves_of(obj.data.shape_keys)}
            for shape in self.names:
                path = place_of(obj.data.shape_keys, self._now(obj, shape))
                if path in curves and len(curves[path].keyframe_points):
                    found.append((was, shape, curves[path]))
        return found

    def _held_at(self):
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

    # Steps of the artist's own

    def _set_key(self, was, shape, point, handle=""):
        key = HandKey(was, shape, point.co[0], point.co[1], point.interpolation, point.easing, handle)
        self.keys.add(key)

    def _drop(self, was, shape, point):
        """Forget the key that the artist is about to change; it was baked where it is not in the list."""
        mine = {
            key for key in self.keys if (key.obj, key.shape) == (was, shape) and abs(key.frame - point.co[0]) < 0.01
        }
        self.keys -= {key for key in mine if abs(key.value - point.co[1]) < CLOSE}
        return not mine

    def inserts_a_key(self):
        """Between frames on a curve there is, or the first of a curve."""
        was, shape = self._pick([(was, shape) for was in self.objects for shape in SHAPES[was]])
        block = self.objects[was].data.shape_keys
        shape_key = block.key_blocks[self._now(self.objects[was], shape)]
        frame, shape_key.value = round(float(self.random.uniform(1, 80)), 1), float(self.random.random())
        shape_key.keyframe_insert("value", frame=frame)
        curve = next(c for c in actions.fcurves_of(block) if c.data_path == place_of(block, shape_key.name))
        point = min(curve.keyframe_points, key=lambda one: abs(one.co[0] - frame))
        self.keys -= {k for k in self.keys if (k.obj, k.shape) == (was, shape) and abs(k.frame - frame) < 0.05}
        self._set_key(was, shape, point)

    def _changes(self, change, handle=""):
        was, shape, curve = self._pick(self._curves())
        number = int(self.random.integers(len(curve.keyframe_points)))
        point = curve.keyframe_points[number]
        old, baked = float(point.co[0]), self._drop(was, shape, point)
        change(point)
        curve.update()
        point = min(curve.keyframe_points, key=lambda one: abs(one.co[0] - point.co[0]))
        self._set_key(was, shape, point, handle)
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
        field, kind = self._pick(
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
        was, shape, curve = self._pick(self._curves())
        for _ in range(min(2, len(curve.keyframe_points) - 1)):
            point = self._pick(curve.keyframe_points)
            frame = float(point.co[0])
            if self._drop(was, shape, point):
                self.holes.add((was, shape, frame))
            curve.keyframe_points.remove(point)
        curve.update()

    def mutes_and_locks_a_curve(self):
        _, _, curve = self._pick(self._curves())
        curve.mute, curve.lock = not curve.mute, bool(self.random.random() < 0.3)

    def renames_a_shape_key(self):
        was, shape = self._pick([(was, shape) for was in self.objects for shape in SHAPES[was]])
        name = f"{self._pick(['ARKit.', 'Face:', ''])}{shape[0].swapcase()}{shape[1:]}"
        if name not in self.objects[was].data.shape_keys.key_blocks and all(
            name not in names for one, names in self.names.items() if one != shape
        ):
            block = self.objects[was].data.shape_keys.key_blocks[self._now(self.objects[was], shape)]
            block.name = name
            self.names[shape].add(name)

    def renames_things(self):
        number = int(self.random.integers(1000))
        for thing in (self._pick(bpy.data.objects), self._pick(bpy.data.meshes), self._pick(bpy.data.shape_keys)):
            thing.name = f"{self._pick(['Ann', 'hero_GEO', 'x'])}{number}"
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

    def changes_the_frame_rate(self):
        bpy.context.scene.render.fps = int(self._pick([24, 25, 30]))

    def puts_another_action_in_use(self):
        obj = self._pick(self.objects.values())
        block = obj.data.shape_keys
        data = block.animation_data or block.animation_data_create()
        if data.action is not None and "facewright_baked" not in data.action:
            data.action.use_fake_user = True  # as an artist does with Actions of no bake
        kept = [one for one in bpy.data.actions if actions.homes_in(one, block)]
        actions.assign(actions.new_slot(block, obj.name, "mine", self._pick([None, self._pick([None, *kept])])))
        self.holes.clear()

    def pushes_down(self):
        data = self._pick(self.objects.values()).data.shape_keys.animation_data
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

    # Steps of facewright

    def _take(self, part):
        motion = replace(self.motion, values=self.motion.values[: int(len(self.motion.values) * part)])
        values = np.clip(motion.values * self.random.uniform(0.7, 1.3), 0, 1)
        made = Take(Motion(values, motion.channels, motion.fps), Speech("/none.wav"), 0, "CPU")
        store.add(character.family_root(self.objects["face"]), [made])
        root = character.family_root(self.objects["face"])
        store.choose(root, len(store.items(root)) - 1)

    def _facewright(self, work):
        """Let facewright do something; what was in use or in a strip must be so still, or be named with its Action."""
        before = self._held_at()
        try:
            said = str(work())
        except FacewrightError:
            said = ""
        after, lost = self._held_at(), []
        for key, held in after.items():
            if not any(held.values()) and any(before[key].values()):
                lost += [] if any(f"'{name}'" in said for name in held) else [key]
        assert not lost, f"{lost} are in no Action in use, and none was named: {said}"
        return said

    def _bakes(self, **mode):
        if self.random.random() < 0.6:
            self._take(float(self._pick([0.2, 0.35, 0.5])))
        mine = self._keys_on_baked_curves()
        scene = bpy.context.scene
        said = self._facewright(lambda: self._all_named(bake.bake(scene, self.who, Mode(**mode))))
        assert said, "the bake was refused"
        if mode.get("into") == "ADDITIVE":
            self.holes.clear()
        elif "Replaced" not in said:
            gone = mine - self._keys_on_baked_curves()
            assert not gone, f"{gone} are not in the Action in use any more"
        self.look_at_holes()

    def _keys_on_baked_curves(self):
        """The keys of the list that are on curves in use which a bake has written, or beside such."""
        found = set()
        for was, shape, curve in self._curves():
            home = actions.slot_in_use(self.objects[was].data.shape_keys)
            if home.mark in home.action.get("facewright_baked", {}):
                mine = [key for key in self.keys if (key.obj, key.shape) == (was, shape)]
                found |= {key for key in mine if any(key.is_at(point) for point in curve.keyframe_points)}
        return found

    def _all_named(self, report):
        """The report with all Actions that it names, of which the sentence of the panel has the first two."""
        return f"{report} {' '.join(report.previous)}"

    def bakes_a_new_action(self):
        self._bakes(**self._pick([{}, FEW]))

    def bakes_into_the_action_in_use(self):
        self._bakes(into="EXISTING", **self._pick([{}, FEW]))

    def bakes_a_range(self):
        self._bakes(into=self._pick(["EXISTING", "NEW"]), span=(8, 22), **self._pick([{}, FEW]))

    def bakes_into_the_nla(self):
        self._bakes(into="ADDITIVE", **self._pick([{}, FEW]))

    def takes_a_bake_back(self):
        self._facewright(lambda: unbake.unbake(self.who))
        self.holes.clear()

    # The comparison

    def look(self):
        """Every key that the artist made is in an Action of the file."""
        lost = [key for key, held in self._held_at().items() if not held]
        assert not lost, f"lost: {lost}"

    def look_at_holes(self):
        """No baked key is back where the artist deleted one from the Action in use."""
        for was, shape, curve in self._curves():
            frames = [float(point.co[0]) for point in curve.keyframe_points]
            mine = {key.frame for key in self.keys if key.shape == shape}
            for owner, which, frame in self.holes:
                back = [one for one in frames if abs(one - frame) < 0.02]
                if (owner, which) == (was, shape) and not any(abs(frame - one) < 0.02 for one in mine):
                    assert not back, f"the key of {shape} on '{was}' at {frame} is back"

    def works(self, steps):
        """Do a number of steps, and look after each; then save and open three times, as what has no user would go."""
        all_steps = [getattr(self, name) for name in STEPS]
        weights = np.array([*STEPS.values()], float)
        self.bakes_a_new_action()
        for _ in range(steps):
            step = all_steps[self.random.choice(len(all_steps), p=weights / weights.sum())]
            if not self._curves() and step.__name__ in NEED_CURVES:
                continue
            self.done.append(step.__name__)
            step()
            self.look()
        for _ in range(3):
            self.saves_and_opens()
            self.look()


STEPS = {
    "inserts_a_key": 4,
    "changes_a_value": 4,
    "moves_a_key": 2,
    "rewrites_an_interpolation": 2,
    "deletes_keys": 3,
    "mutes_and_locks_a_curve": 1,
    "renames_a_shape_key": 1,
    "renames_things": 1,
    "parents_the_character": 1,
    "changes_the_frame_rate": 1,
    "puts_another_action_in_use": 1,
    "pushes_down": 1,
    "deletes_or_joins_the_teeth": 1,
    "saves_and_opens": 1,
    "bakes_a_new_action": 3,
    "bakes_into_the_action_in_use": 3,
    "bakes_a_range": 2,
    "bakes_into_the_nla": 1,
    "takes_a_bake_back": 4,
    "separates_a_piece": 1,
}
NEED_CURVES = {
    "changes_a_value",
    "moves_a_key",
    "rewrites_an_interpolation",
    "deletes_keys",
    "mutes_and_locks_a_curve",
}
