# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a head is and which way it faces: of meshes however their axes lie, of rigs, and of what is no character."""

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix
from support import dialogue
from support.characters import make_mesh

from facewright.addon.dialogue import heads, places
from facewright.inference.core.channels import ARKIT


def directions(scene, obj, target, frames=(1.0,)):
    found = places.directions(scene, heads.find(scene, obj), [heads.find(scene, target)], np.array(frames))
    return np.degrees(found[:, 0])


@pytest.fixture
def ball(scene):
    return dialogue.empty(scene, "Ball", (0.0, -2.0, 0.0))


def face_of_blocks(name, parent=None, upright=True):
    """A mesh with every ARKit shape, in which lids and mouth move where a face has them."""
    face = make_mesh(name, [], parent=parent)
    points = {
        "Left": (0.03, -0.1, 1.7),
        "Right": (-0.03, -0.1, 1.7),
        "mouth": (0.0, -0.1, 1.63),
        "back": (0.0, 0.1, 1.7),
    }
    turn = Matrix() if upright else Matrix.Rotation(np.radians(-90), 4, "X")  # with Y up, as in other programs
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([turn @ Matrix.Translation(one).translation for one in points.values()], [], [])
    face.data = mesh
    face.shape_key_add(name="Basis", from_mix=False)
    for shape in ARKIT:
        block = face.shape_key_add(name=shape, from_mix=False)
        block.value = 0.0
        moved = "Left" if shape == "eyeBlinkLeft" else "Right" if shape == "eyeBlinkRight" else "mouth"
        block.data[list(points).index(moved)].co.x += 0.01
    face.rotation_euler = (0, 0, 0) if upright else (np.radians(90), 0, 0)
    return face


@pytest.mark.parametrize("upright", [True, False])
def test_a_mesh_tells_by_its_lids_and_mouth_where_it_looks(scene, ball, upright):
    face = face_of_blocks("Face", upright=upright)
    bpy.context.view_layer.update()
    for place, yaw, pitch in (((0, -2, 1.7), 0, 0), ((-1.9, -2, 1.7), 45, 0), ((0, -2.1, 3.7), 0, -45)):
        ball.location = place
        np.testing.assert_allclose(directions(scene, face, ball), [[yaw, pitch]], atol=0.1)
    assert not heads.find(scene, face).turns


def test_the_built_in_head_is_seen_between_its_eyes_whatever_turns_it(pair, scene, ball):
    ann, ben = pair
    ball.location = (0.3, 0, 0.5)
    before = directions(scene, ann, ben)
    np.testing.assert_allclose(before, [[-40, 0]], atol=0.5)
    dialogue.neck(ann).rotation_euler = (0.2, 0.1, 0.5)
    dialogue.neck(ben).rotation_euler = (0.2, 0.1, 0.5)
    np.testing.assert_allclose(directions(scene, ann, ben), before, atol=1e-6)
    assert directions(scene, ann, ball)[0, 1] < -30
    assert heads.find(scene, ann).turns


@pytest.fixture
def rig(scene):
    """An armature of a spine and a head, with a face under it."""
    armature = bpy.data.armatures.new("Rig")
    obj = bpy.data.objects.new("Rig", armature)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    above = None
    for name, low, high in (("spine", 0.0, 1.5), ("head", 1.5, 1.8)):
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail, bone.parent = (0, 0, low), (0, 0, high), above
        above = bone
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in obj.pose.bones:
        bone.rotation_mode = "XYZ"
    face_of_blocks("Face", parent=obj)
    return obj


def test_eyes_of_a_rig_start_from_how_the_artist_turned_its_head(rig, scene, ball):
    ball.location = (0, -2, 1.7)
    np.testing.assert_allclose(directions(scene, rig, ball), [[0, 0]], atol=0.1)
    head = rig.pose.bones["head"]
    head.rotation_euler = Euler((0, np.radians(30), 0))  # about the bone, which points up: to its left
    assert directions(scene, rig, ball)[0, 0] == pytest.approx(30, abs=3)
    for frame, angle in ((1, 0), (20, 60)):
        head.rotation_euler.y = np.radians(angle)
        head.keyframe_insert("rotation_euler", frame=frame)
    yaw = directions(scene, rig, ball, range(1, 21))[:, 0]
    assert yaw[0] == pytest.approx(0, abs=0.1) and yaw[-1] == pytest.approx(60, abs=5) and (np.diff(yaw) >= 0).all()


def test_a_head_that_facewright_turns_is_taken_as_its_body_carries_it(rig, scene, ball):
    ball.location = (0, -2, 1.7)
    bpy.ops.facewright.mapping_match()
    for line in rig.facewright.mapping:
        line.use = line.use or line.source.startswith("head")
    assert heads.find(scene, rig).turns
    rig.pose.bones["head"].rotation_euler.y = 1.0
    np.testing.assert_allclose(directions(scene, rig, ball), [[0, 0]], atol=0.1)
    rig.pose.bones["spine"].rotation_euler.y = np.radians(30)
    assert directions(scene, rig, ball)[0, 0] == pytest.approx(30, abs=3)


def test_what_is_no_character_is_its_origin_wherever_constraints_and_parents_put_it(scene, ball, pair):
    holder = dialogue.empty(scene, "Holder", (0.3, -1.0, 0.0))
    ball.parent, ball.location = holder, (0, 0, 0)
    below = directions(scene, pair[1], ball)
    np.testing.assert_allclose(below, [[-50, 0]], atol=5)
    follow = ball.constraints.new("COPY_LOCATION")
    follow.target = pair[0]
    np.testing.assert_allclose(directions(scene, pair[1], ball), [[40, 2]], atol=8)
