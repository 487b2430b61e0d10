# SPDX-License-Identifier: GPL-3.0-or-later
"""Another take beside the character: shown whole, never saved, and nothing of it left."""

import shutil

import bpy
import pytest
from support.characters import random_motion, value
from support.made_takes import made_up, of

from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import compare, preview
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT, CHANNELS


def check_nothing_is_left(before):
    assert {obj.name for obj in bpy.data.objects} == before
    assert not [one for kind in (bpy.data.meshes, bpy.data.collections) for one in kind if compare.MARK in one]
    assert compare.COLLECTION not in bpy.data.collections


def test_compare_shows_another_take_beside_and_leaves_nothing(face, scene):
    root = made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    preview.start(scene, character.find(face, scene), store.get(root))
    assert bpy.ops.facewright.take_compare(index=1) == {"FINISHED"}
    (double,) = compare.doubles(root)
    its_face = next(obj for obj in double.children if obj.data.shape_keys and len(obj.data.shape_keys.key_blocks) > 50)
    assert its_face.data != face.data and its_face.hide_render and its_face.hide_select
    assert double.location.x < root.location.x - 1
    for frame in (5, 30):
        scene.frame_set(frame)
        for obj, place in ((face, 0), (its_face, 1)):
            expected = of(root, place).motion.at([(frame - 1) / 24])[0][CHANNELS.index("browInnerUp")]
            assert value(obj, "browInnerUp") == pytest.approx(expected, abs=1e-5)
    root.facewright.take_index = 1
    assert preview.shown(double) is of(root, 1)
    assert bpy.ops.facewright.take_compare_end() == {"FINISHED"}
    check_nothing_is_left(before)
    assert root.facewright.take_mix.other == "Take 2"


def test_a_comparison_is_not_saved_and_goes_on_after_saving(face, scene, tmp_path):
    root = made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    bpy.ops.facewright.take_compare(index=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    (double,) = compare.doubles(root)
    assert preview.shown(double) is of(root, 1)
    copy = shutil.copy(tmp_path / "shot.blend", tmp_path / "copy.blend")
    with bpy.data.libraries.load(str(copy)) as (there, _):
        assert set(there.objects) == before and len(there.meshes) == 3
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    check_nothing_is_left(before)


def test_undo_and_redo_of_a_comparison(face, scene):
    made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.take_compare(index=1)
    bpy.ops.ed.undo_push(message="compare")
    bpy.ops.ed.undo()
    check_nothing_is_left(before)
    bpy.context.scene.frame_set(3)
    bpy.ops.ed.redo()
    (double,) = compare.doubles()
    assert preview.shown(double) is of(bpy.data.objects["Bob"], 1)
    bpy.ops.facewright.take_compare_end()
    check_nothing_is_left(before)


def test_a_character_with_armature_and_drivers_is_doubled_whole(make_mesh, scene):
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(armature)
    obj = make_mesh("Ann", ARKIT)
    obj.modifiers.new("Armature", "ARMATURE").object = armature
    target = obj.data.shape_keys.key_blocks["tongueOut"].driver_add("value").driver.variables.new().targets[0]
    target.id, target.data_path = armature, "location.x"
    store.add(armature, [store.Take(random_motion(50, seed=k), Speech("/a.wav"), k, "CPU") for k in (0, 1)])
    bpy.ops.facewright.take_compare(index=1)
    (double,) = compare.doubles(armature)
    its = next(
        one for one in bpy.data.objects if one.get(compare.MARK) == double[compare.MARK] and one.data != double.data
    )
    assert its.modifiers[0].object == double
    assert its.data.shape_keys.animation_data.drivers[0].driver.variables[0].targets[0].id == double
    assert obj.modifiers[0].object == armature and target.id == armature
    assert its.location.x < -0.5
