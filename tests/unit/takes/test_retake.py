# SPDX-License-Identifier: GPL-3.0-or-later
"""Retakes: of parts of the face, one after the other without end, and their recipes, which give the same bits."""

import json

import numpy as np
import pytest

from facewright.inference import Style, animate, load_audio
from facewright.inference.core.errors import RecipeError, StyleError
from facewright.inference.core.parts import PARTS
from facewright.inference.takes.how import Punched
from facewright.inference.takes.recipe import Recipe, Sound, audio_sha256, from_json, generated
from facewright.inference.takes.replay import replay
from facewright.inference.takes.retake import retake, retake_frames

STYLE = Style("Bob", np.linspace(0.7, 1.3, 40, dtype=np.float32))


@pytest.fixture(scope="module")
def audio(speech):
    return load_audio(speech, start=0.5, duration=1.2)


@pytest.fixture(scope="module")
def take(audio, predictor):
    return animate(audio, fps=50, seed=1, predictor=predictor)


def recipe_of(audio, predictor):
    sound = Sound("line.wav", audio_sha256(audio), 0.5, 1.2)
    return Recipe(sound, generated(predictor.card, predictor.provider, 1, None, None), 50.0)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_chosen_stays_to_the_last_bit(take, audio, predictor, part):
    rows = slice(10, 45)
    new = retake_frames(take, audio, rows, seed=7, parts=[part], predictor=predictor)
    chosen = [name in PARTS[part] for name in take.channels]
    assert np.array_equal(new.values[:, np.logical_not(chosen)], take.values[:, np.logical_not(chosen)])
    assert np.array_equal(np.delete(new.values, np.r_[rows], 0), np.delete(take.values, np.r_[rows], 0))
    if part in ("brows", "head", "eyes"):
        assert np.abs(new.values[rows][:, chosen] - take.values[rows][:, chosen]).max() > 0.01


def test_an_unknown_part_is_refused(take, audio, predictor):
    with pytest.raises(StyleError, match="Expected a part of the face"):
        retake_frames(take, audio, slice(10, 45), seed=7, parts=["nose"], predictor=predictor)


def test_any_number_of_retakes_stays_flat_and_gives_the_same_bits_again(take, audio, predictor):
    motion, recipe = take, recipe_of(audio, predictor)
    rng = np.random.default_rng(5)
    for number in range(20):
        first = int(rng.integers(0, 50))
        parts = [name for name in PARTS if rng.random() < 0.5] if number % 3 else ()
        new = retake(
            motion,
            recipe,
            audio,
            slice(first, first + int(rng.integers(4, 10))),
            predictor,
            seed=number,
            parts=parts,
            style=STYLE if number % 7 == 0 else None,
        )
        motion, recipe = new.motion, new.recipe
    text = recipe.to_json()
    assert from_json(text).to_json() == text
    assert len(recipe.how.punches) > 12 and len(recipe.how.by) == 2
    assert np.array_equal(replay(from_json(text), audio, predictor=predictor).values, motion.values)


def test_what_a_later_retake_covers_is_left_out(take, audio, predictor):
    motion, recipe = take, recipe_of(audio, predictor)
    steps = [(20, 30, ("brows",)), (25, 40, ("brows",)), (20, 40, ("brows", "lids")), (22, 38, ()), (22, 38, ())]
    kept = []
    for seed, (first, last, parts) in enumerate(steps):
        new = retake(motion, recipe, audio, slice(first, last), predictor, seed=seed, parts=parts)
        motion, recipe = new.motion, new.recipe
        kept.append([punch.seed for punch in recipe.how.punches])
    assert kept == [[0], [0, 1], [2], [2, 3], [2, 4]]
    assert np.array_equal(replay(recipe, audio, predictor=predictor).values, motion.values)


def test_retakes_nested_by_an_earlier_version_go_on_flat(take, audio, predictor):
    recipe = recipe_of(audio, predictor)
    nested = recipe.how
    for seed, first in ((5, 10), (6, 30)):
        nested = Punched(nested, generated(predictor.card, predictor.provider, seed, None, None), first, first + 10)
    old = from_json(Recipe(recipe.sound, nested, 50.0).to_json())
    motion = replay(old, audio, predictor=predictor)
    new = retake(motion, old, audio, slice(35, 50), predictor, seed=8, parts=["head"])
    assert [punch.seed for punch in new.recipe.how.punches] == [5, 6, 8]
    assert np.array_equal(replay(new.recipe, audio, predictor=predictor).values, new.motion.values)


def test_a_retake_that_names_no_maker_is_refused(take, audio, predictor):
    recipe = retake(take, recipe_of(audio, predictor), audio, slice(5, 20), predictor, seed=3).recipe
    table = json.loads(recipe.to_json())
    table["take"]["punches"][0]["by"] = 4
    with pytest.raises(RecipeError, match="name one of 1 in 'by'"):
        from_json(json.dumps(table))
