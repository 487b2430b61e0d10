# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions over speech: found by themselves, alive, mixed, and out of the way of what is said."""

import numpy as np
import pytest

from facewright.inference.adjust.emotions import SPEAKING, emotions, overlaid, read
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import StyleError
from facewright.inference.core.motion import Motion


def still(seconds=20.0, *, speaks=False):
    values = np.zeros((int(50 * seconds), len(CHANNELS)), np.float32)
    values[:, CHANNELS.index("viseme_aa" if speaks else "viseme_sil")] = 1
    return Motion(values, CHANNELS, 50.0)


def test_all_eight_are_there_with_their_sources():
    wanted = {"joy", "sadness", "anger", "fear", "disgust", "surprise", "doubt", "tired"}
    assert set(emotions()) == wanted
    assert all(one.action_units and one.sources and one.label and one.about for one in emotions().values())


@pytest.mark.parametrize("name", emotions())
def test_each_moves_what_it_names_and_lives(name):
    after = overlaid(still(), {name: 1.0})
    for channel, weight in emotions()[name].channels.items():
        if channel not in ARKIT or weight <= 0:
            continue
        curve = after.channel(channel)
        assert 0.8 * weight <= curve.min() < curve.max() <= weight + 1e-6
        assert np.abs(np.diff(curve)).max() < 0.01 * weight, "slow"
        assert np.ptp(curve) > 0.02 * weight, "alive"
    weights = after.select(ARKIT).values
    assert weights.min() >= 0 and weights.max() <= 1


@pytest.mark.parametrize("name", emotions())
def test_the_mouth_gives_way_while_somebody_speaks(name):
    silent, spoken = overlaid(still(), {name: 1.0}), overlaid(still(speaks=True), {name: 1.0})
    for channel in emotions()[name].channels:
        share = spoken.channel(channel).mean() / max(silent.channel(channel).mean(), 1e-6)
        if channel.startswith(("mouth", "jaw")) and silent.channel(channel).any():
            assert share <= SPEAKING + 1e-3, channel
        elif channel in ARKIT and silent.channel(channel).any():
            assert share == pytest.approx(1), channel


def test_twice_as_much_is_twice_as_far_and_another_seed_lives_otherwise():
    half, whole = (overlaid(still(), {"fear": amount}).channel("eyeWideLeft") for amount in (0.5, 1.0))
    np.testing.assert_allclose(whole, 2 * half, rtol=1e-4)
    other = overlaid(still(), {"fear": 1.0}, seed=1).channel("eyeWideLeft")
    assert np.abs(other - whole).max() > 0.02


def test_several_mix_within_the_range():
    every = overlaid(still(), dict.fromkeys(emotions(), 1.0))
    weights = every.select(ARKIT).values
    assert weights.min() >= 0 and weights.max() <= 1
    both = overlaid(still(), {"joy": 0.6, "surprise": 0.7})
    assert both.channel("mouthSmileLeft").mean() > 0.4 and both.channel("browOuterUpLeft").mean() > 0.5


def test_a_curve_comes_and_goes():
    amount = np.interp(np.arange(1000), [0, 400, 600, 999], [0, 1, 1, 0])
    smile = overlaid(still(), {"joy": amount}).channel("mouthSmileLeft")
    assert smile[0] == smile[-1] == 0
    assert smile[500] > 0.8


def test_doubt_is_lopsided_and_gaze_is_told_both_ways():
    doubt = overlaid(still(), {"doubt": 1.0})
    assert doubt.channel("browOuterUpLeft").mean() > doubt.channel("browOuterUpRight").mean() + 0.5
    yaw = doubt.channel("leftEyeYaw")
    assert (
        (yaw > 0).all() and (doubt.channel("eyeLookInLeft") > 0).all() and (doubt.channel("eyeLookOutRight") > 0).all()
    )


def test_nothing_is_nothing():
    motion = still()
    assert overlaid(motion, {}) is motion
    assert overlaid(motion, {"joy": 0.0}) is motion


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label = ", "the emotion 'envy.toml' to be TOML"),
        ('label = "Envy"', "the emotion 'envy.toml' complete and right, but 'about' is missing"),
        ('label = "E"\nabout = ""\naction_units = ""\nsources = []\n[channels]\njawOpn = 0.5', "jawOpn = 0.5"),
        ('label = "E"\nabout = ""\naction_units = ""\nsources = []\n[channels]\njawOpen = 1.5', "jawOpen = 1.5"),
    ],
)
def test_a_wrong_file_is_told_by_name(tmp_path, text, said):
    path = tmp_path / "envy.toml"
    path.write_text(text)
    with pytest.raises(StyleError, match=said):
        read(path)
