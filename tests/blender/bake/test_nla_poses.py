# SPDX-License-Identifier: GPL-3.0-or-later

"""Poses in the NLA: a strip for each Action with its influence keyed, edited, baked anew and taken back."""

import bpy
import pytest
from support.characters import only, random_motion, value
from support.puppets import RHUBARB, TURN, baked, jaw, lip, pose

from facewright.addon.bake import influences, unbake
from facewright.addon.bake.mode import NEW, STRIPS
from facewright.addon.blender import actions as keyframes
from facewright.addon.character import character
from facewright.addon.targets.kinds import actions
from facewright.inference.core.channels import VISEMES
from facewright.inference.core.errors import RigError


def strips_of(block):
    return {track.name: track.strips[0] for track in block.animation_data.nla_tracks}


def test_poses_as_strips_play_the_actions_themselves(puppet, scene):
    report = baked(puppet, only(viseme_aa=1.0), into=STRIPS)
    assert report.poses == 9 and str(report).startswith("Laid 9 poses into the NLA, frames 1 to ")
    assert lip(puppet) == pytest.approx(0.03, abs=1e-6) and jaw(puppet) == pytest.approx(TURN * 3 / 8, abs=1e-4)
    strips = strips_of(puppet)
    assert set(strips) == {"Facewright poses", *(f"Facewright pose {letter}" for letter in RHUBARB)}
    assert strips["Facewright pose D"].action == bpy.data.actions["D"]
    curve = next(
        one
        for one in keyframes.slot_by_key(puppet, bpy.data.actions["D"], pose_mark(puppet, "D")).existing_fcurves
        if "location" in one.data_path
    )
    curve.keyframe_points[0].co.y = 0.1  # a pose corrected later shows at once
    curve.update()
    scene.frame_set(2)
    scene.frame_set(1)
    assert lip(puppet) == pytest.approx(0.1, abs=1e-6)


def pose_mark(block, name):
    return actions.home_in(bpy.data.actions[name], block).mark


def test_strips_move_as_the_keys_of_a_plain_bake_do(puppet, scene):
    motion = random_motion(40)
    said = []
    for into in (NEW, STRIPS):
        baked(puppet, motion, into=into)
        scene.frame_set(9)
        said.append((lip(puppet), jaw(puppet)))
        unbake.unbake(character.find(puppet, scene))
    assert said[1] == (pytest.approx(said[0][0], abs=1e-6), pytest.approx(said[0][1], rel=0.03))


def test_edited_influences_survive_and_are_taken_back(puppet, scene):
    puppet.pose.bones["spine"].location.x = 2.0
    walk = keyframes.new_slot(puppet, "Puppet", "stroll", None)
    walk.fcurves.new("location", index=0).keyframe_points.insert(1, 5.0)
    walk.fcurves.new('pose.bones["lip \\"L\\""].location', index=0).keyframe_points.insert(1, 0.2)
    keyframes.assign(walk)
    actions_before = set(bpy.data.actions.keys())
    motion = random_motion(40)
    baked(puppet, motion, into=STRIPS)
    assert puppet.animation_data.action is None  # laid below, since it moves the lip, too
    edited = influences.influence(puppet, "D")
    edited.keyframe_points[4].co.y = 0.111
    edited.update()
    frame = int(edited.keyframe_points[4].co.x)
    assert baked(puppet, motion, into=STRIPS).kept == 1
    assert influences.influence(puppet, "D").evaluate(frame) == pytest.approx(0.111)
    scene.frame_set(9)
    assert puppet.location.x == 5 and puppet.pose.bones["spine"].location.x == 2
    edited = influences.influence(puppet, "D")
    edited.keyframe_points[4].co.y = 0.222
    edited.update()
    unbake.unbake(character.find(puppet, scene))  # the second bake, and what was edited since
    assert influences.influence(puppet, "D").evaluate(frame) == pytest.approx(0.111)
    unbake.unbake(character.find(puppet, scene))
    scene.frame_set(1)
    assert puppet.animation_data.action == walk.action
    kept = list(puppet.animation_data.nla_tracks)  # what was edited, muted
    assert [(track.name, track.mute) for track in kept] == [("Unbaked D", True), ("Unbaked D 2", True)]
    found = [track.strips[0].fcurves.find("influence").evaluate(frame) for track in kept]
    assert found == pytest.approx([0.222, 0.111])
    assert set(bpy.data.actions.keys()) == actions_before
    assert lip(puppet) == pytest.approx(0.2, abs=1e-6) and jaw(puppet) == 0


def test_strips_of_shape_keys_rest_at_zero_and_the_rest_is_baked_as_usual(rig, make_mesh, scene):
    face = make_mesh("face", ["open wide", "eyeBlinkLeft", "eyeBlinkRight"])
    face.modifiers.new("Armature", "ARMATURE").object = rig
    for number, name in enumerate(VISEMES):
        pose(face.data.shape_keys, name, {('key_blocks["open wide"].value', 0): number / 20})
    assert baked(face, only(eyeBlinkLeft=0.5, viseme_PP=1.0), into=STRIPS).curves == 2
    assert value(face, "open wide") == pytest.approx(VISEMES.index("viseme_PP") / 20)
    assert value(face, "eyeBlinkLeft") == pytest.approx(0.5)
    unbake.unbake(character.find(face, scene))
    scene.frame_set(1)
    assert face.data.shape_keys.animation_data is None
    assert value(face, "open wide") == 0 and value(face, "eyeBlinkLeft") == 0
    baked(face, only(), into=STRIPS)
    assert value(face, "open wide") == 0


def test_strips_without_poses_say_what_to_do(make_mesh, scene):
    face = make_mesh("face", VISEMES)
    with pytest.raises(RigError, match="has no Actions that pose its mouth"):
        baked(face, only(), into=STRIPS)
    assert not bpy.data.actions


def test_every_bake_as_strips_is_taken_back_by_one_unbake(rig, make_mesh, scene):
    face = make_mesh("face", ["open wide", "eyeBlinkLeft", "eyeBlinkRight"])
    face.modifiers.new("Armature", "ARMATURE").object = rig
    for number, name in enumerate(VISEMES):
        pose(face.data.shape_keys, name, {('key_blocks["open wide"].value', 0): number / 20})
        pose(rig, f"bones_{name}", {('pose.bones["jaw"].location', 2): 0.1 * number})

    def stand():
        scene.frame_set(2)
        scene.frame_set(1)
        return value(face, "eyeBlinkLeft"), value(face, "open wide"), rig.pose.bones["jaw"].location.z

    number = VISEMES.index("viseme_aa")
    first, second = (0.5, number / 20, 0.1 * number), (0.25, 0.5 * number / 20, 0.05 * number)
    for item in (bpy.ops.facewright.mapping_match(),) and rig.facewright.mapping:
        item.curve = "linear"
    before = set(bpy.data.actions.keys())
    baked(face, only(eyeBlinkLeft=0.5, viseme_aa=1.0), into=STRIPS)
    assert stand() == pytest.approx(first)
    baked(face, only(eyeBlinkLeft=0.25, viseme_aa=0.5), into=STRIPS)
    assert stand() == pytest.approx(second)
    baked(face, only(eyeBlinkLeft=0.25, viseme_aa=1.0), into=NEW)  # keys on the controls win over strips
    assert stand() == pytest.approx((0.25, *first[1:]))
    for there in (second, first, (0, 0, 0)):
        unbake.unbake(character.find(face, scene))
        assert stand() == pytest.approx(there)
    assert set(bpy.data.actions.keys()) == before and rig.animation_data is None
