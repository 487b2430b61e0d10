# SPDX-License-Identifier: GPL-3.0-or-later
"""A character keeps its takes, and the record of its bakes, when it is renamed, parented or taken out of its parent."""

import bpy
import pytest
from support.characters import bake_it, random_motion

from facewright.addon.bake import bake, unbake
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech, sound_strips
from facewright.addon.character import character, mapping
from facewright.addon.takes import lines, store
from facewright.addon.takes.store import Take
from facewright.inference.core.channels import ARKIT


def take_for(obj, speech="/none.wav"):
    root = character.family_root(obj)
    store.add(root, [Take(random_motion(100), Speech(str(speech)), 0, "CPU")])
    return root


def empty(name, parent=None):
    obj = bpy.data.objects.new(name, None)
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    return obj


def armature(name):
    obj = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(obj)
    return obj


def names(obj):
    return sorted(part.obj.name for part in character.find(obj, bpy.context.scene).parts)


def bakes_and_goes_back(obj):
    """The take is found, baked on everything, and taken back."""
    scene = bpy.context.scene
    report = bake.bake(scene, character.find(obj, scene))
    unbake.unbake(character.find(obj, scene))
    return report.meshes


@pytest.mark.parametrize("above", [empty, armature])
def test_a_mesh_parented_after_generate_keeps_its_take(make_mesh, scene, above):
    head = make_mesh("Head", ARKIT)
    root = take_for(head)
    head.parent = above("Rig")
    teeth = make_mesh("Teeth", ["jawOpen"], parent=head.parent)
    for obj in (head, teeth, head.parent):
        assert character.family_root(obj) == root == head
        assert names(obj) == ["Head", "Teeth"]
    assert bakes_and_goes_back(head) == 2


def test_a_family_parented_after_generate_keeps_its_take(face, scene):
    root = take_for(face)
    root.parent = armature("Rig")
    assert character.family_root(face) == root
    assert bakes_and_goes_back(face) == 3


def test_a_family_taken_apart_after_generate_keeps_its_take(face, scene):
    root = take_for(face)
    for obj in list(root.children):
        obj.parent = None
    for name in ("Bob face", "Bob teeth", "Bob tongue"):
        assert character.family_root(bpy.data.objects[name]) == root
    assert bakes_and_goes_back(face) == 3


def test_a_face_taken_out_and_put_under_another_rig_keeps_its_take(face, scene):
    root = take_for(face)
    face.parent = armature("Rig")
    assert character.family_root(face) == root
    assert bakes_and_goes_back(face) == 3


def test_a_mesh_that_its_armature_no_more_deforms_keeps_its_take(make_mesh, scene):
    rig, head = armature("Rig"), make_mesh("Head", ARKIT)
    head.modifiers.new("Armature", "ARMATURE").object = rig
    assert take_for(head) == rig
    head.modifiers.clear()
    head.parent = empty("Stage")
    assert character.family_root(head) == rig
    assert bakes_and_goes_back(head) == 1


def test_a_mapping_is_found_after_parenting_too(make_mesh, scene):
    head = make_mesh("Head", ARKIT)
    mapping.store(head, [line for line in character.find(head, scene).parts[0].rig.lines if line.channel == "jawOpen"])
    head.parent = armature("Rig")
    assert character.find(head, scene).channels == {"jawOpen"}


def test_a_copy_of_a_face_that_is_taken_out_is_a_character_of_its_own(face, scene):
    root = take_for(face)
    copy = face.copy()
    copy.data = face.data.copy()
    scene.collection.objects.link(copy)
    copy.parent = None
    assert character.family_root(copy) == copy
    assert character.family_root(face) == root
    assert names(face) == ["Bob face", "Bob teeth", "Bob tongue"]


@pytest.mark.parametrize("between", ["generate", "bake"])
def test_a_bake_is_taken_back_after_everything_was_parented_and_renamed(face, scene, between):
    root = take_for(face)
    if between == "bake":
        bake.bake(scene, character.find(face, scene))
    root.parent = armature("Rig")
    for things in (bpy.data.objects, bpy.data.meshes, bpy.data.shape_keys, bpy.data.actions):
        for number, thing in enumerate(list(things)):
            thing.name = f"renamed {number}"
    if between == "generate":
        bake.bake(scene, character.find(face, scene))
    unbake.unbake(character.find(face, scene))
    assert not bpy.data.actions
    assert store.get(character.family_root(face)) is not None


def test_two_heads_that_stand_side_by_side_under_an_empty_are_two_characters(make_mesh, scene):
    cast = empty("Cast")
    ann, ben = make_mesh("Ann", ARKIT, parent=cast), make_mesh("Ben", ARKIT, parent=cast)
    assert names(ann) == ["Ann", "Ben"]  # as face and teeth are, which lie in one another
    ben.location.x = 5.0
    assert (names(ann), names(ben)) == (["Ann"], ["Ben"])
    for obj, seed in ((ann, 1), (ben, 2)):
        take_for(obj)
        bake_it(character.find(obj, scene), random_motion(60, seed=seed))
    first, second = (obj.data.shape_keys.animation_data.action for obj in (ann, ben))
    assert first != second
    ben.location.x = 0.0  # each keeps its own
    assert (names(ann), names(ben)) == (["Ann"], ["Ben"])
    unbake.unbake(character.find(ben, scene))
    assert ann.data.shape_keys.animation_data.action == first


def test_two_characters_that_get_one_rig_stay_two(make_mesh, scene):
    heads = [make_mesh(name, ARKIT) for name in ("Ann", "Ben")]
    for head in heads:
        take_for(head)
    rig = armature("Rig")
    for head in heads:
        head.parent = rig
        assert character.family_root(head) == head
    assert [names(head) for head in heads] == [["Ann"], ["Ben"]]


def test_a_renamed_character_speaks_with_one_voice(make_mesh, scene, speech, speech_wav):
    head = make_mesh("Cube.003", ARKIT)
    bpy.ops.facewright.generate(filepath=str(speech), seed=1)
    if not sound_strips(scene):
        pytest.skip("this Blender was built without sound")
    head.name = "Hero"
    other = make_mesh("Cube.003", ARKIT)
    bpy.ops.facewright.generate(filepath=str(speech), seed=2, frame=50.0)
    bpy.context.view_layer.objects.active = head
    bpy.ops.facewright.generate(filepath=str(speech_wav), seed=1)
    assert len(sound_strips(scene)) == 2
    assert [len(lines.items(one)) for one in (head, other)] == [1, 1]


# Shape keys that are shared


@pytest.fixture
def twins(make_mesh, scene):
    ann = make_mesh("Ann", ARKIT)
    ben = bpy.data.objects.new("Ben", ann.data)
    scene.collection.objects.link(ben)
    return ann, ben


@pytest.mark.parametrize("into", ["NEW", "EXISTING", "ADDITIVE"])
def test_a_bake_on_shared_keys_says_so_and_keeps_the_others_action(twins, scene, into):
    ann, ben = twins
    bake_it(character.find(ann, scene), random_motion(60), into="ADDITIVE" if into == "ADDITIVE" else "NEW")
    action = next(iter(bpy.data.actions))
    keys = key_bits(action)
    report = bake_it(character.find(ben, scene), random_motion(60, seed=2), into=into)
    assert "'Ben' shares its shape keys with 'Ann'" in str(report)
    assert key_bits(action) == keys
    said = unbake.unbake(character.find(ann, scene))
    assert "'Ann' shares its shape keys with 'Ben'" in said
    data = ann.data.shape_keys.animation_data
    assert action in [data.action, *(strip.action for track in data.nla_tracks for strip in track.strips)]


def key_bits(action):
    return [actions.read(one).tobytes() for slot in actions.slots_of(action) for one in slot.existing_fcurves]


def test_a_click_gives_each_twin_shape_keys_of_its_own(twins, scene):
    ann, ben = twins
    bake_it(character.find(ann, scene), random_motion(60))
    action = ann.data.shape_keys.animation_data.action
    keys = key_bits(action)
    bpy.context.view_layer.objects.active = ben
    assert bpy.ops.facewright.mend(check="shared_keys") == {"FINISHED"}
    assert ann.data != ben.data and ann.data.shape_keys != ben.data.shape_keys
    report = bake_it(character.find(ben, scene), random_motion(60, seed=2), into="EXISTING")
    assert "shares" not in str(report)
    assert ann.data.shape_keys.animation_data.action == action and key_bits(action) == keys
    assert ben.data.shape_keys.animation_data.action != action
