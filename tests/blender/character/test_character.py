# SPDX-License-Identifier: GPL-3.0-or-later
"""Which meshes belong to a character, what of it can be driven, and what an artist without one reads."""

import bpy
import pytest

from facewright.addon.character import character
from facewright.inference.core.channels import ARKIT, VISEMES
from facewright.inference.core.errors import RigError


def names(who):
    return sorted(part.obj.name for part in who.parts)


def empty(name, parent=None):
    obj = bpy.data.objects.new(name, None)
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    return obj


def armature(name, parent=None):
    obj = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    return obj


def test_everything_under_one_parent_belongs_together(face, scene):
    for member in ("Bob face", "Bob teeth", "Bob tongue", "Bob"):
        who = character.find(bpy.data.objects[member], scene)
        assert who.root.name == "Bob"
        assert names(who) == ["Bob face", "Bob teeth", "Bob tongue"]
    assert who.coverage == "52 of 52 ARKit shapes on 3 meshes"


def test_meshes_deformed_by_the_armature_belong_to_it_without_being_its_children(make_mesh, scene):
    rig = armature("Rig")
    for name in ("face", "lashes"):
        obj = make_mesh(name, ["jawOpen", "eyeBlinkLeft"])
        obj.modifiers.new("Armature", "ARMATURE").object = rig
    make_mesh("stranger", ["jawOpen"])
    who = character.find(bpy.data.objects["face"], scene)
    assert who.root == rig
    assert names(who) == ["face", "lashes"]
    assert names(character.find(rig, scene)) == ["face", "lashes"]


def test_a_crowd_under_one_empty_is_not_one_character(make_mesh, scene):
    crowd = empty("Crowd")
    for person in ("Ann", "Bob"):
        group = empty(person, crowd)
        make_mesh(f"{person} face", ARKIT, parent=group)
        make_mesh(f"{person} teeth", ["jawOpen"], parent=group)
    assert names(character.find(bpy.data.objects["Ann teeth"], scene)) == ["Ann face", "Ann teeth"]


def test_face_and_teeth_in_separate_groups_are_one_character(make_mesh, scene):
    root = empty("Bob")
    make_mesh("face", ARKIT, parent=empty("skin group", root))
    make_mesh("teeth", ["jawOpen"], parent=empty("mouth group", root))
    assert names(character.find(bpy.data.objects["teeth"], scene)) == ["face", "teeth"]


def test_shape_keys_shared_by_two_objects_are_driven_once(face, scene):
    twin = bpy.data.objects.new("twin", face.data)
    twin.parent = face.parent
    scene.collection.objects.link(twin)
    assert len(character.find(face, scene).parts) == 3


def test_meshes_without_a_known_name_are_left_out(face, make_mesh, scene):
    make_mesh("belly", ["breathe"], parent=face.parent)
    make_mesh("hat", [], parent=face.parent)
    assert names(character.find(face, scene)) == ["Bob face", "Bob teeth", "Bob tongue"]


def test_missing_shapes_are_named(make_mesh, scene):
    obj = make_mesh("face", [name for name in ARKIT if name not in ("cheekPuff", "tongueOut")])
    who = character.find(obj, scene)
    assert who.coverage == "50 of 52 ARKit shapes on 1 mesh"
    assert who.missing == ("cheekPuff", "tongueOut")


def test_a_character_of_visemes(make_mesh, scene):
    who = character.find(make_mesh("face", ["eyeBlinkLeft", *VISEMES]), scene)
    assert who.coverage == "15 of 15 visemes on 1 mesh"
    assert "eyeBlinkLeft" in who.channels


def test_names_with_quotes_and_other_scripts(make_mesh, scene):
    obj = make_mesh('Zoë\'s "лицо" 顔', ['Head."jawOpen"', "Лицо:mouthClose", "日本"])
    who = character.find(obj, scene)
    assert who.root.name == 'Zoë\'s "лицо" 顔'
    assert who.channels == {"jawOpen", "mouthClose"}


@pytest.mark.parametrize(
    ("shapes", "says"),
    [([], "have no shape keys"), (["smirk", "grin"], r"None of the shape keys .*\(found: smirk, grin\)")],
)
def test_what_cannot_speak_says_why(make_mesh, scene, shapes, says):
    with pytest.raises(RigError, match=says):
        character.find(make_mesh("box", shapes), scene)


def test_nothing_active_says_what_to_do(scene):
    with pytest.raises(RigError, match="Add > Mesh > Facewright Head"):
        character.find(None, scene)
