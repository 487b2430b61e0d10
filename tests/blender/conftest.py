# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on from source in this process' bpy, an empty scene for each test, and small characters to try it on."""

import bpy
import pytest
from mathutils import Quaternion
from support import characters, puppets
from support.drawn_mouths import grease_pencil, make_plane, write_pictures

import facewright
from facewright.addon.character import character
from facewright.inference.core.channels import ARKIT


@pytest.fixture(scope="session")
def addon():
    """The registered add-on. Unregistered at the end: the bpy wheels may crash on exit when anything is left."""
    facewright.register()
    yield facewright
    facewright.unregister()


@pytest.fixture
def scene(addon):
    """An empty scene at 24 frames per second, with one state to undo to."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


@pytest.fixture
def make_mesh(scene):
    """A function that makes a mesh with shape keys, each of which lifts the whole mesh along its own axis."""
    return characters.make_mesh


@pytest.fixture
def face(make_mesh):
    """A face, teeth and a tongue under one empty; the face is active."""
    root = bpy.data.objects.new("Bob", None)
    bpy.context.scene.collection.objects.link(root)
    make_mesh("Bob teeth", ["jawOpen", "jawLeft"], parent=root)
    make_mesh("Bob tongue", ["jawOpen", "tongueOut"], parent=root)
    return make_mesh("Bob face", ARKIT, parent=root)


@pytest.fixture
def who(face, scene):
    return character.find(face, scene)


@pytest.fixture
def mouth(scene):
    """A mouth of nine drawings on frames 1 to 9, of which a modifier shows one."""
    return grease_pencil("Bob mouth", ["Lines", "Fills"], range(1, 10))


@pytest.fixture
def pictures(tmp_path):
    return write_pictures(tmp_path)


@pytest.fixture
def plane(scene, pictures):
    return make_plane(pictures)


@pytest.fixture
def motion():
    """Four seconds in which every channel moves on its own; weights in [0, 1]."""
    return characters.random_motion(200)


@pytest.fixture
def rig(scene):
    data = bpy.data.armatures.new("Puppet")
    rig = bpy.data.objects.new("Puppet", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for number, name in enumerate(("jaw", 'lip "L"', "spine")):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = (number, 0, 0), (number, 1, 0)  # own axes are those of the rig
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


@pytest.fixture
def puppet(rig):
    """Rhubarb's nine shapes: the jaw turns (quaternions) and a lip moves; a spine that no pose moves is keyed too."""
    for number, letter in enumerate(puppets.RHUBARB[:-1]):
        turn = Quaternion((1, 0, 0), puppets.TURN * number / 8)
        at = {('pose.bones["jaw"].rotation_quaternion', i): turn[i] for i in range(4)}
        at |= {('pose.bones["lip \\"L\\""].location', 0): 0.01 * number}
        at |= {('pose.bones["spine"].location', i): 0.0 for i in range(3)}
        puppets.pose(rig, letter, at, frame=7.0)
    puppets.pose(rig, "X", {('pose.bones["lip \\"L\\""].location', 0): 0.0})
    puppets.pose(rig, "Walk", {("location", 0): 3.0})
    return rig
