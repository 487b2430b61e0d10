# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > Facewright Head: the head of inference/faces, as objects that any artist knows how to use."""

import bpy
import numpy as np
import pytest

from facewright.addon import character
from facewright.inference.channels import ARKIT, VISEMES
from facewright.inference.faces.builtin import builtin_head


@pytest.fixture
def head(scene):
    scene.cursor.location = (1.0, 2.0, 3.0)
    assert bpy.ops.mesh.facewright_head() == {"FINISHED"}
    return character.find(bpy.context.view_layer.objects.active, scene)


def world_vertices(obj):
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(3 * len(evaluated.data.vertices), np.float32)
    evaluated.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3) @ np.array(obj.matrix_world)[:3, :3].T + np.array(obj.matrix_world)[:3, 3]


def test_it_has_every_shape_and_is_ready_to_speak(head):
    assert head.coverage.startswith("52 of 52 ARKit shapes")
    skin = bpy.context.view_layer.objects.active
    assert set(skin.data.shape_keys.key_blocks.keys()) == {"Basis", *ARKIT, *VISEMES}
    assert {block.value for part in head.parts for block in part.key.key_blocks[1:]} == {0.0}


def test_its_objects_are_selected_and_stand_at_the_cursor(head):
    objects = [head.root, *head.root.children]
    assert all(obj.select_get() for obj in objects)
    assert tuple(head.root.matrix_world.translation) == (1.0, 2.0, 3.0)
    model = builtin_head()
    assert sum(len(obj.data.vertices) for obj in head.root.children) == len(model.neutral)
    assert sum(len(obj.data.polygons) for obj in head.root.children) == len(model.faces)
    points = np.concatenate([world_vertices(obj) for obj in head.root.children])
    np.testing.assert_allclose(points.mean(axis=0) - (1, 2, 3), model.neutral.mean(axis=0), atol=1e-4)


@pytest.mark.parametrize(
    "shape", ["jawOpen", "eyeBlinkLeft", "mouthSmileRight", "viseme_O", "tongueOut", "eyeLookInLeft"]
)
def test_each_shape_key_moves_all_parts_as_the_model_says(head, shape):
    model = builtin_head()
    for obj in head.root.children:
        key = obj.data.shape_keys
        if key is not None and shape in key.key_blocks:
            key.key_blocks[shape].value = 1.0
    bpy.context.view_layer.update()
    points = np.concatenate([world_vertices(obj) for obj in head.root.children])
    order = [model.parts["skin"].vertices] + [p.vertices for name, p in model.parts.items() if name != "skin"]
    by_size = {part.stop - part.start: (model.neutral + model.shapes[shape])[part] for part in order}
    for obj in head.root.children:
        found = world_vertices(obj) - (1, 2, 3)
        expected = by_size[len(found)]
        if len(by_size) == len(order):  # parts told apart by their size
            np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.isfinite(points).all()


def test_its_faces_are_smooth_closed_quads_with_materials(head):
    for obj in head.root.children:
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
