# SPDX-License-Identifier: GPL-3.0-or-later
"""What every emotion keeps; a new file in inference/adjust/emotions/ is tested here unasked."""

import numpy as np
import pytest

from facewright.inference.adjust.emotions import emotions, overlaid
from facewright.inference.core.channels import CHANNELS, EYES
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import WEIGHTS


@pytest.fixture(params=emotions())
def name(request):
    return request.param


@pytest.fixture(scope="module")
def motion():
    values = np.random.default_rng(9).random((60, len(CHANNELS))).astype(np.float32)
    return Motion(values, CHANNELS, 30.0)


def test_it_says_what_it_is_and_what_it_follows(name):
    emotion = emotions()[name]
    assert emotion.label and emotion.about and emotion.action_units
    assert emotion.sources and all(emotion.sources)
    assert emotion.channels and any(emotion.channels.values())


def test_nothing_of_it_changes_nothing(name, motion):
    assert overlaid(motion, {name: 0.0}) is motion


def test_it_moves_only_what_it_names_and_keeps_weights_in_range(name, motion):
    moved = overlaid(motion, {name: 1.0}, seed=4)
    own = {*emotions()[name].channels}
    if own & set(EYES):  # eyes turn together, and lids with them
        own |= {*EYES, *(one for one in CHANNELS if one.startswith("eyeLook"))}
    others = [one for one in CHANNELS if one not in own]
    np.testing.assert_array_equal(moved.select(others).values, motion.select(others).values)
    assert (moved.values != motion.values).any()
    weights = moved.select([one for one in CHANNELS if one in WEIGHTS]).values
    assert weights.min() >= 0 and weights.max() <= 1 and np.isfinite(moved.values).all()


def test_the_same_seed_lives_the_same(name, motion):
    first, second, other = (overlaid(motion, {name: 0.7}, seed=seed).values for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
