# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: several for a character, saved, appended and linked with it, replayed from their recipes, compared, mixed."""

import json
import shutil
import subprocess
import sys

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, value

from facewright.addon.blender.sequencer import Speech, absolute
from facewright.addon.character import character
from facewright.addon.preview import compare, preview
from facewright.addon.takes import store
from facewright.addon.ui.takes import mix as takes_mix
from facewright.addon.ui.takes import thumbnails
from facewright.inference import load_audio
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.formats import exporter_for, read_recipe
from facewright.inference.takes import packing
from facewright.inference.takes.recipe import from_json
from facewright.inference.takes.replay import replay

MOVING = ("browInnerUp", "headPitch", "headYaw", "eyeBlinkLeft", "leftEyeYaw")
MOUTH = [name for name in CHANNELS if name.startswith(("jaw", "mouth", "viseme"))]


@pytest.fixture(scope="module")
def line(speech, tmp_path_factory):
    """Two seconds of speech."""
    import soundfile

    path = tmp_path_factory.mktemp("line") / "line.wav"
    audio = load_audio(speech, start=0.3, duration=2.0)
    soundfile.write(path, audio.samples, 16_000, subtype="FLOAT")
    return path


@pytest.fixture
def three(face, line):
    """The face with three takes."""
    assert bpy.ops.facewright.generate(filepath=str(line), seed=4, count=3) == {"FINISHED"}
    return face.parent


def of(root, place):
    return store.read(store.items(root)[place])


def made_up(face, count=2):
    """Takes that were not generated, for what needs no model."""
    root = face.parent
    store.add(root, [store.Take(random_motion(100, seed=k), Speech("/a.wav"), k, "CPU") for k in range(count)])
    return root


def test_seeds_give_takes_that_differ_where_the_voice_says_nothing(three):
    assert [item.name for item in store.items(three)] == ["Take 1", "Take 2", "Take 3"]
    assert [of(three, k).seed for k in range(3)] == [4, 5, 6]
    one, two = of(three, 0).motion, of(three, 1).motion
    assert np.array_equal(one.select(MOUTH).values, two.select(MOUTH).values)
    for name in MOVING:
        assert np.abs(one.channel(name) - two.channel(name)).max() > 0.005, name
    assert store.get(three) is of(three, 0) and three.facewright.seed == 4


def test_the_same_again_takes_its_old_place(three, line):
    store.items(three)[1].name, store.items(three)[1].star = "The good one", True
    bpy.ops.facewright.generate(filepath=str(line), seed=5, count=1)
    assert len(store.items(three)) == 3 and three.facewright.take_index == 1
    assert (store.active_item(three).name, store.active_item(three).star) == ("The good one", True)
    assert bpy.ops.facewright.take_more() == {"FINISHED"}
    assert len(store.items(three)) == 4 and of(three, 3).seed == 7


def test_the_chosen_take_is_previewed_and_baked(three, face, scene):
    three.facewright.take_index = 2
    seen = []
    for frame in range(2, 50, 5):
        scene.frame_set(frame)
        seen.append(value(face, "browInnerUp"))
    assert np.allclose(
        seen, of(three, 2).motion.select(["browInnerUp"]).at((np.arange(2, 50, 5) - 1) / 24)[:, 0], atol=1e-5
    )
    bpy.ops.facewright.bake()
    for frame, before in zip(range(2, 50, 5), seen, strict=True):
        scene.frame_set(frame)
        assert value(face, "browInnerUp") == pytest.approx(before, abs=1e-5)


def test_takes_are_there_after_reopening_and_their_recipes_give_the_same_bits_in_another_process(three, line, tmp_path):
    before = [of(three, k) for k in range(3)]
    store.items(three)[2].star = True
    three.facewright.take_index = 1
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    root = bpy.data.objects["Bob"]
    for place, was in enumerate(before):
        now = of(root, place)
        assert now.motion is not was.motion  # read from the file, not remembered
        assert np.array_equal(now.motion.values, was.motion.values)
        assert (now.speech, now.seed, now.recipe.to_json()) == (was.speech, was.seed, was.recipe.to_json())
    assert store.get(root).seed == 5 and store.items(root)[2].star
    code = (
        "import sys, numpy; from facewright.inference import *; from facewright.inference.takes.replay import replay\n"
        "from facewright.inference.takes.recipe import from_json; recipe = from_json(sys.argv[1])\n"
        "numpy.save(sys.argv[3], replay(recipe, load_audio(sys.argv[2])).values)"
    )
    arguments = [store.items(root)[1].recipe, str(line), str(tmp_path / "again.npy")]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    assert np.array_equal(np.load(arguments[2]), before[1].motion.values)


def test_motion_that_is_not_in_the_file_is_made_again_from_the_recipe(three):
    was = of(three, 0).motion.values
    before = store.get(three)
    assert bpy.ops.facewright.take_again() == {"FINISHED"}
    assert store.get(three) is before  # bit for bit, so nothing was changed
    store.active_item(three).motion = ""
    store.clear()
    assert store.get(three) is None
    with pytest.raises(RuntimeError, match="make it again first"):
        bpy.ops.facewright.take_mix()
    assert bpy.ops.facewright.take_again() == {"FINISHED"}
    assert np.array_equal(store.get(three).motion.values, was)


def test_another_sound_or_a_damaged_recipe_is_refused(three, line):
    item = store.active_item(three)
    held = json.loads(item.recipe)
    held["sound"]["sha256"] = "0" * 64
    item.recipe = json.dumps(held)
    assert "line.wav" in error_of(bpy.ops.facewright.take_again)
    item.recipe = "{"
    assert store.recipe_of(item) is None
    assert "recipe" in error_of(bpy.ops.facewright.take_again)


def test_damaged_motion_is_not_at_hand(face):
    root = made_up(face)
    store.clear()
    store.active_item(root).motion = "AAAA" + store.active_item(root).motion[4:]
    assert store.get(root) is None
    store.active_item(root).about = ""
    assert store.about(store.active_item(root)).seconds == 0


def test_appended_and_linked_characters_bring_their_takes(face, tmp_path):
    root = made_up(face)
    was = of(root, 1).motion.values
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    for link in (False, True):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=link) as (there, here):
            here.objects = there.objects
        root = next(obj for obj in bpy.data.objects if obj.name == "Bob")
        assert [item.name for item in store.items(root)] == ["Take 1", "Take 2"]
        assert np.array_equal(of(root, 1).motion.values, was)


def test_takes_of_a_library_override_are_saved(face, tmp_path):
    made_up(face)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (there, here):
        here.objects = there.objects
    linked = next(obj for obj in bpy.data.objects if obj.name == "Bob")
    for obj in list(bpy.data.objects):
        bpy.context.scene.collection.objects.link(obj)
    root = linked.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    store.add(root, [store.Take(random_motion(60, seed=9), Speech("/b.wav"), 9, "CPU")], ["Mine"])
    was = store.get(root).motion.values
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    root = next(obj for obj in bpy.data.objects if obj.override_library and obj.name == "Bob")
    assert [item.name for item in store.items(root)] == ["Take 1", "Take 2", "Mine"]
    assert root.facewright.take_index == 2
    assert np.array_equal(store.get(root).motion.values, was)


def test_the_sound_of_a_library_override_is_found_beside_its_library(face, scene, tmp_path):
    for folder in ("library", "shot"):
        (tmp_path / folder).mkdir()
    sound = tmp_path / "library" / "line.wav"
    sound.write_bytes(b"")
    library, shot = str(tmp_path / "library" / "bob.blend"), str(tmp_path / "shot" / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    root = bpy.data.objects["Bob"]
    root.facewright.filepath = "//line.wav"
    store.add(root, [store.Take(random_motion(60), Speech(str(sound)), 0, "CPU")])
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=shot)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.objects = ["Bob"]
    bpy.context.scene.collection.objects.link(bpy.data.objects["Bob"])
    root = bpy.data.objects["Bob"].override_create(remap_local_usages=True)
    assert store.get(root).speech.path == str(sound)
    assert absolute(root, root.facewright.filepath) == str(sound)
    (tmp_path / "shot" / "line.wav").write_bytes(b"")
    assert store.get(root).speech.path == str(tmp_path / "shot" / "line.wav")


def test_undo_takes_the_takes_back(face, scene):
    root = made_up(face, 1)
    bpy.ops.ed.undo_push(message="one")
    store.add(root, [store.Take(random_motion(100, seed=7), Speech("/a.wav"), 7, "CPU")])
    preview.start(scene, character.find(face, scene), store.get(root))
    bpy.ops.ed.undo_push(message="two")
    bpy.ops.ed.undo()
    root = bpy.data.objects["Bob"]
    assert [of(root, k).seed for k in range(len(store.items(root)))] == [0]
    assert preview.shown(root) is store.get(root)
    bpy.ops.ed.redo()
    root = bpy.data.objects["Bob"]
    assert store.get(root).seed == 7 and preview.shown(root) is store.get(root)


def test_remove_and_tidy(face):
    root = made_up(face, 4)
    store.items(root)[2].star = True
    root.facewright.take_index = 1
    bpy.ops.facewright.take_remove()
    assert [item.name for item in store.items(root)] == ["Take 1", "Take 3", "Take 4"]
    assert store.active_item(root).name == "Take 3"
    root.facewright.take_index = 2
    bpy.ops.facewright.take_tidy()
    assert [item.name for item in store.items(root)] == ["Take 3", "Take 4"]
    assert store.active_item(root).name == "Take 4"
    bpy.ops.facewright.take_remove()
    bpy.ops.facewright.take_remove()
    assert store.get(root) is None and not preview.is_on(root)
    assert "press Generate" in error_of(bpy.ops.facewright.take_remove)


def test_pictures_are_drawn_without_a_window(face):
    root = made_up(face)
    first, second = (thumbnails.drawn(of(root, k).motion, 320, 64) for k in (0, 1))
    assert first.shape == (64, 320, 4) and first.min() >= 0 and first.max() <= 1
    assert (first[..., 3] > 0).any() and not np.array_equal(first, second)
    assert len(thumbnails.icons(store.items(root)[0])) == thumbnails.TILES


def test_a_mix_has_what_was_asked_for_and_its_recipe_gives_it_again(three, scene, line):
    store.items(three)[1].name = "Other"
    bpy.ops.facewright.take_mix(other="Other", parts={"BROWS", "LIDS"}, first=13, last=37, blend=4)
    assert len(store.items(three)) == 4 and three.facewright.take_index == 3
    assert store.active_item(three).name == "Take 1 + brows lids 13-37 of Other"
    mix, base, other = store.get(three), of(three, 0).motion, of(three, 1).motion
    inside = (base.times > 17 / 24) & (base.times < 32 / 24)
    brows = [name for name in ARKIT if name.startswith(("brow", "eyeBlink"))]
    assert np.array_equal(mix.motion.select(brows).values[inside], other.select(brows).values[inside])
    rest = [name for name in CHANNELS if name not in brows and not name.startswith(("eyeSquint", "eyeWide"))]
    assert np.array_equal(mix.motion.select(rest).values, base.select(rest).values)
    assert not np.array_equal(mix.motion.values, base.values)
    assert np.array_equal(replay(mix.recipe, load_audio(line)).values, mix.motion.values)
    assert bpy.ops.facewright.take_again() == {"FINISHED"}
    assert store.get(three) is mix


def test_a_take_with_frames_punched_in_is_made_again_from_its_recipe_too(three, line):
    before = store.get(three).motion
    assert bpy.ops.facewright.punch_in(first=12, last=40, seed=77) == {"FINISHED"}
    take = store.get(three)
    assert not np.array_equal(take.motion.values, before.values) and of(three, 1).seed == 5
    assert np.array_equal(replay(take.recipe, load_audio(line)).values, take.motion.values)
    bpy.ops.facewright.take_mix(other="Take 2", parts={"HEAD"})
    mix = store.get(three)
    assert np.array_equal(replay(mix.recipe, load_audio(line)).values, mix.motion.values)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"other": "Nobody"}, "name of another take"),
        ({"other": "Take 1"}, "the active one itself"),
        ({"other": "Take 2", "parts": set(takes_mix.PARTS)}, "everything"),
        ({"other": "Take 2", "parts": {"HEAD"}, "first": 500, "last": 600}, "within the take"),
        ({"other": "Take 3", "parts": {"HEAD"}}, "say different things"),
    ],
)
def test_a_mix_that_makes_no_sense_is_refused(face, arguments, said):
    root = made_up(face)
    store.add(root, [store.Take(random_motion(100), Speech("/other.wav"), 0, "CPU")])
    store.choose(root, 0)
    assert said in error_of(bpy.ops.facewright.take_mix, **arguments)
    assert len(store.items(root)) == 3


def check_nothing_is_left(before):
    assert {obj.name for obj in bpy.data.objects} == before
    assert not [one for kind in (bpy.data.meshes, bpy.data.collections) for one in kind if compare.MARK in one]
    assert compare.COLLECTION not in bpy.data.collections


def test_compare_shows_another_take_beside_and_leaves_nothing(face, scene):
    root = made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    preview.start(scene, character.find(face, scene), store.get(root))
    assert bpy.ops.facewright.take_compare(index=1) == {"FINISHED"}
    (double,) = compare.doubles(root)
    its_face = next(obj for obj in double.children if obj.data.shape_keys and len(obj.data.shape_keys.key_blocks) > 50)
    assert its_face.data != face.data and its_face.hide_render and its_face.hide_select
    assert double.location.x < root.location.x - 1
    for frame in (5, 30):
        scene.frame_set(frame)
        for obj, place in ((face, 0), (its_face, 1)):
            expected = of(root, place).motion.at([(frame - 1) / 24])[0][CHANNELS.index("browInnerUp")]
            assert value(obj, "browInnerUp") == pytest.approx(expected, abs=1e-5)
    root.facewright.take_index = 1
    assert preview.shown(double) is of(root, 1)
    assert bpy.ops.facewright.take_compare_end() == {"FINISHED"}
    check_nothing_is_left(before)
    assert root.facewright.take_mix.other == "Take 2"


def test_a_comparison_is_not_saved_and_goes_on_after_saving(face, scene, tmp_path):
    root = made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    bpy.ops.facewright.take_compare(index=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    (double,) = compare.doubles(root)
    assert preview.shown(double) is of(root, 1)
    copy = shutil.copy(tmp_path / "shot.blend", tmp_path / "copy.blend")
    with bpy.data.libraries.load(str(copy)) as (there, _):
        assert set(there.objects) == before and len(there.meshes) == 3
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    check_nothing_is_left(before)


def test_undo_and_redo_of_a_comparison(face, scene):
    made_up(face)
    before = {obj.name for obj in bpy.data.objects}
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.take_compare(index=1)
    bpy.ops.ed.undo_push(message="compare")
    bpy.ops.ed.undo()
    check_nothing_is_left(before)
    bpy.context.scene.frame_set(3)
    bpy.ops.ed.redo()
    (double,) = compare.doubles()
    assert preview.shown(double) is of(bpy.data.objects["Bob"], 1)
    bpy.ops.facewright.take_compare_end()
    check_nothing_is_left(before)


def test_a_character_with_armature_and_drivers_is_doubled_whole(make_mesh, scene):
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(armature)
    obj = make_mesh("Ann", ARKIT)
    obj.modifiers.new("Armature", "ARMATURE").object = armature
    target = obj.data.shape_keys.key_blocks["tongueOut"].driver_add("value").driver.variables.new().targets[0]
    target.id, target.data_path = armature, "location.x"
    store.add(armature, [store.Take(random_motion(50, seed=k), Speech("/a.wav"), k, "CPU") for k in (0, 1)])
    bpy.ops.facewright.take_compare(index=1)
    (double,) = compare.doubles(armature)
    its = next(
        one for one in bpy.data.objects if one.get(compare.MARK) == double[compare.MARK] and one.data != double.data
    )
    assert its.modifiers[0].object == double
    assert its.data.shape_keys.animation_data.drivers[0].driver.variables[0].targets[0].id == double
    assert obj.modifiers[0].object == armature and target.id == armature
    assert its.location.x < -0.5


def test_an_exported_take_has_its_recipe(three, line, tmp_path):
    take = store.get(three)
    for suffix in (".csv", ".json", ".npz"):
        path = tmp_path / f"take{suffix}"
        assert bpy.ops.facewright.take_export(filepath=str(path)) == {"FINISHED"}
        assert read_recipe(path).to_json() == take.recipe.to_json()
    three.facewright.slider_jaw, three.facewright.emotion_joy, three.facewright.slider_energy = 1.3, 0.4, 1.0
    three.facewright.keyframe_insert("slider_jaw", frame=1)
    three.facewright.slider_jaw = 0.8
    three.facewright.keyframe_insert("slider_jaw", frame=40)
    path = tmp_path / "dialled.npz"
    assert bpy.ops.facewright.take_export(filepath=str(path)) == {"FINISHED"}
    shown = exporter_for(path).read(path)
    assert not np.array_equal(shown.values, take.motion.values)
    assert np.array_equal(replay(read_recipe(path), load_audio(line)).values, shown.values)
    assert "is not a folder" in error_of(bpy.ops.facewright.take_export, filepath=str(tmp_path / "no" / "take.csv"))
    assert bpy.ops.facewright.take_recipe() == {"FINISHED"}
    if not bpy.app.background:
        assert from_json(bpy.context.window_manager.clipboard).to_json() == take.recipe.to_json()


def test_long_takes_keep_only_their_recipe(face, line, monkeypatch):
    monkeypatch.setattr(packing, "LONGEST_KEPT", 10_000)
    assert bpy.ops.facewright.generate(filepath=str(line)) == {"FINISHED"}
    root = face.parent
    assert store.active_item(root).motion == "" and store.get(root) is not None
    store.clear()
    assert store.get(root) is None
    assert bpy.ops.facewright.take_again() == {"FINISHED"} and store.get(root) is not None


def test_a_long_take_that_nothing_can_make_again_is_kept_whole(face, monkeypatch):
    monkeypatch.setattr(packing, "LONGEST_KEPT", 10_000)
    root = made_up(face)
    values = store.get(root).motion.values
    store.clear()
    assert np.array_equal(store.get(root).motion.values, values)


def test_two_takes_of_one_video_have_two_names(face):
    root = face.parent
    for k in range(3):
        store.add(root, [store.Take(random_motion(10, seed=k), Speech("/a.mp4"), k, "from video")], ["a"])
    assert [item.name for item in store.items(root)] == ["a", "a 2", "a 3"]
