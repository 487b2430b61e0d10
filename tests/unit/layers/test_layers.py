# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rule-made layers promise."""

import numpy as np
import pytest

from facewright.inference.core import eyes
from facewright.inference.core.channels import ARKIT, CHANNELS, EYES
from facewright.inference.core.motion import Motion
from facewright.inference.layers import apply_layers, blink, gaze, layers, posture


def still(seconds: float = 60.0, fps: float = 50.0) -> Motion:
    return Motion(np.zeros((int(seconds * fps) + 1, len(CHANNELS)), np.float32), CHANNELS, fps)


def test_a_minute_holds_a_natural_number_of_blinks_and_they_close_and_open():
    lids = apply_layers(still(600), seed=1).channel("eyeBlinkLeft")
    shut = np.flatnonzero((lids[1:] > 0.95) & (lids[:-1] <= 0.95))
    assert 15 <= len(shut) / 10 <= 35
    assert lids.max() <= 1 and np.median(lids) == 0


def test_both_eyes_blink_and_look_together():
    motion = apply_layers(still(), seed=2)
    np.testing.assert_array_equal(motion.channel("eyeBlinkLeft"), motion.channel("eyeBlinkRight"))
    np.testing.assert_array_equal(motion.channel("leftEyeYaw"), motion.channel("rightEyeYaw"))
    np.testing.assert_allclose(motion.channel("eyeLookInLeft"), motion.channel("eyeLookOutRight"), atol=1e-7)


def test_gaze_stays_small_but_lives():
    motion = apply_layers(still(600), seed=3)
    looked = np.degrees(motion.channel("leftEyeYaw") + posture.KEPT * motion.channel("headYaw"))
    assert 1 < looked.std() < 4
    assert np.abs(looked).max() < 15


def test_eyes_turn_back_as_the_head_turns_away():
    motion = apply_layers(still(600), seed=3)
    for eye, head in (("leftEyeYaw", "headYaw"), ("rightEyePitch", "headPitch")):
        assert np.corrcoef(motion.channel(eye), motion.channel(head))[0, 1] < -0.5


def test_a_head_rests_changes_its_posture_and_does_not_tremble():
    motion = apply_layers(still(600), seed=3)
    for name, least in (("headYaw", 10), ("headPitch", 5), ("headRoll", 7)):
        turns = np.degrees(motion.channel(name))
        assert least < np.percentile(turns, 97) - np.percentile(turns, 3) < 3 * least  # as people who talk to somebody
        assert 50 * np.abs(np.diff(turns)).mean() < 0.9 * (np.percentile(turns, 97) - np.percentile(turns, 3))


def test_looking_to_the_right_turns_the_left_eye_in():
    motion = apply_layers(still(), seed=4)
    right = motion.channel("leftEyeYaw") > 0.01
    assert right.any()
    assert (motion.channel("eyeLookInLeft")[right] > 0).all() and (motion.channel("eyeLookOutLeft")[right] == 0).all()


def test_lids_do_not_hang_between_blinks():
    motion = still()
    hanging = motion.with_channels(["eyeBlinkLeft"], np.full((motion.frames, 1), 0.2, np.float32))
    np.testing.assert_array_equal(apply_layers(hanging, seed=0).values, apply_layers(motion, seed=0).values)


def test_longer_sound_only_adds_at_the_end():
    short, long = apply_layers(still(20), seed=5), apply_layers(still(40), seed=5)
    np.testing.assert_allclose(long.values[: short.frames], short.values, atol=1e-6)


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: layer.__name__.rpartition(".")[2])
class TestEveryLayer:
    def test_keeps_shape_names_and_ranges(self, layer):
        motion = still(30)
        out = layer.apply(motion, np.random.default_rng(0))
        assert (out.channels, out.fps, out.frames, out.start) == (motion.channels, motion.fps, motion.frames, 0.0)
        weights = out.select(ARKIT).values
        assert weights.min() >= 0 and weights.max() <= 1

    def test_leaves_the_lips_alone_where_nothing_is_said(self, layer):
        out = layer.apply(still(30), np.random.default_rng(0))
        assert not out.select([c for c in ARKIT if c.startswith(("mouth", "jaw"))]).values.any()

    def test_same_generator_same_take(self, layer):
        a, b = (layer.apply(still(30), np.random.default_rng(0)).values for _ in range(2))
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layer", [blink, gaze, posture], ids=["blink", "gaze", "posture"])
def test_other_seeds_blink_and_look_elsewhere(layer):
    a, b = (layer.apply(still(30), np.random.default_rng(seed)).values for seed in (0, 1))
    assert np.abs(a - b).max() > 0.01


def test_blink_curve_is_shut_at_its_moment_and_open_away_from_it():
    assert blink.lid_curve(np.array([0.0])) == 1
    assert not blink.lid_curve(np.array([-0.09, 0.25])).any()


def test_eye_weights_fit_eye_rotations():
    motion = apply_layers(still(), seed=6)
    pitch = motion.channel("leftEyePitch")
    np.testing.assert_allclose(
        motion.channel("eyeLookDownLeft") * eyes.FULL_DOWN - motion.channel("eyeLookUpLeft") * eyes.FULL_UP,
        pitch,
        atol=1e-6,
    )
    assert set(EYES) <= set(motion.channels)
