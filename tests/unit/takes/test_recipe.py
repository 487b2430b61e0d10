# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes: read back without loss, refused when damaged, and the same curves bit for bit in another process."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from facewright.inference import Style, animate, export, load_audio
from facewright.inference.adjust.adjustments import Adjustments
from facewright.inference.core.audio import Audio
from facewright.inference.core.errors import MotionError, RecipeError
from facewright.inference.formats import SUFFIXES, exporter_for, read_recipe
from facewright.inference.takes.mix import crossfade, of_regions
from facewright.inference.takes.recipe import Mixed, Punched, Recipe, Sound, audio_sha256, from_json, generated
from facewright.inference.takes.replay import doubts, replay
from facewright.inference.takes.retake import retake_frames

STYLE = Style("Bob, très «sûr»", np.linspace(0.7, 1.3, 40, dtype=np.float32))


@pytest.fixture(scope="module")
def audio(speech):
    return load_audio(speech, start=0.5, duration=1.5)


@pytest.fixture(scope="module")
def recipe(audio, predictor, speech):
    """Brows of a second take, and a styled third one in the middle."""
    sound = Sound(speech.name, audio_sha256(audio), 0.5, 1.5)
    first, second = (generated(predictor.card, predictor.provider, seed, None, None) for seed in (1, 2))
    third = generated(predictor.card, predictor.provider, 3, 1, STYLE)
    return Recipe(sound, Mixed(Mixed(first, second, ("brows",)), third, (), (0.4, 1.0, 0.1)), 60.0)


def simple(recipe):
    return replace(recipe, how=next(recipe.generated()), fps=50.0)


def test_text_is_read_back_without_loss(recipe):
    again = from_json(recipe.to_json())
    assert again.to_json() == recipe.to_json()
    assert (again.sound, again.fps) == (recipe.sound, recipe.fps)
    leaves = list(again.generated())
    assert [leaf.seed for leaf in leaves] == [1, 2, 3]
    assert leaves[2].style.name == STYLE.name and np.array_equal(leaves[2].style.slots, STYLE.slots)
    assert leaves[0].style is None and leaves[0].steps in (1, 2, 4)


def test_a_neutral_style_is_none(predictor):
    assert generated(predictor.card, "CPU", 0, None, Style("plain")).style is None


def test_replay_is_animate(recipe, audio, predictor):
    again = replay(replace(simple(recipe), fps=60.0), audio, predictor=predictor)
    expected = animate(audio, fps=60, seed=1, predictor=predictor)
    assert np.array_equal(again.values, expected.values) and again.fps == 60


def test_a_tree_is_put_together_as_it_was(recipe, audio, predictor):
    a, b = (animate(audio, fps=50, seed=seed, predictor=predictor) for seed in (1, 2))
    c = animate(audio, fps=50, seed=3, steps=1, style=STYLE, predictor=predictor)
    expected = crossfade(of_regions(a, {"brows": b}), c, 0.4, 1.0, 0.1).resample(60)
    parts = []
    again = replay(recipe, audio, predictor=predictor, progress=parts.append)
    assert np.array_equal(again.values, expected.values)
    assert parts == sorted(parts) and parts[-1] == pytest.approx(1)


def test_frames_that_were_punched_in_are_made_again(recipe, audio, predictor):
    base, new = list(recipe.generated())[:2]
    take = replay(simple(recipe), audio, predictor=predictor)
    expected = retake_frames(take, audio, slice(20, 50), seed=2, predictor=predictor)
    assert np.array_equal(expected.values[:20], take.values[:20])
    assert not np.array_equal(expected.values[20:50], take.values[20:50])
    held = from_json(replace(recipe, how=Punched(base, new, 20, 50), fps=50.0).to_json())
    assert np.array_equal(replay(held, audio, predictor=predictor).values, expected.values)
    with pytest.raises(MotionError, match="frames of a take"):
        retake_frames(take, audio, slice(20, 500), seed=2, predictor=predictor)


def test_another_process_gives_the_same_bits(recipe, audio, predictor, speech, tmp_path):
    (tmp_path / "take.json").write_text(recipe.to_json(), encoding="utf-8")
    code = (
        "import sys, numpy; from facewright.inference import *; from facewright.inference.takes.replay import replay\n"
        "from facewright.inference.takes.recipe import from_json\n"
        "recipe = from_json(open(sys.argv[1], encoding='utf-8').read())\n"
        "audio = load_audio(sys.argv[2], start=recipe.sound.start, duration=recipe.sound.duration)\n"
        "numpy.save(sys.argv[3], replay(recipe, audio, predictor=load_predictor(device='cpu')).values)"
    )
    arguments = [tmp_path / "take.json", speech, tmp_path / "values.npy"]
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True)
    assert np.array_equal(np.load(arguments[2]), replay(recipe, audio, predictor=predictor).values)


def test_another_sound_is_named_and_refused(recipe, audio, predictor):
    other = Audio(audio.samples * np.float32(0.5))
    with pytest.raises(RecipeError) as caught:
        replay(recipe, other, predictor=predictor)
    assert recipe.sound.name in str(caught.value)
    assert recipe.sound.sha256[:12] in str(caught.value) and audio_sha256(other)[:12] in str(caught.value)


def test_another_model_is_named_and_refused(recipe, audio, tiny):
    with pytest.raises(RecipeError) as caught:
        replay(recipe, audio, predictor=tiny)
    assert next(recipe.generated()).model in str(caught.value) and tiny.card.name in str(caught.value)


def test_another_processor_or_version_is_a_doubt(recipe):
    assert doubts(recipe, "CPU") == []
    assert "CPU" in doubts(recipe, "CUDA")[0] and "CUDA" in doubts(recipe, "CUDA")[0]
    old = replace(simple(recipe), how=structs.replace(next(recipe.generated()), package="0.0.1"))
    assert "0.0.1" in doubts(old, "CPU")[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "cake"}, "to say .* got 'cake'"),
        ({"version": 99}, "newer facewright"),
        ({"fps": 0}, "a rate above 0"),
        ({"fps": None}, "'fps' should be a number, not None"),
        ({"take": {"do": "dance"}}, "dance"),
        ({"take": None}, "'take' should be a table"),
        ({"sound": {"name": "a.wav"}}, "'sha256' is missing in 'sound'"),
        ({"sound": {"name": "a.wav", "sha256": "no"}}, r"sound.sha256' .* of the form .*, not 'no'"),
        ({"sound": {"name": "a.wav", "sha256": "0" * 64, "start": -1}}, "a start of 0 s or later"),
        ({"sliders": {"values": {"ears": 1}}}, "ears"),
        ({"sliders": 3}, "'sliders' should be a table or nothing, not 3"),
        ({"sliders": {"values": 3}}, "sliders.values' should be a table"),
    ],
)
def test_damage_is_named(recipe, change, said):
    held = {**json.loads(recipe.to_json()), **change}
    with pytest.raises(RecipeError, match=said):
        from_json(json.dumps(held))


@pytest.mark.parametrize(
    ("key", "value"), [("seed", -1), ("seed", True), ("steps", 3), ("model_sha256", "x"), ("style", 4), ("colour", 1)]
)
def test_damage_below_is_named(recipe, key, value):
    held = json.loads(simple(recipe).to_json())
    held["take"][key] = value
    with pytest.raises(RecipeError):
        from_json(json.dumps(held))


@pytest.mark.parametrize(
    ("key", "value"), [("regions", ["ears"]), ("span", [1.0, 0.5, 0.1]), ("span", [1]), ("base", 3), ("other", {})]
)
def test_damage_of_a_mix_is_named(recipe, key, value):
    held = json.loads(recipe.to_json())
    held["take"][key] = value
    with pytest.raises(RecipeError):
        from_json(json.dumps(held))


def test_sliders_are_replayed(recipe, audio, predictor):
    sliders = Adjustments({"jaw": 1.3, "energy": 1.0}, {"joy": np.linspace(0, 1, 75)}, {"brows": 0.5}, {"M": 1.4})
    dialled = replace(simple(recipe), sliders=sliders, fps=60.0)
    expected = animate(audio, fps=60, seed=1, sliders=sliders, predictor=predictor)
    again = replay(from_json(dialled.to_json()), audio, predictor=predictor)
    assert np.array_equal(again.values, expected.values)
    assert not np.array_equal(again.values, replay(replace(dialled, sliders=None), audio, predictor=predictor).values)


@pytest.mark.parametrize("text", ["", "[]", "3", "{", "[" * 5000, "x" * (2 << 20), '{"format": "facewright recipe"}'])
def test_something_else_is_refused(text):
    with pytest.raises(RecipeError):
        from_json(text)


def test_a_take_made_of_too_many_takes_is_refused(recipe):
    how = next(recipe.generated())
    for _ in range(60):
        how = Mixed(how, next(recipe.generated()))
    with pytest.raises(RecipeError, match="deep"):
        replace(recipe, how=how)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_exported_files_keep_the_recipe(recipe, audio, predictor, tmp_path, suffix):
    motion = replay(simple(recipe), audio, predictor=predictor)
    path = tmp_path / f"take{suffix}"
    export(motion, path)
    assert read_recipe(path) is None
    plain = path.read_bytes()
    export(motion, path, recipe)
    assert read_recipe(path).to_json() == recipe.to_json()
    assert np.array_equal(exporter_for(path).read(path).times, motion.times)
    assert (path.read_bytes() == plain) == (suffix == ".csv")  # Live Link readers see what they always saw


def test_a_csv_that_was_edited_has_another_recipe(recipe, audio, predictor, tmp_path):
    path = tmp_path / "take.csv"
    export(replay(simple(recipe), audio, predictor=predictor), path, recipe)
    path.write_text(path.read_text().replace("0.0", "0.1"))
    with pytest.raises(RecipeError, match="edited since"):
        read_recipe(path)
