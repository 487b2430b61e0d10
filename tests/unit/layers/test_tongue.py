# SPDX-License-Identifier: GPL-3.0-or-later
"""Tongue, cheeks and nose on real speech."""

import numpy as np
import pytest

from facewright.inference import animate, load_audio, load_predictor
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.layers import tongue


@pytest.fixture(scope="module")
def take(spoken):
    return animate(load_audio(spoken), fps=50, predictor=load_predictor(device="cpu"))


def test_the_tongue_shows_on_th_and_stays_in_elsewhere(take):
    out, th = take.channel("tongueOut"), take.channel("viseme_TH")
    assert th.max() > 0.3, "the sentence has a TH"
    assert out[th > 0.3].max() > 0.08 and out[th < 0.05].max() < 0.1


def test_it_does_not_go_through_teeth_that_are_together():
    values = np.zeros((2, len(CHANNELS)), np.float32)
    motion = Motion(values, CHANNELS, 50.0).with_channels(["viseme_TH"], np.ones((2, 1), np.float32))
    motion = motion.with_channels(["jawOpen"], np.array([[0.0], [0.2]], np.float32))
    np.testing.assert_allclose(
        tongue.apply(motion, np.random.default_rng(0)).channel("tongueOut"), [0, 0.32], atol=1e-6
    )


def test_cheeks_and_eyes_go_with_a_smile_on_their_own_side():
    motion = Motion(np.zeros((1, len(CHANNELS)), np.float32), CHANNELS, 50.0)
    moved = tongue.apply(motion.with_channels(["mouthSmileLeft"], np.ones((1, 1))), np.random.default_rng(0))
    assert moved.channel("cheekSquintLeft")[0] > 0.2 and moved.channel("eyeSquintLeft")[0] > 0.1
    assert not moved.select(["cheekSquintRight", "eyeSquintRight", "noseSneerLeft"]).values.any()
