# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths in Blender: which drawing is seen on a frame, in Grease Pencil, image sequences and swapped objects."""

import bpy
import numpy as np
import pytest
from support.drawn_mouths import (  # fmt: skip
    RHUBARB,
    SEEN,
    bake_it,
    curves,
    grease_pencil,
    held_still,
    modifier_of,
    motion,
    over_time,
    seen_layers,
    sequence,
)

from facewright.addon.bake import unbake
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character, mapping
from facewright.addon.preflight import inspection
from facewright.addon.preview import preview
from facewright.addon.takes import store
from facewright.addon.targets import drawings
from facewright.inference.core.errors import RigError
from facewright.inference.retarget.rig import Line


def test_a_time_offset_shows_the_drawing_of_each_sound(mouth):
    who = character.find(mouth, bpy.context.scene)
    assert who.convention.startswith("Rhubarb A-H, X") and who.coverage == "14 of 14 channels on 1 object"
    report = bake_it(mouth)
    assert not report.warnings
    shown = over_time(lambda: seen_layers(mouth))
    assert shown == {frame: dict.fromkeys(("Lines", "Fills"), RHUBARB.index(name) + 1) for frame, name in SEEN.items()}
    (curve,) = curves(mouth).values()
    assert {key.interpolation for key in curve.keyframe_points} == {"CONSTANT"}
    frames = np.array([key.co[0] for key in curve.keyframe_points])
    assert (np.diff(frames) >= 2).all() and (frames % 1 == 0).all()
    assert len(frames) == 7 == report.keys  # six drawings, and the end


@pytest.mark.parametrize("key", ["preston_blair", "oculus"])
def test_as_many_drawings_as_a_set_has_are_that_set_in_its_order(scene, key):
    names = [target.name for target in drawings.sets()[key].targets]
    obj = grease_pencil("Mouth", ["Lines"], range(101, 101 + len(names)))
    bake_it(obj)
    closed = {"preston_blair": "MBP", "oculus": "viseme_PP"}[key]
    rest = {"preston_blair": "rest", "oculus": "viseme_sil"}[key]
    shown = over_time(lambda: names[seen_layers(obj)["Lines"] - 101])
    assert shown[21] == closed and shown[2] == shown[45] == rest


def test_drawings_are_known_by_timeline_markers(scene):
    obj = grease_pencil("Face", ["Lines"], (3, 5, 8, 20, 31))
    for name, frame in (("MBP", 31), ("AI", 3), ("rest", 8), ("U", 5), ("FV", 20)):
        scene.timeline_markers.new(name, frame=frame)
    bake_it(obj)
    shown = over_time(lambda: seen_layers(obj)["Lines"])
    assert shown == {2: 8, 8: 8, 13: 3, 17: 3, 21: 31, 28: 5, 36: 20, 45: 8}


def test_what_is_no_mouth_is_left_alone(scene):
    obj = grease_pencil("Hand", ["Lines"], range(1, 10))  # nine drawings of something
    with pytest.raises(RigError, match="Nothing tells which drawing of 'Hand' is which mouth"):
        character.find(obj, scene)
    assert bpy.ops.facewright.drawings_in_order(mouths="rhubarb") == {"FINISHED"}
    bake_it(obj)
    assert over_time(lambda: seen_layers(obj)["Lines"]) == {f: RHUBARB.index(name) + 1 for f, name in SEEN.items()}


@pytest.mark.parametrize("scripted", [False, True])
def test_a_bone_property_that_drives_the_modifier_is_keyed_in_its_place(mouth, scripted):
    scene = bpy.context.scene
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = rig.data.edit_bones.new("ctrl.mouth")
    bone.tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.pose.bones["ctrl.mouth"]["the mouth"] = 3
    shadow = grease_pencil("Bob mouth shadow", ["Lines"], range(1, 10))
    for obj in (shadow, mouth):
        driver = modifier_of(obj).driver_add("offset").driver
        driver.type, driver.expression = ("SCRIPTED", "shape") if scripted else ("AVERAGE", "")
        variable = driver.variables.new()
        variable.name = "shape"
        variable.targets[0].id, variable.targets[0].data_path = rig, 'pose.bones["ctrl.mouth"]["the mouth"]'
        obj.parent = rig
    report = bake_it(mouth)
    assert not report.warnings
    assert list(curves(rig)) == [('pose.bones["ctrl.mouth"]["the mouth"]', 0)]
    assert over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1]) == SEEN
    assert over_time(lambda: RHUBARB[seen_layers(shadow)["Lines"] - 1]) == SEEN
    take = store.Take(motion(), Speech("", 0.0, None, 1.0), 0, "")
    who = character.find(mouth, scene)
    assert not [one for one in inspection.inspect(scene, who) if one.check not in ("sound", "unmapped")]
    unbake.unbake(who)
    assert rig.pose.bones["ctrl.mouth"]["the mouth"] == 3
    preview.start(scene, character.find(mouth, scene), take)
    assert over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1]) == SEEN
    preview.stop(mouth)
    line = Line("viseme_aa", "ctrl.mouth", kind="rotation_x")  # the bone turns, too: both in one Action
    mapping.store(rig, (*character.find(mouth, scene).parts[0].rig.lines, line))
    assert bake_it(mouth).curves >= 2
    inspection.inspect(scene, character.find(mouth, scene))
    assert over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1]) == SEEN
    mapping.store(rig, ())
    driver.type, driver.expression = "SCRIPTED", "shape * 2"  # facewright does not work out what it would take
    assert "chosen by a driver, which wins over keys" in " ".join(bake_it(mouth).warnings)


def test_layers_named_after_mouths_are_shown_and_hidden(scene):
    obj = grease_pencil("Bob", ["Face", *(f"Mouth {name}" for name in RHUBARB)], fixed=False)
    assert character.find(obj, scene).convention.startswith("Rhubarb A-H, X")
    bake_it(obj)
    shown = over_time(lambda: set(seen_layers(obj)))
    assert shown == {frame: {"Face", f"Mouth {name}"} for frame, name in SEEN.items()}
    assert len(curves(obj.data)) == 9


def test_a_material_shows_the_image_of_each_sound(plane, tmp_path):
    held_still(plane)
    report = bake_it(plane)
    assert not report.warnings
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    camera.location.z, camera.data.type, camera.data.ortho_scale, scene.camera = 3, "ORTHO", 1, camera
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(tmp_path / "seen.png")

    def look():
        bpy.ops.render.render(write_still=True)
        picture = bpy.data.images.load(scene.render.filepath)
        picture.colorspace_settings.name = "Non-Color"
        number = round(picture.pixels[0] * 10)
        bpy.data.images.remove(picture)
        return RHUBARB[number - 1]

    assert over_time(look) == SEEN


def test_an_image_empty_shows_the_image_of_each_sound(scene, pictures):
    obj = bpy.data.objects.new("Mouth", None)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.empty_display_type, obj.data = "IMAGE", sequence(pictures)
    held_still(obj)
    bake_it(obj)

    def look():
        user = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).image_user
        return RHUBARB[user.frame_offset]  # frame_current may be late: Blender orders the two only for node trees

    assert over_time(look) == SEEN


def test_files_of_no_usual_number_wait_for_the_artist(scene, pictures):
    for number in (1, 2):
        (pictures / f"mouth_0{number + 7}.png").unlink()
    obj = bpy.data.objects.new("Mouth", None)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.empty_display_type, obj.data = "IMAGE", sequence(pictures)
    with pytest.raises(RigError, match="Choose it under Drawn Mouth"):
        character.find(obj, scene)
    bpy.ops.facewright.drawings_in_order(mouths="rhubarb")
    (part,) = character.find(obj, scene).parts
    assert [mouth.name for mouth in part.rig.mouths] == list("1234567")


def test_objects_named_after_mouths_are_swapped(scene, make_mesh):
    root = bpy.data.objects.new("Bob", None)
    scene.collection.objects.link(root)
    for name in RHUBARB:
        make_mesh(f"Bob mouth {name}", [], parent=root)
    make_mesh("Bob nose", [], parent=root)
    bpy.context.view_layer.objects.active = root
    assert bake_it(root).curves == 18

    def look():
        seen = {one.object.name for one in bpy.context.evaluated_depsgraph_get().object_instances} - {"Bob"}
        in_render = {obj.name for obj in scene.objects if not obj.hide_render} - {"Bob"}
        assert seen == in_render
        return seen

    assert over_time(look) == {frame: {"Bob nose", f"Bob mouth {name}"} for frame, name in SEEN.items()}


def test_three_set_ups_of_one_character_say_the_same(scene, plane):
    held_still(plane)
    mouth = grease_pencil("Mouth", ["Lines"], range(1, 10), parent=plane)
    side = grease_pencil("Mouth from the side", ["Lines"], range(1, 10), parent=plane)
    bake_it(mouth)
    tree = plane.data.materials[0].node_tree
    offset = tree.nodes["Image Texture"].image_user

    def look():
        return seen_layers(mouth)["Lines"], seen_layers(side)["Lines"], offset.frame_offset + 1

    assert over_time(look) == {f: (RHUBARB.index(name) + 1,) * 3 for f, name in SEEN.items()}
    if actions.SLOTTED:  # one Action for all
        assert mouth.animation_data.action == side.animation_data.action == tree.animation_data.action
