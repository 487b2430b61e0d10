# SPDX-License-Identifier: GPL-3.0-or-later
"""What the type of all curves promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facewright.inference.core.audio import Audio
from facewright.inference.core.channels import ARKIT, CHANNELS, LIVE_LINK, VISEMES, mirrored
from facewright.inference.core.errors import AudioError, MotionError
from facewright.inference.core.motion import Motion

RATES = st.sampled_from([12, 24000 / 1001, 24, 25, 30, 48, 50, 60, 100])


def ramp(frames=11, fps=10.0, start=0.0):
    """Two channels: seconds since the first frame, and minus that."""
    time = np.arange(frames, dtype=np.float32) / fps
    return Motion(np.stack([time, -time], 1), ("up", "down"), fps, start)


def test_names_of_the_channels():
    assert (len(ARKIT), len(LIVE_LINK), len(VISEMES), len(CHANNELS), len(set(CHANNELS))) == (52, 61, 15, 76, 76)
    assert mirrored("eyeBlinkLeft") == "eyeBlinkRight" and mirrored("mouthRight") == "mouthLeft"
    assert mirrored("rightEyeYaw") == "leftEyeYaw" and mirrored("jawOpen") == "jawOpen"
    assert {mirrored(name) for name in CHANNELS} == set(CHANNELS)


def test_times_and_channels():
    motion = ramp(start=2.0)
    assert (motion.frames, motion.end) == (11, 3.0)
    np.testing.assert_allclose(motion.times, 2 + np.arange(11) / 10)
    np.testing.assert_array_equal(motion.select(["down"]).values[:, 0], -motion.channel("up"))
    changed = motion.with_channels(["up"], np.ones((11, 1)))
    assert changed.channel("up").min() == 1 and motion.channel("up").min() == 0


def test_values_cannot_be_changed_behind_ones_back():
    with pytest.raises(ValueError, match="read-only"):
        ramp().values[0, 0] = 1


def test_between_frames_is_linear_and_outside_is_held():
    values = ramp(start=1.0).at(np.array([0.0, 1.0, 1.25, 1.99, 2.0, 9.0]))[:, 0]
    np.testing.assert_allclose(values, [0, 0, 0.25, 0.99, 1, 1], atol=1e-6)


@given(RATES, RATES, st.integers(1, 400), st.floats(0, 1, width=32), st.floats(0, 100))
def test_resampling_keeps_constants_start_and_length(old, new, frames, value, start):
    motion = Motion(np.full((frames, 1), value, np.float32), ("a",), old, start).resample(new)
    np.testing.assert_array_equal(motion.values, np.float32(value))
    assert (motion.fps, motion.start) == (new, start)
    assert 0 <= start + (frames - 1) / old - motion.end + 1e-4 < 1 / new + 1e-4


@given(RATES, RATES)
def test_resampling_keeps_the_time_of_what_happens(old, new):
    motion = ramp(frames=200, fps=old, start=0.5).resample(new)
    np.testing.assert_allclose(motion.channel("up"), motion.times - 0.5, atol=1e-5)


@pytest.mark.parametrize(
    ("values", "channels", "fps", "said"),
    [
        (np.zeros((0, 1)), ("a",), 30, "at least one frame"),
        (np.zeros(4), ("a",), 30, r"got \(4,\)"),
        (np.zeros((4, 2)), ("a",), 30, r"\(frames, 1\)"),
        (np.zeros((4, 2)), ("a", "a"), 30, "got a more than once"),
        (np.full((4, 1), np.nan), ("jaw",), 30, "nan in channel jaw at frame 0"),
        (np.zeros((4, 1)), ("a",), 0, "fps above 0"),
        (np.zeros((4, 1)), ("a",), np.inf, "fps above 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(values, channels, fps, said):
    with pytest.raises(MotionError, match=said):
        Motion(values, channels, fps)


def test_an_unknown_channel_and_an_impossible_rate_are_named():
    with pytest.raises(MotionError, match=r"got 'jaw'\. It has: up, down"):
        ramp().channel("jaw")
    with pytest.raises(MotionError, match="frame rate above 0, got -1"):
        ramp().resample(-1)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(0), "at least one sample"),
        (np.zeros((4, 2)), r"shape \(4, 2\)"),
        (np.array([0, np.nan]), "got 1 that"),
    ],
)
def test_audio_is_one_finite_channel(samples, said):
    with pytest.raises(AudioError, match=said):
        Audio(samples)
