# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > Facewright Head: the head of inference/faces, as objects that any artist knows how to use."""

import bpy
import numpy as np
import pytest

from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT, HEAD, VISEMES
from facewright.inference.core.motion import Motion
from facewright.inference.heads.builtin import builtin_head


@pytest.fixture
def head(scene):
    scene.cursor.location = (1.0, 2.0, 3.0)
    assert bpy.ops.mesh.facewright_head() == {"FINISHED"}
    return character.find(bpy.context.view_layer.objects.active, scene)


def meshes_of(head):
    return [obj for obj in head.root.children_recursive if obj.type == "MESH"]


def object_of(part):
    return bpy.data.objects[f"Head {part.replace('_', ' ').title()}"]


def world_vertices(obj):
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(3 * len(evaluated.data.vertices), np.float32)
    evaluated.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3) @ np.array(obj.matrix_world)[:3, :3].T + np.array(obj.matrix_world)[:3, 3]


def test_it_has_every_shape_and_is_ready_to_speak(head):
    assert head.coverage.startswith("52 of 52 ARKit shapes")
    skin = bpy.context.view_layer.objects.active
    assert set(skin.data.shape_keys.key_blocks.keys()) == {"Basis", *ARKIT, *VISEMES}
    assert {block.value for part in head.meshes for block in part.block.key_blocks[1:]} == {0.0}


def test_it_is_named_as_ours_and_others_with_its_names_are_not(head, make_mesh, scene):
    assert head.convention == "Facewright Head, 100 %"
    alike = make_mesh("Ann", [*ARKIT, *VISEMES])
    assert character.find(alike, scene).convention == "Faceit or MPFB / MakeHuman, 100 %"


def test_its_objects_are_selected_and_stand_at_the_cursor(head):
    objects = [head.root, *head.root.children_recursive]
    assert all(obj.select_get() for obj in objects)
    assert tuple(head.root.matrix_world.translation) == (1.0, 2.0, 3.0)
    model = builtin_head()
    meshes = meshes_of(head)
    assert sum(len(obj.data.vertices) for obj in meshes) == len(model.neutral)
    assert sum(len(obj.data.polygons) for obj in meshes) == len(model.faces)
    points = np.concatenate([world_vertices(obj) for obj in meshes])
    np.testing.assert_allclose(points.mean(axis=0) - (1, 2, 3), model.neutral.mean(axis=0), atol=1e-4)


@pytest.mark.parametrize("shape", ["jawOpen", "eyeBlinkLeft", "mouthSmileRight", "viseme_O", "tongueOut"])
def test_each_shape_key_moves_all_parts_as_the_model_says(head, shape):
    model = builtin_head()
    expected = model.neutral + model.shapes[shape]
    for obj in meshes_of(head):
        key = obj.data.shape_keys
        if key is not None and shape in key.key_blocks:
            key.key_blocks[shape].value = 1.0
    bpy.context.view_layer.update()
    for name, part in model.parts.items():
        np.testing.assert_allclose(world_vertices(object_of(name)) - (1, 2, 3), expected[part.vertices], atol=1e-5)


def test_a_baked_head_moves_and_turns_as_the_model_does(head, scene):
    names = (*ARKIT, *HEAD)
    values = np.random.default_rng(3).random((60, len(names))) * 0.4
    values[:, len(ARKIT) :] -= 0.2  # rotations go both ways
    report = bake.bake_motion(scene, head, Motion(values, names, 24.0), frame=1.0, name="speech")
    assert report.meshes == len(head.meshes) == len(head.parts) - 1
    head.root.rotation_euler = (0.3, 0.2, 0.1)  # the artist's own placing stays his
    model = builtin_head()
    for frame in (1, 17, 60):
        scene.frame_set(frame)
        now = Motion(values[frame - 1 : frame], names, 24.0)
        expected = model.vertices(now)[0] @ np.array(head.root.matrix_world)[:3, :3].T + (1, 2, 3)
        for name, part in model.parts.items():
            np.testing.assert_allclose(world_vertices(object_of(name)), expected[part.vertices], atol=1e-5)


def test_the_head_turns_in_the_preview_and_back(head, scene):
    turning = bpy.data.objects["Head Turn"]
    motion = Motion(np.full((10, 1), 0.25), ("headYaw",), 24.0)
    preview.start(scene, head, store.Take(motion, Speech("/nowhere/a.wav"), 0, "CPU"))
    assert turning.rotation_euler.z == pytest.approx(-0.25)
    preview.stop(head.root)
    assert turning.rotation_euler.z == 0.0


def test_its_faces_are_smooth_closed_quads_with_materials(head):
    for obj in meshes_of(head):
        mesh = obj.data
        assert not mesh.validate()
        assert all(polygon.use_smooth for polygon in mesh.polygons)
        assert all(material is not None for material in mesh.materials)
        assert max(polygon.material_index for polygon in mesh.polygons) < len(mesh.materials)


def test_adding_is_one_undo_step(scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mesh.facewright_head("EXEC_DEFAULT", True)
    assert len(bpy.data.objects) > 5
    bpy.ops.ed.undo()
    assert len(bpy.data.objects) == 0


def test_two_heads_are_two_characters(scene):
    bpy.ops.mesh.facewright_head()
    first = character.find(bpy.context.view_layer.objects.active, scene)
    bpy.ops.mesh.facewright_head()
    second = character.find(bpy.context.view_layer.objects.active, scene)
    assert not {part.obj.name for part in first.parts} & {part.obj.name for part in second.parts}
    assert len(first.parts) == len(second.parts)


def test_it_wants_object_mode(make_mesh):
    make_mesh("box", [])
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Object Mode"):
        bpy.ops.mesh.facewright_head()
    bpy.ops.object.mode_set(mode="OBJECT")
