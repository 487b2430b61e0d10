# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones and objects of any rig: own axes, every rotation mode, scale, locks and limits; heads and eyes by name."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Quaternion, Vector
from support.characters import only, random_motion

from facewright.addon.bake import bake, unbake
from facewright.addon.character import character, mapping
from facewright.addon.preflight import inspection
from facewright.addon.targets.registry import targets
from facewright.addon.targets.rotations import axes_and_angles, quaternions
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.retarget.rig import Line


@pytest.fixture
def rig(scene):
    """A neck and head that lean and are rolled, with an eye on each side: no axis of theirs is one of the world's."""
    data = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    neck = data.edit_bones.new("neck")
    neck.head, neck.tail, neck.roll = (0, 0, 1), (0.1, -0.2, 1.5), 0.7
    for name, head, tail, roll in (
        ("mixamorig:Head", (0.1, -0.2, 1.5), (0, 0, 2), 0.4),
        ("eye.L", (0.1, -0.3, 1.7), (0.15, -0.5, 1.7), 0.2),
        ("eye.R", (-0.1, -0.3, 1.7), (-0.15, -0.5, 1.7), 1.2),
    ):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail, bone.roll, bone.parent = head, tail, roll, neck
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def bind(root, *lines):
    mapping.store(root, lines)


def baked(obj, motion):
    scene = bpy.context.scene
    report = bake.bake_motion(scene, character.find(obj, scene), motion, frame=1.0, name="speech")
    scene.frame_set(1)
    return report


def posed(rig, bone):
    """What a bone does to its own rest, seen by the depsgraph, in the bone's own axes."""
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    now, rest = evaluated.pose.bones[bone], rig.data.bones[bone]
    above, parent = (now.parent.matrix, rest.parent.matrix_local) if now.parent else (Matrix(), Matrix())
    return (parent.inverted() @ rest.matrix_local).inverted() @ above.inverted() @ now.matrix


def turned(direction, matrix):
    return np.array(matrix.to_3x3() @ Vector(direction))


def turn(axis, channel, bone="neck", gain=1.0, **more):
    return Line(channel, bone, gain, low=-3.0, high=3.0, kind=f"rotation_{axis}", **more)


@pytest.mark.parametrize("mode", ["QUATERNION", "AXIS_ANGLE", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"])
def test_a_turn_about_one_own_axis_is_just_that_in_every_mode(rig, mode):
    rig.pose.bones["neck"].rotation_mode = mode
    for number, axis in enumerate("xyz"):
        bind(rig, turn(axis, "headYaw"))
        baked(rig, only(headYaw=0.8))
        wanted = Quaternion(np.eye(3)[number].tolist(), 0.8).to_matrix()
        np.testing.assert_allclose(posed(rig, "neck").to_3x3(), wanted, atol=1e-5)
        unbake.unbake(character.find(rig, bpy.context.scene))


@pytest.mark.parametrize("mode", ["QUATERNION", "AXIS_ANGLE"])
def test_turns_about_three_axes_are_one_rotation_vector_on_every_frame(rig, mode, scene):
    rig.pose.bones["neck"].rotation_mode = mode
    bind(rig, turn("x", "headPitch"), turn("y", "headYaw", gain=-1.0), turn("z", "headRoll"))
    motion = random_motion(40)
    values = motion.values.copy() - 0.5  # both ways
    motion = Motion(values, CHANNELS, 50.0)
    report = baked(rig, motion)
    assert report.curves == 4
    for frame in (1, 5, 9, 16):
        scene.frame_set(frame)
        pitch, yaw, roll = motion.select(("headPitch", "headYaw", "headRoll")).at(np.array([(frame - 1) / 24]))[0]
        vector = Vector((pitch, -yaw, roll))
        wanted = Quaternion(vector.normalized(), vector.length).to_matrix()
        np.testing.assert_allclose(posed(rig, "neck").to_3x3(), wanted, atol=1e-5)
    unbake.unbake(character.find(rig, scene))
    np.testing.assert_allclose(posed(rig, "neck"), Matrix(), atol=1e-6)


def test_the_axis_never_flips_where_a_turn_goes_through_rest():
    vectors = np.outer(np.linspace(-1, 1, 21), [0.6, 0.0, 0.8])
    keyed = axes_and_angles(vectors)
    np.testing.assert_allclose(keyed[:, 1:], np.tile(keyed[0, 1:], (21, 1)), atol=1e-6)
    np.testing.assert_allclose(keyed[:, :1] * keyed[:, 1:], vectors, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(quaternions(vectors), axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("local", [True, False])
def test_location_is_along_the_bones_own_axes_whatever_they_are_set_in(rig, local):
    rig.data.bones["eye.L"].use_local_location = local
    bind(rig, Line("jawOpen", "eye.L", 0.5, low=-1, high=1, kind="location_y"))
    baked(rig, only(jawOpen=0.5))
    np.testing.assert_allclose(posed(rig, "eye.L").translation, (0, 0.25, 0), atol=1e-6)


def test_scale_is_one_at_rest_and_lines_add_up(rig):
    bind(
        rig,
        Line("jawOpen", "neck", 0.5, low=-1, high=1, kind="scale_x"),
        Line("mouthFunnel", "neck", -0.2, low=-1, high=1, kind="scale_x"),
    )
    baked(rig, only(jawOpen=1.0, mouthFunnel=0.5))
    np.testing.assert_allclose(posed(rig, "neck").to_scale(), (1.4, 1, 1), atol=1e-5)


def test_limits_and_locks_are_respected_said_and_unlocked(rig, scene, speech):
    rig.facewright.filepath = str(speech)
    bone = rig.pose.bones["neck"]
    bone.rotation_mode = "XYZ"
    limit = bone.constraints.new("LIMIT_ROTATION")
    limit.owner_space, limit.use_limit_x, limit.min_x, limit.max_x = "LOCAL", True, -0.1, 0.3
    bone.lock_rotation = (False, True, False)
    bind(rig, turn("x", "headPitch"), turn("y", "headYaw"), turn("z", "headRoll"))
    found = {one.check: one for one in inspection.inspect(scene, character.find(rig, scene))}
    assert "Limit constraints hold back: neck rotation_x." in found["limit"].text
    assert found["locked_axis"].text == "On 'Rig', axes are locked and stay as they are: neck rotation_y."
    baked(rig, only(headPitch=1.0, headYaw=1.0, headRoll=0.2))
    assert tuple(bone.rotation_euler) == pytest.approx((0.3, 0, 0.2))
    assert bpy.ops.facewright.mend(check="locked_axis") == {"FINISHED"}
    baked(rig, only(headYaw=1.0))
    assert tuple(bone.rotation_euler) == pytest.approx((0, 1, 0))
    assert "locked_axis" not in {one.check for one in inspection.inspect(scene, character.find(rig, scene))}


@pytest.mark.parametrize("animated", [True, False], ids=["over a walk", "over a pose"])
def test_an_added_strip_turns_what_is_turned_already(rig, scene, animated):
    """Quaternions of the strip multiply those below: the turn is about the bone's own axis there, too."""
    bone = rig.pose.bones["neck"]
    rig["puff"] = 3.0
    rig.id_properties_ui("puff").update(min=0.0, max=10.0, default=2.0)
    walk = Quaternion((1, 0, 0), 1.2)
    bone.rotation_quaternion, bone.location, bone.scale = walk, (0.4, 0, 0), (1.5, 1, 1)
    for frame in (1, 10) if animated else ():
        for path in ("rotation_quaternion", "location", "scale"):
            bone.keyframe_insert(path, frame=frame)
    bind(
        rig,
        turn("z", "headYaw"),
        Line("jawOpen", "neck", kind="location_x"),
        Line("jawOpen", "neck", kind="scale_x"),
        Line("jawOpen", "puff", 2.0, offset=2.0, high=10.0, kind="property"),
    )
    who = character.find(rig, scene)
    added = bake.Mode(into="ADDITIVE", blend=0)
    for _ in range(2):  # laid anew into the strip that is there
        report = bake.bake_motion(scene, who, only(headYaw=0.5, jawOpen=0.2), frame=1.0, name="nod", mode=added)
        assert report.kept == 0
        scene.frame_set(2)
        wanted = walk @ Quaternion((0, 0, 1), 0.5)
        assert bone.rotation_quaternion.rotation_difference(wanted).angle == pytest.approx(0, abs=1e-3)
        assert (bone.location.x, bone.scale.x, rig["puff"]) == pytest.approx((0.6, 1.5 * 1.2, 3.4))
    for _ in range(2):
        unbake.unbake(who)
    scene.frame_set(2)
    assert bone.rotation_quaternion.rotation_difference(walk).angle == pytest.approx(0, abs=1e-3)
    assert (bone.location.x, bone.scale.x, rig["puff"]) == pytest.approx((0.4, 1.5, 3))


def test_heads_and_eyes_of_any_armature_are_proposed_about_the_characters_axes(rig, make_mesh, scene):
    face = make_mesh("face", [name for name in ARKIT if not name.startswith("eyeLook")])
    face.modifiers.new("Armature", "ARMATURE").object = rig
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    for item in rig.facewright.mapping:
        if item.kind.startswith("rotation"):
            assert item.use == item.target.startswith("eye")  # the head nods when the artist says so
            item.use = True
    baked(face, only(headYaw=0.3))  # to the own right, which is -X
    look = rig.data.bones["mixamorig:Head"].matrix_local.to_3x3().inverted() @ Vector((0, -1, 0))
    np.testing.assert_allclose(
        rig.data.bones["mixamorig:Head"].matrix_local.to_3x3() @ Vector(turned(look, posed(rig, "mixamorig:Head"))),
        (-np.sin(0.3), -np.cos(0.3), 0),
        atol=0.01,
    )
    baked(face, only(leftEyePitch=0.3, rightEyePitch=0.3))  # down
    for eye in ("eye.L", "eye.R"):
        rest = rig.data.bones[eye].matrix_local.to_3x3()
        ahead = rest @ Vector(turned(rest.inverted() @ Vector((0, -1, 0)), posed(rig, eye)))
        np.testing.assert_allclose(ahead, (0, -np.cos(0.3), -np.sin(0.3)), atol=0.01)


@pytest.mark.parametrize("name", ["Jaw", "CC_Base_JawRoot", "c_jawbone.x", "lowerJaw"])
def test_one_jaw_bone_opens_the_mouth_and_shuts_it_where_lips_close(rig, scene, make_mesh, name):
    rig.data.bones["eye.L"].name = name
    rest = rig.data.bones[name].matrix_local.to_3x3()
    for jaw, close, angle in ((1.0, 0.0, 0.35), (0.5, 0.0, 0.175), (0.5, 0.5, 0.0)):
        baked(rig, only(jawOpen=jaw, mouthClose=close))
        chin = rest @ Vector(turned(rest.inverted() @ Vector((0, -1, 0)), posed(rig, name)))
        np.testing.assert_allclose(chin, (0, -np.cos(angle), -np.sin(angle)), atol=0.01)
    face = make_mesh("face", ARKIT)
    face.modifiers.new("Armature", "ARMATURE").object = rig
    who = character.find(face, scene)
    assert not any(line.target == name for part in who.parts for line in part.rig.lines)  # shape keys speak


def test_eyes_that_are_objects_turn_on_top_of_where_they_stand(make_mesh, scene):
    root = bpy.data.objects.new("Bob", None)
    scene.collection.objects.link(root)
    face = make_mesh("face", [name for name in ARKIT if not name.startswith("eyeLook")], parent=root)
    for side in "LR":
        eye = make_mesh(f"Eye.{side}", [], parent=root)
        eye.data.vertices[0].co = (-1, -1, -1)
        eye.rotation_euler = (0.2, 0.0, 0.1)
        eye.location = (0.03, -0.1, 1.6)
        eye.data.update()
    left = bpy.data.objects["Eye.L"]
    bpy.context.view_layer.update()
    rest = left.matrix_world.copy()
    assert {part.obj.name for part in character.find(face, scene).parts} == {"face", "Eye.L", "Eye.R"}
    baked(face, only(leftEyeYaw=0.4))
    bpy.context.view_layer.update()
    wanted = Quaternion((0, 0, 1), -0.4).to_matrix() @ rest.to_3x3()
    np.testing.assert_allclose(left.matrix_world.to_3x3(), wanted, atol=1e-5)
    np.testing.assert_allclose(left.matrix_world.translation, rest.translation, atol=1e-6)
    left.rotation_mode = "QUATERNION"
    rest = left.rotation_quaternion.to_matrix()
    baked(face, only(leftEyeYaw=0.4))
    bpy.context.view_layer.update()
    np.testing.assert_allclose(left.matrix_world.to_3x3(), Quaternion((0, 0, 1), -0.4).to_matrix() @ rest, atol=1e-5)
    bind(root, Line("jawOpen", "Eye.R", 2.0, low=0, high=9, kind="scale_z"), Line("jawOpen", "face", kind="location_x"))
    baked(face, only(jawOpen=0.5))
    assert bpy.data.objects["Eye.R"].delta_scale[2] == pytest.approx(2) and face.delta_location[0] == pytest.approx(0.5)


def test_every_file_of_the_folder_is_a_target():
    found = targets()
    assert [one.ORDER for one in found] == sorted(one.ORDER for one in found)
    for one in found:
        questions = ("found", "recognised", "matched", "rig_for", "blocks", "curve", "obstacles")
        for name in (*questions, "value", "set_value", "set_values"):
            assert callable(getattr(one, name)), f"{one.__name__} has no {name}"


@pytest.mark.parametrize(("mode", "told"), [("AXIS_ANGLE", True), ("QUATERNION", False)])
def test_an_added_strip_of_axis_angles_is_told_of(rig, scene, mode, told):
    rig.pose.bones["neck"].rotation_mode = mode
    bind(rig, turn("z", "headYaw"))
    who = character.find(rig, scene)
    for into in ("ADDITIVE", "NEW"):
        report = bake.bake_motion(scene, who, only(headYaw=0.5), frame=1.0, name="nod", mode=bake.Mode(into=into))
        assert any("Axis Angle" in sentence for sentence in report.warnings) == (told and into == "ADDITIVE")
        unbake.unbake(who)
