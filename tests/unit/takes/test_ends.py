# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions that begin and end at rest, and lines of a shot on one clock: nothing jumps, nothing of theirs changes."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import animate, load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.lips.contacts import lip_opening
from facewright.inference.takes.ends import LEAD, TAIL, from_rest


@pytest.fixture(scope="module")
def line(speech):
    """Two seconds from the middle of a sentence: it begins and ends with everything in movement."""
    motion = animate(load_audio(speech, duration=4.0), fps=50, seed=3)
    opening = lip_opening(motion)[25:75]
    first = 25 + int(opening.argmax())  # with an open mouth
    return Motion(motion.values[first : first + 100], motion.channels, 50.0, first / 50)


def level(value, start=0.0, seconds=1.0, fps=50.0):
    return Motion(np.full((round(seconds * fps) + 1, 2), value, np.float32), ("jawOpen", "headYaw"), fps, start)


@pytest.mark.parametrize("fps", [50.0, 24.0, 23.976, 120.0])
def test_it_begins_and_ends_at_rest_and_its_frames_stay(line, fps):
    motion = replace(line, fps=fps)
    whole = from_rest(motion)
    lead, tail = round(LEAD * fps), round(TAIL * fps)
    assert whole.frames == lead + motion.frames + tail and whole.fps == fps
    np.testing.assert_array_equal(whole.values[lead : lead + motion.frames], motion.values)
    np.testing.assert_allclose(whole.times[lead : lead + motion.frames], motion.times, atol=1e-9)
    assert not whole.values[[0, -1]].any() and motion.values[[0, -1]].any(axis=1).all()


def test_every_channel_eases_without_a_corner_and_no_further_than_where_it_goes(line):
    whole = from_rest(line)
    for part, to in ((whole.values[:13], line.values[0]), (whole.values[-16:][::-1], line.values[-1])):
        steps = np.diff(part, axis=0) * np.sign(to)
        assert (steps >= -1e-7).all() and (np.abs(part) <= np.abs(to) + 1e-6).all()
        assert np.abs(np.diff(steps, axis=0)).max() < 0.06 * np.abs(to).max()  # a straight rise bends by 0.08 of it
        assert (np.abs(part[1]) < 0.05 * np.abs(to) + 1e-7).all()


def test_an_open_mouth_opens_only_within_the_lead(line):
    opening = lip_opening(from_rest(line))
    assert opening[0] == 0 and opening[12] > 0.1
    assert (np.diff(opening[:13]) >= 0).all()


def test_without_room_nothing_is_added(line):
    np.testing.assert_array_equal(from_rest(line, 0, 0).values, line.values)
    for lead, tail in ((-0.1, 0.3), (0.2, np.nan), (np.inf, 0.3)):
        with pytest.raises(MotionError, match="0 s or more"):
            from_rest(line, lead, tail)


def test_all_channels_are_eased(line):
    assert line.channels == CHANNELS
    half = from_rest(line).values[6]
    np.testing.assert_allclose(half, line.values[0] * half[line.values[0].argmax()] / line.values[0].max(), atol=1e-6)
