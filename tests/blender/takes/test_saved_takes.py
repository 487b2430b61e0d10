# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes in files: reopened, made again from their recipes, appended, linked, overridden."""

import json
import subprocess
import sys

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion
from support.made_takes import made_up, of

from facewright.addon.blender.sequencer import Speech, absolute
from facewright.addon.takes import store
from facewright.inference.takes import packing


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
