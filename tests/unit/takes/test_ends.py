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
from facewright.inference.takes.ends import LEAD, TAIL, from_rest, laid


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


def test_lines_minutes_apart_keep_their_frames_and_rest_between(line):
    lines = [from_rest(replace(line, start=second)) for second in (3.0, 200.0, 61.52)]
    shot = laid(lines)
    assert shot.start == lines[0].start and shot.end == pytest.approx(lines[1].end)
    for one in lines:
        begin = round((one.start - shot.start) * 50)
        np.testing.assert_array_equal(shot.values[begin : begin + one.frames], one.values)
    moving = shot.values.any(axis=1)
    assert moving.sum() <= sum(one.frames for one in lines)


def test_a_line_alone_is_itself(line):
    np.testing.assert_array_equal(laid([line]).values, line.values)
    assert laid([line]).start == line.start


def test_the_later_line_blends_over_the_earlier_one(line):
    one, two = from_rest(line), from_rest(replace(line, start=line.start + 1.5, values=line.values[::-1]))
    for shot in (laid([one, two]), laid([two, one])):
        begin = round((two.start - one.start) * 50)
        rows = np.arange(shot.frames) + round((shot.start - one.start) * 50)
        np.testing.assert_array_equal(shot.values[rows <= begin], one.values[: begin + 1])
        np.testing.assert_array_equal(shot.values[rows >= begin + 15], two.values[15:])
        blend = shot.values[(rows > begin) & (rows < begin + 15)]
        pair = one.values[begin + 1 : begin + 15], two.values[1:15]
        assert (blend >= np.minimum(*pair) - 1e-6).all() and (blend <= np.maximum(*pair) + 1e-6).all()


def test_an_overlap_shorter_than_the_blend_is_all_blend():
    shot = laid([level(0.2), level(0.8, start=0.9)]).channel("jawOpen")
    assert shot[45] == pytest.approx(0.2) and shot[50] == pytest.approx(0.8)
    assert (np.diff(shot) >= -1e-7).all() and np.diff(shot).max() < 0.6 * 1.5 / 5 + 1e-3


def test_what_lies_within_another_gives_it_back():
    shot = laid([level(0.2, seconds=4.0), level(0.8, start=1.0)]).channel("jawOpen")
    assert shot[:51] == pytest.approx(0.2) and shot[65:86] == pytest.approx(0.8) and shot[100:] == pytest.approx(0.2)
    assert np.abs(np.diff(shot)).max() < 0.6 * 1.5 / 15 + 1e-3


def test_other_frame_rates_and_channels_come_to_those_of_the_first():
    few = level(0.5, start=10.01, fps=24.0)
    shot = laid([level(0.3), few, Motion(np.ones((5, 1)), ("headRoll",), 24.0, 20.0)])
    assert shot.fps == 50 and shot.channels == ("jawOpen", "headYaw", "headRoll")
    inside = (shot.times >= few.start) & (shot.times <= few.end)
    assert inside.sum() == 50 and shot.channel("jawOpen")[inside] == pytest.approx(0.5)
    roll = (shot.times >= 20.0) & (shot.times <= 20.0 + 4 / 24)
    np.testing.assert_array_equal(shot.channel("headRoll"), roll.astype(np.float32))
    assert laid([level(0.3), Motion(np.ones((1, 1)), ("headRoll",), 24.0, 0.51)]).channel("headRoll").max() == 0


def test_nothing_to_lay_out_is_told():
    with pytest.raises(MotionError, match="at least one motion"):
        laid([])


def test_all_channels_are_eased(line):
    assert line.channels == CHANNELS
    half = from_rest(line).values[6]
    np.testing.assert_allclose(half, line.values[0] * half[line.values[0].argmax()] / line.values[0].max(), atol=1e-6)
