# SPDX-License-Identifier: GPL-3.0-or-later
"""A character with numbered expression keys speaks once its FLAME file has said what each shape is made of."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.flame_layout import flame_arrays

from facewright.addon.bake import bake
from facewright.addon.character import character, mapping
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.motion import Motion
from facewright.inference.flame.convert import parameters_of
from facewright.inference.flame.face import flame_face
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.register import own_axes


@pytest.fixture(scope="module")
def flame_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame.npz"
    np.savez(path, **{name: array for name, array in flame_arrays().items() if isinstance(array, np.ndarray)})
    return path


@pytest.fixture(scope="module")
def face(flame_file):
    return flame_face(FlameModel.load(flame_file))


@pytest.fixture
def numbered(scene, face):
    """A mesh as the SMPL-X add-on makes them: keys Exp000 ... from -10 to 10."""
    mesh = bpy.data.meshes.new("SMPLX head")
    mesh.from_pydata(own_axes(face.neutral).tolist(), [], face.model.faces.tolist())
    obj = bpy.data.objects.new("SMPLX head", mesh)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.shape_key_add(name="Basis")
    for number, offset in enumerate(face.model.expression):
        key = obj.shape_key_add(name=f"Exp{number:03d}")
        key.data.foreach_set("co", own_axes(face.neutral + offset).astype(np.float32).ravel())
        key.slider_min, key.slider_max = -10, 10
    return obj


def test_it_speaks_as_the_parameters_say(numbered, face, flame_file, scene):
    assert bpy.ops.facewright.mapping_flame(filepath=str(flame_file)) == {"FINISHED"}
    values = np.zeros((12, len(ARKIT)))
    for name in ("mouthFunnel", "mouthSmileLeft", "browInnerUp"):
        values[:, ARKIT.index(name)] = np.linspace(0, 0.9, 12)
    motion = Motion(values, ARKIT, 24.0)
    bake.bake_motion(scene, character.find(numbered, scene), motion, frame=1.0, name="speech")
    wanted = parameters_of(motion, face).expression
    moved = []
    for frame in (1, 7, 12):
        scene.frame_set(frame)
        evaluated = numbered.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = np.empty(3 * 5023, np.float32)
        evaluated.data.vertices.foreach_get("co", points)
        expected = own_axes(face.neutral + np.tensordot(wanted[frame - 1], face.model.expression, 1))
        off = np.linalg.norm(points.reshape(-1, 3) - expected, axis=1).max()
        moved.append(np.linalg.norm(expected - own_axes(face.neutral), axis=1).max())
        assert off <= 2e-5 + 0.05 * moved[-1]
    assert moved[0] < 1e-6 and moved[-1] > 0.002


def test_again_replaces_its_own_lines_and_keeps_the_artists(numbered, flame_file):
    assert bpy.ops.facewright.mapping_add(source="jawOpen", target="Basis") == {"FINISHED"}
    bpy.ops.facewright.mapping_flame(filepath=str(flame_file))
    once = mapping.stored(numbered)
    bpy.ops.facewright.mapping_flame(filepath=str(flame_file))
    assert mapping.stored(numbered) == once
    assert sum(line.target == "Basis" for line in once) == 1


def test_other_characters_are_told(scene, flame_file):
    bpy.ops.mesh.facewright_head()
    assert "Exp000" in error_of(bpy.ops.facewright.mapping_flame, filepath=str(flame_file))
