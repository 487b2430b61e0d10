# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > FLAME Head with a full-size file in FLAME's layout, and moving vertices from files."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.flame_layout import flame_arrays
from support.flame_pickles import flame_2020

from facewright.addon.bake import bake
from facewright.addon.character import character
from facewright.inference.core.channels import ARKIT, HEAD
from facewright.inference.core.motion import Motion
from facewright.inference.flame import convert
from facewright.inference.flame.face import flame_face
from facewright.inference.flame.landmarks import SEAM_LOWER, SEAM_UPPER
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.register import own_axes
from facewright.inference.formats.point_cache import read_pc2, write_pc2


@pytest.fixture(scope="session")
def flame_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("flame") / "flame 2020.pkl"
    path.write_bytes(flame_2020())
    return path


@pytest.fixture(scope="session")
def face(flame_file):
    return flame_face(FlameModel.load(flame_file))


@pytest.fixture
def mesh(scene, flame_file):
    scene.cursor.location = (0.0, 1.0, 2.0)
    assert bpy.ops.mesh.facewright_flame_head(filepath=str(flame_file)) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def points(obj):
    """The evaluated vertices in the mesh's own axes."""
    bpy.context.view_layer.update()
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    found = np.empty(3 * len(evaluated.data.vertices), np.float32)
    evaluated.data.vertices.foreach_get("co", found)
    return found.reshape(-1, 3)


def talking(frames=24, fps=24.0):
    values = np.zeros((frames, len(ARKIT) + 3))
    wave = 0.5 - 0.5 * np.cos(np.arange(frames) / 3)
    for name, size in (("jawOpen", 0.8), ("mouthSmileLeft", 0.6), ("eyeBlinkLeft", 1.0), ("mouthFunnel", 0.4)):
        values[:, ARKIT.index(name)] = size * wave
    values[:, -3] = 0.3 * wave
    return Motion(values, (*ARKIT, *HEAD), fps)


def test_it_is_flame_with_arkit_shape_keys(mesh, face, scene):
    assert len(mesh.data.vertices) == 5023 and len(mesh.data.polygons) == 9976
    assert set(mesh.data.shape_keys.key_blocks.keys()) == {"Basis", *ARKIT}
    np.testing.assert_allclose(points(mesh), own_axes(face.neutral), atol=1e-6)
    who = character.find(mesh, scene)
    assert who.coverage.startswith("52 of 52 ARKit shapes")
    assert tuple(who.root.location) == (0.0, 1.0, 2.0)
    assert mesh.select_get() and not mesh.data.validate()


def test_one_looks_into_a_dark_mouth(mesh, scene, tmp_path):
    """FLAME has no mouth: between the lips is the inside of the back of the head, which must not look like skin."""
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.7
    lens = bpy.data.cameras.new("seen")
    lens.type, lens.ortho_scale = "ORTHO", 0.004
    scene.camera = bpy.data.objects.new("seen", lens)
    scene.collection.objects.link(scene.camera)
    lips = [mesh.matrix_world @ v.co for v in mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices]
    front = [lips[number] for number in (SEAM_UPPER[1], SEAM_LOWER[1])]
    scene.camera.location = (sum(p.x for p in front) / 2, -1.0, sum(p.z for p in front) / 2)
    scene.camera.rotation_euler = (np.pi / 2, 0, 0)
    scene.world = bpy.data.worlds.new("even")
    if scene.world.node_tree is None:  # from 5.0 on every world has one
        scene.world.use_nodes = True
    sky = next(node for node in scene.world.node_tree.nodes if node.type == "BACKGROUND")
    sky.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    scene.render.engine, scene.cycles.samples, scene.view_settings.view_transform = "CYCLES", 4, "Raw"
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.image_settings.file_format, scene.render.filepath = "PNG", str(tmp_path / "mouth.png")
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(scene.render.filepath)
    assert np.array(picture.pixels[:]).reshape(-1, 4)[:, :3].max() < 0.02  # skin in there: 0.07


def test_its_faces_look_outwards(mesh):
    skin = [polygon for polygon in mesh.data.polygons if polygon.material_index == 0]
    nose = min(skin, key=lambda polygon: polygon.center.y)
    assert nose.normal.y < 0
    assert {polygon.material_index for polygon in mesh.data.polygons} == {0, 1}
    assert sum(polygon.material_index == 1 for polygon in mesh.data.polygons) == 2 * 1088


def test_the_usual_bake_makes_it_speak(mesh, face, scene):
    motion = talking()
    who = character.find(mesh, scene)
    bake.bake_motion(scene, who, motion, frame=1.0, name="speech")
    model = face.face_model()
    for frame in (1, 10, 24):
        scene.frame_set(frame)
        still = Motion(motion.values[frame - 1 : frame, :52], ARKIT, 24.0)
        np.testing.assert_allclose(points(mesh), model.vertices(still)[0], atol=2e-5)
        expected = model.vertices(Motion(motion.values[frame - 1 : frame], motion.channels, 24.0))[0]
        world = points(mesh) @ np.array(mesh.matrix_world)[:3, :3].T + np.array(mesh.matrix_world)[:3, 3]
        np.testing.assert_allclose(world - (0, 1, 2), expected, atol=2e-5)


def test_wrong_files_say_so_and_leave_the_scene(scene, tmp_path, flame_file):
    text = tmp_path / "head.pkl"
    text.write_text("hello")
    assert "neither a pickle nor" in error_of(bpy.ops.mesh.facewright_flame_head, filepath=str(text))
    text.write_bytes(flame_file.read_bytes()[:5000])
    assert "damaged or cut off" in error_of(bpy.ops.mesh.facewright_flame_head, filepath=str(text))
    assert "No FLAME file is chosen" in error_of(bpy.ops.mesh.facewright_flame_head)
    assert not bpy.data.objects


def test_adding_it_is_one_undo_step(scene, flame_file):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mesh.facewright_flame_head("EXEC_DEFAULT", True, filepath=str(flame_file))
    assert len(bpy.data.objects) == 3
    bpy.ops.ed.undo()
    assert not bpy.data.objects


@pytest.fixture
def trajectory(face):
    return face.model.vertices(convert.parameters_of(talking(48, 24.0), face))


@pytest.mark.parametrize("layout", ["flat", "frames", "pc2"])
def test_vertices_become_few_shape_keys(mesh, scene, tmp_path, trajectory, layout):
    path = tmp_path / f"take 1.{'pc2' if layout == 'pc2' else 'npy'}"
    if layout == "pc2":
        write_pc2(path, iter([own_axes(trajectory)]), *trajectory.shape[:2])
    else:
        np.save(path, trajectory.reshape(48, -1) if layout == "flat" else trajectory)
    assert bpy.ops.import_anim.facewright_vertices(filepath=str(path), fps=24.0, frame=5, worst=0.5) == {"FINISHED"}
    keys = mesh.data.shape_keys.key_blocks
    added = [key for key in keys if key.name.startswith("take 1")]
    assert 2 <= len(added) <= 20
    off = []
    for frame in (5, 17, 30, 52):
        scene.frame_set(frame)
        off.append(np.linalg.norm(points(mesh) - own_axes(trajectory[frame - 5]), axis=1).max())
    assert max(off) < 0.0005 + 2e-6
    assert all(abs(key.value) <= 1.0 and key.slider_min == -1.0 for key in added)


def test_vertices_become_a_cache_that_plays_exactly(mesh, scene, tmp_path, trajectory):
    path = tmp_path / "take.npy"
    np.save(path, trajectory)
    arguments = {"filepath": str(path), "fps": 24.0, "frame": 5, "method": "CACHE"}
    assert bpy.ops.import_anim.facewright_vertices(**arguments) == {"FINISHED"}
    modifier = mesh.modifiers["Facewright Cache"]
    np.testing.assert_allclose(read_pc2(modifier.filepath), own_axes(trajectory), atol=1e-6)
    for frame in (5, 6, 30, 52):
        scene.frame_set(frame)
        np.testing.assert_allclose(points(mesh), own_axes(trajectory[frame - 5]), atol=1e-5)
    scene.frame_set(1)
    np.testing.assert_allclose(points(mesh), own_axes(trajectory[0]), atol=1e-5)
    bpy.ops.import_anim.facewright_vertices(**arguments)
    assert len(mesh.modifiers) == 1, "a second import takes the place of the first"


@pytest.mark.parametrize("method", ["KEYS", "CACHE"])
def test_other_frame_rates_keep_their_time(mesh, scene, tmp_path, trajectory, method):
    np.save(tmp_path / "take.npy", trajectory)
    bpy.ops.import_anim.facewright_vertices(
        filepath=str(tmp_path / "take.npy"), fps=48.0, frame=1, method=method, worst=0.05
    )
    for frame in (1, 6, 20):
        scene.frame_set(frame)
        wanted = own_axes(trajectory[2 * (frame - 1)])
        assert np.linalg.norm(points(mesh) - wanted, axis=1).max() < 0.0001


def test_the_built_in_head_takes_vertices_too(scene, tmp_path):
    bpy.ops.mesh.facewright_head()
    skin = bpy.context.view_layer.objects.active
    rest = points(skin)
    moved = rest[None] + 0.01 * np.sin(np.arange(30) / 5)[:, None, None] * rest[None, :, [1, 2, 0]]
    np.savez(tmp_path / "take.npz", vertices=moved.astype(np.float32))
    bpy.ops.import_anim.facewright_vertices(filepath=str(tmp_path / "take.npz"), fps=24.0, axes="Z", worst=0.01)
    added = [key for key in skin.data.shape_keys.key_blocks if key.name.startswith("take")]
    assert len(added) == 1
    scene.frame_set(9)
    np.testing.assert_allclose(points(skin), moved[8], atol=1.1e-5)


def test_vertices_of_another_mesh_are_refused(mesh, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((3, 100, 3)))
    before = set(mesh.data.shape_keys.key_blocks.keys())
    said = error_of(bpy.ops.import_anim.facewright_vertices, filepath=str(tmp_path / "a.npy"))
    assert "Expected 5023 vertices" in said and "has 100" in said
    (tmp_path / "b.pc2").write_bytes(b"nothing")
    assert "PC2" in error_of(bpy.ops.import_anim.facewright_vertices, filepath=str(tmp_path / "b.pc2"))
    noise = np.random.default_rng(0).random((3, 5023, 3)).astype(np.float32)
    noise[1, 2, 0] = np.nan
    np.save(tmp_path / "c.npy", noise)
    assert "frame 1" in error_of(bpy.ops.import_anim.facewright_vertices, filepath=str(tmp_path / "c.npy"))
    assert set(mesh.data.shape_keys.key_blocks.keys()) == before and not mesh.modifiers


def test_the_layout_made_for_tests_is_as_large_as_flame():
    assert flame_arrays()["shapedirs"].shape == (5023, 3, 400)
