# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces of bones: Rigify's own rig is recognised, baked and moves the right way; any rotation mode, any size."""

import subprocess
import sys

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support.characters import value

from facewright.addon.bake import bake
from facewright.addon.character import character, mapping
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.motion import Motion


def only(channel, value=1.0):
    values = np.zeros((2, len(CHANNELS)), np.float32)
    values[:, CHANNELS.index(channel)] = value
    return Motion(values, CHANNELS, 24.0)


def tails(rig, *names):
    """Where bones end now, in the space of the armature."""
    posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return [Vector(posed.pose.bones[name].tail) for name in names]


def moved(rig, channel, *names, strength=1.0):
    """How far bones travel when one channel alone is baked."""
    scene = bpy.context.scene
    bake.bake_motion(scene, character.find(rig, scene), only(channel, 0.0), frame=1.0, name="rest")
    scene.frame_set(1)
    rest = tails(rig, *names)
    bake.bake_motion(scene, character.find(rig, scene), only(channel, strength), frame=1.0, name="speech")
    scene.frame_set(1)
    return [now - before for now, before in zip(tails(rig, *names), rest, strict=True)]


MAKE_RIGIFY = """
import os, sys, bpy
bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
bpy.ops.preferences.addon_enable(module="rigify")
bpy.ops.object.armature_human_metarig_add()
metarig = bpy.context.object
bpy.ops.pose.rigify_generate()
bpy.data.objects.remove(metarig)
for text in list(bpy.data.texts):
    bpy.data.texts.remove(text)  # the panel of the rig, a script
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
os._exit(0)  # with Rigify enabled, bpy 4.5 as a module hangs when it ends
"""


@pytest.fixture(scope="module")
def rigify_file(tmp_path_factory):
    """A .blend with the rig that Rigify makes from its human metarig; in a process of its own, for it leaves traces."""
    path = tmp_path_factory.mktemp("rigify") / "rigify.blend"
    command = [sys.executable, "-c", MAKE_RIGIFY, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert path.exists(), run.stdout + run.stderr
    return path


@pytest.fixture
def rigify(scene, rigify_file):
    bpy.ops.wm.open_mainfile(filepath=str(rigify_file))
    rig = next(obj for obj in bpy.data.objects if obj.type == "ARMATURE")
    bpy.context.view_layer.objects.active = rig
    return rig


def test_rigify_is_recognised_and_covered(rigify):
    who = character.find(rigify, bpy.context.scene)
    assert who.convention == "Rigify face, 100 %"
    assert who.missing == ()
    assert who.coverage.endswith("channels on face bones")
    assert who.root == rigify


def test_rigify_moves_the_right_way(rigify):
    length = rigify.data.bones["jaw_master"].length
    (chin,) = moved(rigify, "jawOpen", "DEF-chin")
    assert chin.z < -0.1 * length  # down
    left, right = moved(rigify, "mouthSmileLeft", "lips.L", "lips.R")
    assert left.x > 0.02 * length and left.z > 0.03 * length
    assert right.length < 0.3 * left.length
    left, right = moved(rigify, "mouthPucker", "lips.L", "lips.R")
    assert left.x < -0.02 * length and right.x > 0.02 * length
    (lid,) = moved(rigify, "eyeBlinkLeft", "lid.T.L.002")
    assert lid.z < -0.05 * length
    (brow,) = moved(rigify, "browInnerUp", "brow.T.L.003")
    assert brow.z > 0.03 * length
    (top,) = moved(rigify, "headPitch", "head", strength=0.3)
    assert top.y < -0.1 * rigify.data.bones["head"].length  # forward: down
    (top,) = moved(rigify, "headRoll", "head", strength=0.3)
    assert top.x < -0.1 * rigify.data.bones["head"].length  # to the character's own right
    (nose,) = moved(rigify, "headYaw", "nose", strength=0.3)
    assert nose.x < 0  # turns to the character's own right
    (eyes,) = moved(rigify, "leftEyeYaw", "eyes", strength=0.3)
    assert eyes.x < 0
    (eyes,) = moved(rigify, "leftEyePitch", "eyes", strength=0.3)
    assert eyes.z < 0  # down


def test_the_turn_is_the_same_in_every_rotation_mode(rigify):
    bone = rigify.pose.bones["head"]
    turns = {}
    for mode in ("QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"):
        bone.rotation_mode = mode
        moved(rigify, "headYaw", "head", strength=0.4)
        turns[mode] = bone.matrix_channel.to_3x3().to_quaternion().angle
    assert list(turns.values()) == pytest.approx([0.4] * 4, abs=1e-4)


def test_bones_rest_where_shape_keys_make_the_mouth(rigify, make_mesh):
    face = make_mesh("face", ARKIT)
    face.modifiers.new("Armature", "ARMATURE").object = rigify
    who = character.find(face, bpy.context.scene)
    assert who.root == rigify
    assert [part.obj for part in who.parts] == [face]
    bpy.ops.facewright.mapping_match()
    lines = mapping.stored(rigify)
    assert {line.use for line in lines if line.kind != "shape_key"} == {False}
    index = next(i for i, line in enumerate(lines) if line.channel == "headYaw")
    rigify.facewright.mapping[index].use = True  # the head may turn all the same
    assert character.find(face, bpy.context.scene).channels == {*ARKIT, "headYaw"}
    bake.bake_motion(
        bpy.context.scene, character.find(face, bpy.context.scene), only("jawOpen"), frame=1.0, name="speech"
    )
    bpy.context.scene.frame_set(1)
    assert value(face, "jawOpen") == pytest.approx(1)


def test_see_a_line_of_a_bone_at_one(rigify):
    bpy.ops.facewright.mapping_match()
    index = next(i for i, line in enumerate(mapping.stored(rigify)) if line.channel == "jawOpen")
    assert bpy.ops.facewright.mapping_test(index=index) == {"FINISHED"}
    assert rigify.pose.bones["jaw_master"].rotation_quaternion.x == pytest.approx(np.sin(0.2))
