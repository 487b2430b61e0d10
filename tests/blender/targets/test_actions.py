# SPDX-License-Identifier: GPL-3.0-or-later
"""A pose Action for each mouth shape: recognised by name, mixed by weight, keyed on the artist's own controls."""

import bpy
import pytest
from support.characters import only, random_motion, value
from support.puppets import RHUBARB, TURN, baked, jaw, lip, pose

from facewright.addon.bake import unbake
from facewright.addon.bake.mode import ADDITIVE, SPARSE
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character, mapping
from facewright.addon.preflight import inspection
from facewright.addon.takes import store
from facewright.addon.ui.styles import learn
from facewright.inference.core.channels import VISEMES
from facewright.inference.core.errors import RigError


def test_rhubarbs_actions_are_recognised_and_the_poses_appear(puppet, scene):
    who = character.find(puppet, scene)
    assert who.convention.startswith("Rhubarb") and who.coverage.endswith("on poses") and not who.missing
    assert who.channels <= set(VISEMES)
    assert [part.obj for part in who.parts] == [puppet]
    report = baked(puppet, only(viseme_aa=1.0))  # D
    assert report.curves == 5  # a quaternion and a lip; what no pose moves is not keyed
    assert jaw(puppet) == pytest.approx(TURN * 3 / 8, abs=1e-5) and lip(puppet) == pytest.approx(0.03, abs=1e-6)
    baked(puppet, only(viseme_FF=1.0))  # G
    assert jaw(puppet) == pytest.approx(TURN * 6 / 8, abs=1e-5) and lip(puppet) == pytest.approx(0.06, abs=1e-6)
    baked(puppet, only())
    assert jaw(puppet) == 0 and lip(puppet) == 0


def test_poses_mix_by_their_weights(puppet):
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    for item in puppet.facewright.mapping:
        item.curve = "linear"
    baked(puppet, only(viseme_aa=0.5, viseme_FF=0.25))
    assert lip(puppet) == pytest.approx(0.5 * 0.03 + 0.25 * 0.06, abs=1e-6)
    assert jaw(puppet) == pytest.approx(TURN * (0.5 * 3 + 0.25 * 6) / 8, rel=0.01)


def test_unbake_undo_and_hand_edits(puppet, scene, speech):
    before = {action.name for action in bpy.data.actions}
    motion = random_motion(40)
    baked(puppet, motion, keys=SPARSE)
    curve = next(one for one in actions.fcurves_of(puppet) if "location" in one.data_path)
    curve.keyframe_points[2].co.y = 0.5
    curve.update()
    frame = int(curve.keyframe_points[2].co.x)
    assert baked(puppet, motion, keys=SPARSE).kept == 1
    scene.frame_set(frame)
    assert lip(puppet) == pytest.approx(0.5, abs=1e-5)
    unbake.unbake(character.find(puppet, scene))
    unbake.unbake(character.find(puppet, scene))
    assert puppet.animation_data is None and jaw(puppet) == 0
    assert before <= {action.name for action in bpy.data.actions}
    store.store(puppet, store.Take(random_motion(20), Speech("", str(speech), 1.0, 0.0, None), 0, ""))
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facewright.bake() == {"FINISHED"}
    bpy.ops.ed.undo_push(message="bake")
    bpy.ops.ed.undo()
    assert bpy.data.objects["Puppet"].animation_data is None


def test_the_preview_shows_the_poses_and_puts_the_bones_back(puppet, speech):
    puppet.pose.bones["spine"].location.x = 2.0
    store.store(puppet, store.Take(only(viseme_aa=1.0), Speech("", str(speech), 1.0, 0.0, None), 0, ""))
    puppet.facewright.preview = True
    bpy.context.view_layer.update()
    assert lip(puppet) == pytest.approx(0.03, abs=1e-6)
    puppet.facewright.preview = False
    bpy.context.view_layer.update()
    assert lip(puppet) == 0 and jaw(puppet) == pytest.approx(0, abs=1e-6)
    assert puppet.pose.bones["spine"].location.x == 2.0


def test_an_added_strip_lays_the_poses_over_a_walk(puppet, scene):
    walk = actions.new_slot(puppet, "Puppet", "stroll", None)
    walk.fcurves.new('pose.bones["lip \\"L\\""].location', index=0).keyframe_points.insert(1, 0.2)
    actions.assign(walk)
    baked(puppet, only(viseme_aa=1.0), into=ADDITIVE, blend=0)
    assert lip(puppet) == pytest.approx(0.23, abs=1e-5)
    assert jaw(puppet) == pytest.approx(TURN * 3 / 8, abs=1e-4)
    unbake.unbake(character.find(puppet, scene))
    scene.frame_set(1)
    assert lip(puppet) == pytest.approx(0.2, abs=1e-5)


def test_poses_of_shape_keys_and_of_a_rig_go_together(puppet, make_mesh, scene):
    face = make_mesh("face", ["open wide", "fix"])
    face.modifiers.new("Armature", "ARMATURE").object = puppet
    for number, letter in enumerate(RHUBARB):
        pose(face.data.shape_keys, f"face_{letter}", {('key_blocks["open wide"].value', 0): number / 10})
    lines = character.matched_lines(character.family(puppet, scene))
    assert {line.target for line in lines if line.kind == "action"} >= {*RHUBARB, *(f"face_{one}" for one in RHUBARB)}
    baked(face, only(viseme_aa=1.0))
    assert value(face, "open wide") == pytest.approx(0.3) and lip(puppet) == pytest.approx(0.03, abs=1e-6)


@pytest.mark.skipif(not actions.SLOTTED, reason="Actions have slots since Blender 4.4")
def test_one_action_with_a_slot_for_the_rig_and_one_for_the_shapes(rig, make_mesh, scene):
    face = make_mesh("face", ["open wide"])
    face.modifiers.new("Armature", "ARMATURE").object = rig
    for number, name in enumerate(VISEMES):
        action = pose(rig, name, {('pose.bones["jaw"].location', 2): 0.1 * number})
        key = actions.new_slot(face.data.shape_keys, "face", name, action)
        key.fcurves.new('key_blocks["open wide"].value', index=0).keyframe_points.insert(1, number / 20)
    report = baked(rig, only(viseme_PP=1.0))
    number = VISEMES.index("viseme_PP")
    assert report.curves == 2 and len(report.actions) == 1
    assert value(face, "open wide") == pytest.approx(number / 20)
    assert rig.pose.bones["jaw"].location.z == pytest.approx(0.1 * number)


def test_shape_keys_that_poses_move_are_looked_at_before(rig, make_mesh, scene, speech):
    face = make_mesh("face", ["open wide", "eyeBlinkLeft"])
    face.facewright.filepath = str(speech)
    for number, name in enumerate(VISEMES):
        pose(face.data.shape_keys, name, {('key_blocks["open wide"].value', 0): number / 10})
    face.data.shape_keys.key_blocks["open wide"].mute = True
    found = {one.check: one.text for one in inspection.inspect(scene, character.find(face, scene))}
    assert "shape keys are muted: open wide" in found["muted_key"]
    assert "sliders end before the motion does: open wide" in found["slider"]
    for check in ("muted_key", "slider"):
        assert bpy.ops.facewright.mend(check=check) == {"FINISHED"}
    baked(face, only(viseme_U=1.0, eyeBlinkLeft=0.5))
    assert value(face, "open wide") == pytest.approx(VISEMES.index("viseme_U") / 10)
    assert value(face, "eyeBlinkLeft") == pytest.approx(0.5)


def test_poses_that_cannot_play_are_said_and_mended(puppet, scene, speech):
    puppet.facewright.filepath = str(speech)
    puppet.pose.bones["jaw"].rotation_mode = "XYZ"
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    bpy.data.actions.remove(bpy.data.actions["G"])
    said = {one.text for one in inspection.inspect(scene, character.find(puppet, scene)) if one.check == "pose"}
    assert any("No Action of this name poses anything here: G." in text for text in said)
    assert any("another rotation mode than bones have: jaw." in text for text in said)
    assert bpy.ops.facewright.mend(check="pose") == {"FINISHED"}
    assert puppet.pose.bones["jaw"].rotation_mode == "QUATERNION"
    baked(puppet, only(viseme_aa=1.0))
    assert jaw(puppet) == pytest.approx(TURN * 3 / 8, abs=1e-5)


def test_poses_rest_below_a_face_that_speaks_and_a_bake_is_no_pose(puppet, make_mesh, scene):
    face = make_mesh("face", VISEMES)
    face.modifiers.new("Armature", "ARMATURE").object = puppet
    assert [part.obj for part in character.find(face, scene).parts] == [face]
    bpy.ops.facewright.mapping_match()
    assert {line.use for line in mapping.stored(puppet) if line.kind == "action"} == {False}
    mapping.store(puppet, [])
    bpy.data.objects.remove(face)
    baked(puppet, only(viseme_aa=1.0))
    bpy.data.actions.remove(bpy.data.actions["C"])
    puppet.animation_data.action.name = "C"  # what we baked is never taken for a pose
    found = character.matched_lines([puppet])
    assert {line.target for line in found if line.kind == "action"} == set(RHUBARB) - {"C"}
    assert not any(line.use for line in found if line.kind != "action")  # the jaw is the poses'


def test_a_style_is_not_learned_from_mixed_poses(puppet, scene):
    baked(puppet, only(viseme_aa=1.0))
    with pytest.raises(RigError, match="Learn from recorded curves instead"):
        learn.animated(character.find(puppet, scene), 1, 20, timeline_of(scene, 1.0))
