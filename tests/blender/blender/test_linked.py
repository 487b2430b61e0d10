# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters from library files: what is set on them stays, an override is made whole, and two of them do not mix."""

import bpy
import pytest
from support.characters import random_motion, top

from facewright.addon.bake import bake
from facewright.addon.blender import actions as keyframes
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.inference.core.errors import RigError

FAMILY = ("Bob", "Bob face", "Bob teeth", "Bob tongue")


@pytest.fixture
def library(face, tmp_path):
    """A function that saves Bob, in a collection of his own, and empties the scene; gives the path."""

    def save():
        people = bpy.data.collections.new("Bob")
        bpy.context.scene.collection.children.link(people)
        for name in FAMILY:
            people.objects.link(bpy.data.objects[name])
            bpy.context.scene.collection.objects.unlink(bpy.data.objects[name])
        path = tmp_path / "library.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        return path

    return save


def linked(path, link=True):
    with bpy.data.libraries.load(str(path), link=link) as (_, wanted):
        wanted.collections = ["Bob"]
    bpy.context.scene.collection.children.link(wanted.collections[0])
    return wanted.collections[0]


def overridden(collection, editable=True):
    """A library override as Blender's own menu makes it: objects, but not their meshes. Gives the new face."""
    before = {obj.session_uid for obj in bpy.data.objects}
    collection.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=editable)
    new = [o for o in bpy.data.objects if o.session_uid not in before and o.name.startswith("Bob face")]
    bpy.context.view_layer.objects.active = new[0]
    return new[0]


def reopened(tmp_path):
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


def findings(obj):
    return inspection.inspect(bpy.context.scene, character.find(obj, bpy.context.scene))


def find(check, obj):
    return [one for one in findings(obj) if one.check == check]


def bake_on(obj, seed=1):
    who = character.find(obj, bpy.context.scene)
    bake.bake_motion(bpy.context.scene, who, random_motion(60, seed=seed), frame=1.0, name=f"speech {seed}")
    bpy.context.scene.frame_set(12)
    return top(obj)


def settings_of(root):
    """Everything that is set on a character: name to value, but what is never stored."""
    settings = root.facewright
    kinds = {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
    kept = [p for p in settings.bl_rna.properties if p.type in kinds and not p.is_readonly and not p.is_skip_save]
    return {p.identifier: getattr(settings, p.identifier) for p in kept if p.identifier not in ("name", "rna_type")}


def change(root):
    """Give every setting another value than it has."""
    settings = root.facewright
    for name, now in settings_of(root).items():
        rna = settings.bl_rna.properties[name]
        if getattr(rna, "is_array", False) or getattr(rna, "is_enum_flag", False):
            continue
        if rna.type == "ENUM":
            choices = [item.identifier for item in rna.enum_items]
        else:
            choices = {"BOOLEAN": [True, False], "INT": [3, 2], "STRING": [f"//{name}"]}.get(rna.type, [0.25, 0.75])
        setattr(settings, name, next(choice for choice in choices if choice != now))
    return settings_of(root)


@pytest.mark.parametrize("how", ["save", "append", "link"])
def test_all_settings_of_a_character_travel_with_it(face, library, tmp_path, how):
    meant = change(face.parent)
    assert {"source", "filepath", "strip", "frame", "seed"} <= meant.keys()
    if how == "save":
        reopened(tmp_path)
    else:
        linked(library(), link=how == "link")
    assert settings_of(bpy.data.objects["Bob"]) == meant


@pytest.mark.parametrize("set_before", [True, False], ids=["set in the library", "new in the library"])
def test_all_settings_of_an_override_are_its_own_and_are_saved(face, library, tmp_path, set_before):
    if set_before:
        face.parent.facewright.seed = 9
    root = overridden(linked(library())).parent
    meant = change(root)
    reopened(tmp_path)
    root = next(obj for obj in bpy.context.scene.objects if obj.override_library and obj.type == "EMPTY")
    assert settings_of(root) == meant


@pytest.mark.parametrize("editable", [True, False], ids=["editable", "system override"])
def test_an_override_without_its_meshes_is_said_and_made_whole(library, tmp_path, editable):
    """Blender's own Make Library Override leaves meshes linked: their shape keys would lose their keys on saving."""
    face = overridden(linked(library()), editable)
    assert face.data.library is not None
    (found,) = find("linked", face)
    assert (found.severity, found.mend) == ("ERROR", "Override")
    assert "shape keys" in found.text
    with pytest.raises(RigError, match="are linked"):
        bake_on(face)
    assert bpy.ops.facewright.mend(check="linked") == {"FINISHED"}
    assert bpy.context.view_layer.objects.active == face
    assert find("linked", face) == []
    moved = bake_on(face)
    assert abs(moved).max() > 0.1
    reopened(tmp_path)
    bpy.context.scene.frame_set(12)
    assert top(bpy.context.view_layer.objects.active) == pytest.approx(moved)


def test_only_the_character_is_overridden(library, tmp_path):
    """A linked prop whose mesh is shown by a local object stays as it is."""
    path = library()
    face = overridden(linked(path))
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.meshes = ["Bob tongue"]
    prop = bpy.data.objects.new("prop", wanted.meshes[0])
    bpy.context.scene.collection.objects.link(prop)
    bpy.context.view_layer.objects.active = face
    bpy.ops.facewright.mend(check="linked")
    assert prop.data.library is not None
    assert find("linked", face) == []


@pytest.mark.parametrize("together", [True, False], ids=["both overridden, then mended", "one after the other"])
def test_two_overrides_of_one_character_do_not_mix(library, tmp_path, together):
    collection = linked(library())
    faces = [overridden(collection)]
    if not together:
        bpy.ops.facewright.mend(check="linked")
    faces.append(overridden(collection))
    for face in faces:
        bpy.context.view_layer.objects.active = face
        if find("linked", face):
            bpy.ops.facewright.mend(check="linked")
    first, second = faces
    assert first.data.shape_keys != second.data.shape_keys
    first.parent.facewright.seed, second.parent.facewright.seed = 3, 4
    names = [first.name, second.name]
    bake_on(first, seed=1)
    assert abs(top(second)).max() == pytest.approx(0, abs=1e-6)
    bake_on(second, seed=2)
    places = [top(first), top(second)]
    assert abs(places[0] - places[1]).max() > 0.05
    reopened(tmp_path)
    bpy.context.scene.frame_set(12)
    for name, place, seed in zip(names, places, (3, 4), strict=True):
        assert top(bpy.data.objects[name]) == pytest.approx(place)
        assert bpy.data.objects[name].parent.facewright.seed == seed


@pytest.mark.parametrize("by_hand", [False, True])
def test_keys_survive_a_library_that_has_changed(library, tmp_path, by_hand):
    """Blender makes the overrides anew then, and lets go of the overridden meshes, keys and all."""
    path = library()
    face = overridden(linked(path))
    if by_hand:
        face.data.override_create(remap_local_usages=True)  # as the Outliner does
    bpy.ops.facewright.mend(check="linked")
    face.parent.facewright.seed = 7
    names, moved = [face.name, face.parent.name], bake_on(face)
    reopened(tmp_path)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    hat = bpy.data.objects.new("Bob hat", bpy.data.meshes.new("hat"))
    hat.parent = bpy.data.objects["Bob"]
    bpy.data.collections["Bob"].objects.link(hat)
    bpy.data.objects["Bob face"].shape_key_add(name="extra", from_mix=False).value = 0.0
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    reopened(tmp_path)
    face, root = (bpy.data.objects[name] for name in names)
    assert any(obj.name.startswith("Bob hat") and obj.override_library for obj in bpy.data.objects)
    assert "extra" in face.data.shape_keys.key_blocks
    assert root.facewright.seed == 7
    assert find("linked", face) == []
    bpy.context.scene.frame_set(12)
    assert top(face) == pytest.approx(moved)


def test_what_an_override_cannot_change_has_a_sentence_and_no_button(face, library, tmp_path):
    """Slider ends and Relative of linked shape keys are the library's: a change is gone once the file is reopened."""
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    face.data.shape_keys.use_relative = False
    face = overridden(linked(library()))
    bpy.ops.facewright.mend(check="linked")
    for check in ("slider", "absolute_keys"):
        (found,) = find(check, face)
        assert found.mend == ""
        assert "'library.blend'" in found.text
    bpy.ops.facewright.mend(check="slider")
    assert face.data.shape_keys.key_blocks["jawOpen"].slider_max == 0.5


def test_what_an_override_can_change_stays_mended(face, library, tmp_path):
    blocks = face.data.shape_keys.key_blocks
    blocks["jawOpen"].mute = True
    blocks["jawLeft"].driver_add("value")
    face.show_only_shape_key = True
    overridden(linked(library()))
    bpy.ops.facewright.mend(check="linked")
    for check in ("muted_key", "driver", "pinned_key"):
        assert find(check, bpy.context.view_layer.objects.active)
        bpy.ops.facewright.mend(check=check)
    reopened(tmp_path)
    face = bpy.context.view_layer.objects.active
    assert face.override_library is not None
    assert [one.check for one in findings(face) if one.check != "sound"] == []


@pytest.mark.parametrize(
    ("what", "check", "button"), [("lock", "locked_curve", "Unlock"), ("mute", "muted_curve", "Unmute")]
)
def test_curves_of_a_linked_action_are_mended_in_a_copy(face, library, tmp_path, what, check, button):
    bake_on(face)
    setattr(keyframes.fcurves_of(face.data.shape_keys)[3], what, True)
    face = overridden(linked(library()))
    bpy.ops.facewright.mend(check="linked")
    before = face.data.shape_keys.animation_data.action
    assert before.library is not None
    assert [one.mend for one in find(check, face)] == [f"{button} in a Copy"]
    bpy.ops.facewright.mend(check=check)
    reopened(tmp_path)
    face = bpy.context.view_layer.objects.active
    assert find(check, face) == []
    assert face.data.shape_keys.animation_data.action.library is None
    bpy.context.scene.frame_set(12)
    assert abs(top(face)).max() > 0.1


def test_an_instance_of_a_linked_collection_says_what_to_do(library):
    path = library()
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.collections = ["Bob"]
    instance = bpy.data.objects.new("Bob", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", wanted.collections[0]
    bpy.context.scene.collection.objects.link(instance)
    with pytest.raises(RigError, match=r"Library Override > Make"):
        character.find(instance, bpy.context.scene)


def test_two_characters_in_one_scene_do_not_mix(face, make_mesh, scene):
    other = make_mesh("Ann", list(face.data.shape_keys.key_blocks.keys())[1:])
    teeth = bpy.data.objects["Bob teeth"]
    places = {obj.name: bake_on(obj, seed) for seed, obj in enumerate((face, other), 1)}
    actions = [obj.data.shape_keys.animation_data.action for obj in (face, other)]
    assert actions[0] != actions[1]
    assert teeth.data.shape_keys.animation_data.action != actions[1]
    for obj in (face, other):
        assert top(obj) == pytest.approx(places[obj.name])
    other.facewright.seed = 5
    bpy.context.view_layer.objects.active = other
    bpy.ops.facewright.mapping_match()
    other.facewright.mapping[0].gain = 0.1
    assert face.parent.facewright.seed == 0
    assert not len(face.parent.facewright.mapping)
