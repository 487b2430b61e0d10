# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that part before the first word, on speech with silence before and within it."""

import numpy as np
import pytest

from facewright.inference import Audio, load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import MOUTH
from facewright.inference.layers import breath
from facewright.inference.policy.predictor import load_predictor

SILENCE = 3.0  # s before what is said, and between
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def predicted(spoken):
    """Silence, the sentence, silence, the sentence again."""
    said = load_audio(spoken).samples
    still = np.zeros(int(SILENCE * RATE), dtype=np.float32)
    return load_predictor().predict(Audio(np.concatenate([still, said, still, said])))


@pytest.fixture(scope="module")
def motion(predicted):
    return breath.apply(predicted, RNG)


@pytest.fixture(scope="module")
def phrase(predicted):
    return breath.first_phrase(predicted.channel("viseme_sil") < breath.SILENT, predicted.fps)


def test_lips_part_before_the_first_word_and_not_earlier(motion, predicted, phrase):
    onset, mean = predicted.times[phrase][0], predicted.channel("jawOpen")[phrase].mean()
    jaw = motion.select(("jawOpen",))
    assert jaw.at([onset - 0.4])[0, 0] > 0.8 * mean
    early = np.arange(0, onset - breath.BREATH - breath.EASE, 0.02)
    assert np.array_equal(jaw.at(early), predicted.select(("jawOpen",)).at(early))


def test_from_the_first_word_on_nothing_changes(motion, predicted, phrase):
    assert np.array_equal(motion.values[phrase.start :], predicted.values[phrase.start :])


def test_only_the_mouth_moves_and_nothing_closes(motion, predicted):
    others = [channel for channel in predicted.channels if channel not in MOUTH]
    assert np.array_equal(motion.select(others).values, predicted.select(others).values)
    assert (motion.select(MOUTH).values >= predicted.select(MOUTH).values).all()


def test_a_sound_that_begins_shortly_before_speech_begins_with_parted_lips(spoken):
    said = load_audio(spoken).samples
    predicted = load_predictor().predict(Audio(np.concatenate([np.zeros(RATE // 2, np.float32), said])))
    moved = breath.apply(predicted, RNG)
    assert moved.channel("jawOpen")[0] > predicted.channel("jawOpen")[0] + 0.02


def test_noise_without_speech_stays_as_it_is():
    noise = 0.001 * np.random.default_rng(0).standard_normal(3 * RATE).astype(np.float32)
    predicted = load_predictor().predict(Audio(noise))
    assert np.array_equal(breath.apply(predicted, RNG).values, predicted.values)


def test_short_gaps_belong_to_the_phrase_and_clicks_do_not():
    speaking = np.zeros(100, bool)
    speaking[2:6] = speaking[10:20] = speaking[24:40] = speaking[80:90] = True
    assert breath.first_phrase(speaking, 50.0) == slice(10, 40)
    assert breath.first_phrase(np.zeros(100, bool), 50.0) is None
