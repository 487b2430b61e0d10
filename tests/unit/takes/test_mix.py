# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes made of takes: exact outside of blends, lips that still meet, and refusal of what does not fit."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import animate, load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import MOUTH_REGIONS, REGIONS, channels_of
from facewright.inference.lips.contacts import OPEN, lip_contacts
from facewright.inference.takes.mix import crossfade, of_regions


def random_motion(seed, frames=200):
    values = np.random.default_rng(seed).random((frames, len(CHANNELS)), dtype=np.float32)
    return Motion(values, CHANNELS, 50.0)


@pytest.fixture
def pair():
    return random_motion(1), random_motion(2)


@pytest.fixture(scope="module")
def spoken_pair(speech):
    """Two takes of six seconds of speech, the second with a jaw and lips that move less."""
    motion = animate(load_audio(speech, duration=6.0), fps=50, seed=1)
    other = animate(load_audio(speech, duration=6.0), fps=50, seed=2)
    names = [name for name in CHANNELS if name.startswith(("jaw", "mouth"))]
    return motion, other.with_channels(names, 0.5 * other.select(names).values)


def opening(motion):
    return motion.channel("jawOpen") - motion.channel("mouthClose")


def test_a_crossfade_is_exact_outside_of_its_blends(pair):
    a, b = pair
    mixed = crossfade(a, b, 1.0, 3.0, 0.2)
    times = a.times
    assert np.array_equal(mixed.values[times < 1.0], a.values[times < 1.0])
    assert np.array_equal(mixed.values[times > 3.0], a.values[times > 3.0])
    inner = (times >= 1.2) & (times <= 2.8)
    assert inner.sum() > 70 and np.array_equal(mixed.values[inner], b.values[inner])
    between = (times > 1.01) & (times < 1.19)
    low, high = np.minimum(a.values, b.values), np.maximum(a.values, b.values)
    assert (mixed.values[between] >= low[between] - 1e-6).all() and (
        mixed.values[between] <= high[between] + 1e-6
    ).all()
    assert not np.array_equal(mixed.values[between], a.values[between])


def test_a_crossfade_without_blend_is_a_cut(pair):
    a, b = pair
    cut = crossfade(a, b, 1.0, 3.0, 0.0)
    inside = (a.times >= 1.0) & (a.times <= 3.0)
    assert np.array_equal(cut.values, np.where(inside[:, None], b.values, a.values))


def test_a_crossfade_steps_no_further_than_its_takes():
    frames = np.zeros((200, len(CHANNELS)), np.float32)
    low, high = Motion(frames, CHANNELS, 50.0), Motion(frames + 1, CHANNELS, 50.0)
    mixed = crossfade(low, high, 1.0, 3.0, 0.2)
    assert np.abs(np.diff(mixed.values, axis=0)).max() < 0.16  # 1.5 / 10 frames, the slope of the ease


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_comes_from_its_donor_and_nothing_else_does(pair, region):
    a, b = pair
    mixed = of_regions(a, {region: b})
    names = [name for name in channels_of((region,)) if name != "mouthClose"]
    others = [name for name in CHANNELS if name not in names and name != "mouthClose"]
    assert np.array_equal(mixed.select(names).values, b.select(names).values)
    assert np.array_equal(mixed.select(others).values, a.select(others).values)


def test_the_whole_mouth_of_a_donor_is_untouched(pair):
    a, b = pair
    mixed = of_regions(a, dict.fromkeys((*MOUTH_REGIONS, "visemes"), b))
    names = channels_of((*MOUTH_REGIONS, "visemes"))
    assert np.array_equal(mixed.select(names).values, b.select(names).values)


def test_lips_that_meet_in_both_takes_meet_in_a_crossfade(spoken_pair):
    a, b = spoken_pair
    moments = lip_contacts(a).moments
    assert len(moments) >= 2
    mixed = crossfade(a, b, float(moments[0]) - 0.1, float(moments[0]) + 0.1, 0.1)
    low, high = (fold(opening(a), opening(b)) for fold in (np.minimum, np.maximum))
    assert (opening(mixed) >= low - 1e-6).all() and (opening(mixed) <= high + 1e-6).all()
    assert (opening(mixed)[np.rint(moments * 50).astype(int)] < OPEN).all()


@pytest.mark.parametrize("swapped", [False, True])
def test_closures_of_the_lips_survive_a_jaw_from_a_take_that_is_late(spoken_pair, swapped):
    lips, jaw = spoken_pair
    if swapped:
        lips, jaw = jaw, lips
    jaw = replace(jaw, values=jaw.at(jaw.times - 0.2))  # its own closures are 0.2 s later
    mixed = of_regions(lips, {"jaw": jaw})
    contacts = lip_contacts(lips)
    rows = np.rint(contacts.moments * 50).astype(int)
    rows = rows[contacts.strength[rows] > 0.999]  # others are half shut in the take, too
    assert len(rows) >= 2
    left = 0.1 * mixed.channel("jawOpen")[rows]  # what the rule leaves of the jaw
    assert (opening(mixed)[rows] <= left + 1e-5).all()
    assert (opening(jaw)[rows] > 0.03).any()  # it was open there
    assert np.array_equal(mixed.channel("jawOpen"), jaw.channel("jawOpen"))


def test_what_does_not_fit_is_refused(pair):
    a, b = pair
    shorter = Motion(b.values[:-1], b.channels, b.fps)
    with pytest.raises(MotionError, match="takes of one sound"):
        crossfade(a, shorter, 0, 1, 0)
    with pytest.raises(MotionError, match="takes of one sound"):
        of_regions(a, {"brows": replace(b, start=1.0)})
    with pytest.raises(MotionError, match="region of the face"):
        of_regions(a, {"ears": b})
    with pytest.raises(MotionError, match="after the beginning"):
        crossfade(a, b, 2.0, 1.0, 0.1)
