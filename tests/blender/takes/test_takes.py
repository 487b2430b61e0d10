# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: several for a character, chosen, tidied, mixed, exported with their recipes."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, value
from support.made_takes import made_up, of

from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import store
from facewright.addon.ui.takes import mix as takes_mix
from facewright.addon.ui.takes import thumbnails
from facewright.inference import load_audio
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.formats import exporter_for, read_recipe
from facewright.inference.takes.recipe import from_json
from facewright.inference.takes.replay import replay

MOVING = ("browInnerUp", "headPitch", "headYaw", "eyeBlinkLeft", "leftEyeYaw")
MOUTH = [name for name in CHANNELS if name.startswith(("jaw", "mouth", "viseme"))]


def test_seeds_give_takes_that_differ_where_the_voice_says_nothing(three):
    assert [item.name for item in store.items(three)] == ["Take 1", "Take 2", "Take 3"]
    assert [of(three, k).seed for k in range(3)] == [4, 5, 6]
    one, two = of(three, 0).motion, of(three, 1).motion
    for name in ("jawOpen", "mouthClose"):  # by Variation, a little
        assert 0.9 < np.corrcoef(one.channel(name), two.channel(name))[0, 1] < 1
    for name in MOVING:
        assert np.abs(one.channel(name) - two.channel(name)).max() > 0.005, name
    assert store.get(three) is of(three, 0) and three.facewright.seed == 4


def apart(root) -> float:
    """How far the mouths of the last two takes are from one another."""
    one, two = (of(root, len(store.items(root)) - k).motion for k in (1, 2))
    return float(np.abs(one.select(MOUTH).values - two.select(MOUTH).values).mean())


def test_more_variation_makes_mouths_differ_more(three, line):
    found = []
    for variation in (0.0, 0.5, 1.0):
        three.facewright.variation = variation
        bpy.ops.facewright.generate(filepath=str(line), seed=4, count=2)
        assert of(three, len(store.items(three)) - 1).recipe.how.variation == variation
        found.append(apart(three))
    assert found == sorted(found) and found[2] > 1.5 * found[0]


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


def test_undo_takes_the_takes_back(face, scene):
    root = made_up(face, 1)
    preview.start(scene, character.find(face, scene), store.get(root))
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


def test_two_takes_of_one_video_have_two_names(face):
    root = face.parent
    for k in range(3):
        store.add(root, [store.Take(random_motion(10, seed=k), Speech("/a.mp4"), k, "from video")], ["a"])
    assert [item.name for item in store.items(root)] == ["a", "a 2", "a 3"]
