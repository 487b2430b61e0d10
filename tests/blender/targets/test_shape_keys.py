# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys of lattices and curves: they belong to the face they deform, and move with its meshes in one pass."""

import bpy
import numpy as np
import pytest
from support.characters import random_motion, top, value

from facewright.addon.bake import bake, unbake
from facewright.addon.blender import actions
from facewright.addon.character import character
from facewright.inference.core.channels import ARKIT


def _add(obj, *shapes):
    """Link an object and give it shape keys, each of which lifts all of it by 1."""
    bpy.context.scene.collection.objects.link(obj)
    obj.shape_key_add(name="Basis", from_mix=False)
    for name in shapes:
        block = obj.shape_key_add(name=name, from_mix=False)
        block.value = 0.0
        for point in block.data:
            point.co[2] += 1.0
    return obj


@pytest.fixture
def lattice(face):
    """A cage around the face, which is nobody's child and opens the jaw."""
    cage = _add(bpy.data.objects.new("Cage", bpy.data.lattices.new("Cage")), "jawOpen", "mouthFunnel")
    cage.scale = (4, 4, 4)
    face.modifiers.new("Lattice", "LATTICE").object = cage
    return cage


@pytest.fixture
def curve(face):
    """A moustache: a curve under the same parent."""
    data = bpy.data.curves.new("Moustache", "CURVE")
    data.dimensions = "3D"
    data.splines.new("POLY").points.add(2)
    for number, point in enumerate(data.splines[0].points):
        point.co = (number, 0, 0, 1)
    moustache = _add(bpy.data.objects.new("Moustache", data), "mouthSmileLeft", "mouthPucker")
    moustache.parent = face.parent
    return moustache


def _lifted(obj):
    """How high the first point of an evaluated curve lies."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = evaluated.to_mesh()
    height = mesh.vertices[0].co.z
    evaluated.to_mesh_clear()
    return height


def test_a_lattice_and_a_curve_belong_to_the_face(face, lattice, curve, scene):
    for obj in (face, lattice, curve):
        who = character.find(obj, scene)
        assert who.root.name == "Bob"
        assert {part.obj.name for part in who.parts} == {"Bob face", "Bob teeth", "Bob tongue", "Cage", "Moustache"}
    assert who.coverage == "52 of 52 ARKit shapes on 5 objects"


def test_a_lattice_of_nobody_is_no_member(face, lattice, scene):
    face.modifiers.clear()
    assert "Cage" not in {part.obj.name for part in character.find(face, scene).parts}
    assert character.find(lattice, scene).root == lattice  # and has a jaw of its own


def test_they_are_baked_in_the_same_pass_and_move_as_the_keys_say(face, lattice, curve, scene):
    before = bpy.data.actions.keys()
    motion = random_motion(50)
    report = bake.bake_motion(scene, character.find(face, scene), motion, frame=1.0, name="speech")
    assert report.curves == len(ARKIT) + 2 * 2 + 2 + 2 and report.warnings == ()
    if actions.SLOTTED:
        assert report.actions == ("speech",)
    scene.frame_set(13)
    said = dict(zip(motion.channels, motion.at(np.array([12 / 24]))[0].tolist(), strict=True))
    assert value(lattice, "jawOpen") == pytest.approx(said["jawOpen"], abs=1e-6)
    assert _lifted(curve) == pytest.approx(said["mouthSmileLeft"] + said["mouthPucker"], abs=1e-5)
    with_cage = top(face)
    lattice.data.shape_keys.key_blocks["jawOpen"].mute = True
    lattice.data.shape_keys.key_blocks["mouthFunnel"].mute = True
    assert with_cage[2] - top(face)[2] == pytest.approx(4 * (said["jawOpen"] + said["mouthFunnel"]), abs=1e-4)
    unbake.unbake(character.find(face, scene))
    scene.frame_set(13)
    assert bpy.data.actions.keys() == before and value(lattice, "jawOpen") == 0 and _lifted(curve) == 0
