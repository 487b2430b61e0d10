# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips between phrases, on speech with silence around it and on noise."""

import numpy as np
import pytest

from facewright.inference import Audio, animate, load_audio
from facewright.inference.audio import RATE
from facewright.inference.layers import pauses
from facewright.inference.predictor import load_predictor

SILENCE = 3.0  # s before and after what is said


@pytest.fixture(scope="module")
def sound(spoken) -> Audio:
    """Silence, the sentence, silence."""
    said = load_audio(spoken).samples
    still = np.zeros(int(SILENCE * RATE), dtype=np.float32)
    return Audio(np.concatenate([still, said, still]))


@pytest.fixture(scope="module")
def predicted(sound):
    return load_predictor().predict(sound)


@pytest.fixture(scope="module")
def motion(predicted):
    return pauses.apply(predicted, np.random.default_rng(0))


def mouth(motion, begin, end):
    return motion.select(pauses.MOUTH).at(np.arange(begin, end, 0.02))


def test_lips_do_not_move_at_all_between_phrases(motion, predicted):
    assert np.ptp(mouth(motion, 0.5, SILENCE - 1.2), axis=0).max() == 0
    assert np.ptp(mouth(motion, predicted.end - SILENCE + 1.2, predicted.end), axis=0).max() == 0


def test_speech_stays_as_it_was(motion, predicted):
    first, last = pauses.spoken(predicted.channel("viseme_sil") < pauses.SILENT, predicted.fps)[0]
    begin, end = predicted.times[first], predicted.times[last]
    assert np.allclose(mouth(motion, begin, end), mouth(predicted, begin, end))


def test_lips_part_for_breath_and_not_before(motion, predicted):
    first, _ = pauses.spoken(predicted.channel("viseme_sil") < pauses.SILENT, predicted.fps)[0]
    onset = predicted.times[first]
    jaw = motion.select(("jawOpen",))
    mean = predicted.channel("jawOpen")[first : first + 200].mean()
    assert jaw.at([onset - 0.4])[0, 0] > 0.4 * mean
    assert jaw.at([onset - 1.0])[0, 0] == 0


def test_what_is_not_the_mouth_is_left_alone(motion, predicted):
    others = [channel for channel in predicted.channels if channel not in pauses.MOUTH]
    assert np.array_equal(motion.select(others).values, predicted.select(others).values)


@pytest.mark.parametrize("decibels", [-60, -30])
def test_noise_without_speech_keeps_lips_still(decibels):
    noise = np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32) * 10 ** (decibels / 20)
    moved = animate(Audio(noise)).select(pauses.MOUTH)
    assert np.abs(np.diff(moved.values, axis=0)).max() < 1e-3


def test_short_gaps_belong_to_the_phrase():
    speaking = np.zeros(100, bool)
    speaking[10:20] = speaking[24:40] = speaking[70:72] = speaking[80:90] = True
    assert pauses.spoken(speaking, 50.0) == [(10, 39), (80, 89)]
