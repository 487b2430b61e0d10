# SPDX-License-Identifier: GPL-3.0-or-later
"""Turning a recording up or down must not change the face."""

import numpy as np
import pytest

from facewright.inference import Audio, load_audio
from facewright.inference.audio.loudness import gain_to_speech_level
from facewright.inference.core.audio import RATE
from facewright.inference.policy.predictor import load_predictor


@pytest.fixture(scope="module")
def voice(spoken):
    return load_audio(spoken).samples


@pytest.mark.parametrize("factor", [0.01, 0.3, 3.0])
def test_gain_makes_up_for_the_level_of_a_recording(voice, factor):
    gain = gain_to_speech_level(voice)
    turned = gain_to_speech_level(voice * np.float32(factor))
    np.testing.assert_allclose(turned * factor, gain, rtol=0.02)  # the gate cuts the faintest frames


def test_pauses_do_not_count(voice):
    sparse = np.concatenate([voice, np.zeros(20 * RATE, np.float32)])
    np.testing.assert_allclose(gain_to_speech_level(sparse), gain_to_speech_level(voice), rtol=0.01)


def test_silence_and_hiss_are_not_turned_up_without_end():
    assert gain_to_speech_level(np.zeros(RATE, np.float32)) == 1.0
    assert gain_to_speech_level(np.zeros(3, np.float32)) == 1.0
    hiss = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 5e-4
    assert gain_to_speech_level(hiss) == 100.0


def test_the_face_is_the_same_for_a_quiet_and_a_loud_recording(voice):
    model = load_predictor(device="cpu")
    loud, quiet = model.predict(Audio(voice)), model.predict(Audio(voice * np.float32(0.1)))
    np.testing.assert_allclose(quiet.values, loud.values, atol=2e-3)
