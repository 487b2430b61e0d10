# SPDX-License-Identifier: GPL-3.0-or-later
"""What every layer keeps; a new file in inference/layers/ is tested here unasked."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import WEIGHTS
from facewright.inference.layers import AHEAD, layers
from facewright.inference.styles.style import NEUTRAL

FPS = 50.0


@pytest.fixture(params=layers(), ids=lambda layer: layer.__name__.rpartition(".")[2])
def layer(request):
    return request.param


@pytest.fixture(scope="module")
def motion():
    """Six seconds of a face on which everything moves, glidingly, and that speaks in the middle."""
    rng = np.random.default_rng(8)
    times = np.arange(300) / FPS
    waves = 0.5 + 0.4 * np.sin(times[:, None] * rng.uniform(2, 9, len(CHANNELS)) + rng.uniform(0, 6, len(CHANNELS)))
    silent = (np.abs(times - 3) > 2).astype(np.float32)
    return Motion(waves.astype(np.float32), CHANNELS, FPS).with_channels(["viseme_sil"], silent[:, None])


def made(layer, motion):
    return layer.apply(motion, np.random.default_rng(3), NEUTRAL)


def test_it_says_when_it_runs(layer):
    assert isinstance(layer.ORDER, int) and layer.__doc__
    assert isinstance(getattr(layer, "POINTWISE", False), bool)
    if hasattr(layer, "stream"):
        assert not getattr(layer, "POINTWISE", False)
        # Live, those that carry a state run before those that do not.
        assert all(layer.ORDER < one.ORDER for one in layers() if getattr(one, "POINTWISE", False))


def test_it_keeps_frames_channels_and_ranges(layer, motion):
    before = motion.values.copy()
    out = made(layer, motion)
    assert (out.channels, out.frames, out.fps, out.start) == (CHANNELS, motion.frames, FPS, motion.start)
    weights = out.select([name for name in CHANNELS if name in WEIGHTS]).values
    assert np.isfinite(out.values).all() and weights.min() >= 0 and weights.max() <= 1
    np.testing.assert_array_equal(motion.values, before)


def test_the_same_chance_makes_the_same(layer, motion):
    np.testing.assert_array_equal(made(layer, motion).values, made(layer, motion).values)


def test_a_pointwise_one_goes_by_nothing_before_and_little_after(layer, motion):
    if not getattr(layer, "POINTWISE", False):
        return
    whole = made(layer, motion).values
    cut = replace(motion, values=motion.values[100:], start=motion.start + 100 / FPS)
    end = motion.frames - 100 - int(np.ceil(AHEAD * FPS))
    np.testing.assert_allclose(made(layer, cut).values[:end], whole[100:][:end], atol=1e-5)


def test_in_parts_one_with_a_state_makes_the_same(layer, motion):
    if not hasattr(layer, "stream"):
        return
    state, parts = None, []
    for begin in range(0, motion.frames, 37):
        part = replace(motion, values=motion.values[begin : begin + 37], start=motion.start + begin / FPS)
        out, state = layer.stream(part, NEUTRAL, state)
        parts.append(out.values)
    np.testing.assert_allclose(np.concatenate(parts), made(layer, motion).values, atol=1e-6)
