# SPDX-License-Identifier: GPL-3.0-or-later
"""What every slider keeps; a new file in inference/adjust/sliders/ is tested here unasked."""

from pathlib import Path

import numpy as np
import pytest

from facewright.inference.adjust import sliders as package
from facewright.inference.adjust.sliders import EFFORT, KNOWN_NEEDS, LOUDNESS, is_timing, needs, scale, sliders
from facewright.inference.core.analysis import Voice
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import WEIGHTS

FPS = 50.0


@pytest.fixture(params=sliders())
def slider(request):
    return sliders()[request.param]


@pytest.fixture(scope="module")
def motion():
    """Two seconds of a face on which everything moves, glidingly, and that blinks."""
    rng = np.random.default_rng(7)
    times = np.arange(100) / FPS
    waves = 0.5 + 0.4 * np.sin(times[:, None] * rng.uniform(2, 9, len(CHANNELS)) + rng.uniform(0, 6, len(CHANNELS)))
    motion = Motion(waves.astype(np.float32), CHANNELS, FPS)
    lids = np.clip(1 - np.abs(times[:, None] % 0.9 - 0.3) / 0.1, 0, 1)
    return motion.with_channels(["eyeBlinkLeft", "eyeBlinkRight"], np.repeat(lids, 2, axis=1))


@pytest.fixture(scope="module")
def voice():
    return Voice(np.linspace(-9, 9, 100), np.linspace(-2, 2, 100))


def test_it_says_what_it_is(slider):
    assert isinstance(slider.ORDER, int)
    assert all(isinstance(text, str) for text in (slider.LABEL, slider.GROUP, slider.UNIT))
    assert slider.LABEL and slider.GROUP and len(slider.ABOUT) > 10 and not slider.ABOUT.endswith(".")
    assert slider.LOW <= slider.NEUTRAL <= slider.HIGH and slider.LOW < slider.HIGH
    assert slider.CHANNELS and set(slider.CHANNELS) <= set(CHANNELS)
    assert needs(slider) <= KNOWN_NEEDS
    assert isinstance(is_timing(slider), bool)


def test_every_file_is_found():
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")} - {"__init__", "scale"}
    assert files | set(scale.SLIDERS) == set(sliders())


def test_no_two_have_a_name_in_common():
    labels = [one.LABEL for one in sliders().values()]
    assert len(set(labels)) == len(labels)
    assert [one.ORDER for one in sliders().values()] == sorted(one.ORDER for one in sliders().values())


def test_neutral_changes_no_bit(slider, motion, voice):
    for value in (slider.NEUTRAL, np.full(motion.frames, slider.NEUTRAL, np.float32)):
        same = slider.apply(motion, value, voice)
        np.testing.assert_array_equal(same.values.view(np.uint32), motion.values.view(np.uint32))


@pytest.mark.parametrize("end", ["LOW", "HIGH"])
def test_it_keeps_to_its_channels_and_weights_to_their_range(slider, end, motion, voice):
    moved = slider.apply(motion, getattr(slider, end), voice)
    assert (moved.channels, moved.frames, moved.fps, moved.start) == (CHANNELS, motion.frames, FPS, motion.start)
    others = [name for name in CHANNELS if name not in slider.CHANNELS]
    np.testing.assert_array_equal(moved.select(others).values, motion.select(others).values)
    weights = moved.select([name for name in CHANNELS if name in WEIGHTS]).values
    assert weights.min() >= 0 and weights.max() <= 1 and np.isfinite(moved.values).all()


def test_one_of_its_ends_does_something(slider, motion, voice):
    assert any((slider.apply(motion, end, voice).values != motion.values).any() for end in (slider.LOW, slider.HIGH))


def test_the_same_is_made_of_the_same_and_its_input_stays(slider, motion, voice):
    before = motion.values.copy()
    level = np.linspace(slider.LOW, slider.HIGH, motion.frames, dtype=np.float32)
    first, second = (slider.apply(motion, level, voice).values for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(motion.values, before)


def test_a_curve_counts_frame_by_frame(slider, motion, voice):
    """Where a curve stands still all the time, it is one number."""
    one = slider.apply(motion, slider.HIGH, voice).values
    each = slider.apply(motion, np.full(motion.frames, slider.HIGH, np.float32), voice).values
    np.testing.assert_allclose(each, one, atol=1e-6)


def test_it_works_on_a_face_that_lacks_its_channels(slider, motion, voice):
    rest = motion.select([name for name in CHANNELS if name not in slider.CHANNELS])
    np.testing.assert_array_equal(slider.apply(rest, slider.HIGH, voice).values, rest.values)


def test_without_a_voice_only_those_that_need_it_refuse(slider, motion):
    if not needs(slider) & {LOUDNESS, EFFORT}:
        slider.apply(motion, slider.HIGH, None)
