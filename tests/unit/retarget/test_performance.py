# SPDX-License-Identifier: GPL-3.0-or-later
"""Several lines of a character as the values of its controls."""

import numpy as np
import pytest

from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.core.timeline import Timeline
from facewright.inference.retarget.performance import Placed, Played, evaluate
from facewright.inference.retarget.rig import Line, Rig
from facewright.inference.retarget.stepped import SteppedRig
from facewright.inference.takes.ends import LEAD, from_rest

RIG = Rig((Line("jawOpen", "jaw"), Line("headYaw", "turn", gain=2.0, offset=0.5, low=-3.0, high=3.0)))
FRAMES = np.arange(-20.0, 400.0)


def said(frame, level, seconds=2.0, fps=24.0, channels=("jawOpen", "headYaw")):
    """A line that holds one level, from rest to rest."""
    values = np.zeros((int(seconds * 50) + 1, len(CHANNELS)), np.float32)
    values[:, [CHANNELS.index(name) for name in channels]] = level
    return Placed(from_rest(Motion(values, CHANNELS, 50.0)), Timeline(fps, frame), LEAD)


def test_one_line_alone_is_what_the_rig_gives():
    line = said(10.0, 0.7)
    np.testing.assert_array_equal(evaluate(RIG, [line], FRAMES), RIG.evaluate(line.motion, line.timeline, FRAMES))


def test_lines_apart_stay_as_they_are_and_between_them_the_face_rests():
    lines = [said(200.0, 0.4), said(10.0, 0.7)]
    together = evaluate(RIG, lines, FRAMES)
    for line in lines:
        inside = (line.begin <= FRAMES) & (line.end >= FRAMES)
        np.testing.assert_array_equal(together[inside], evaluate(RIG, [line], FRAMES[inside]))
    outside = np.all([(line.begin > FRAMES) | (line.end < FRAMES) for line in lines], axis=0)
    np.testing.assert_array_equal(together[outside], np.broadcast_to(RIG.neutral, together[outside].shape))


@pytest.mark.parametrize("begin", [30.3, 55.0, 62.0])
def test_the_later_line_takes_over_without_a_jump(begin):
    one, two = said(10.0, 0.7), said(begin, 0.4)
    frames = np.arange(-20.0, 140.0, 0.05)
    together = evaluate(RIG, [two, one], frames, between=True)
    alone = np.abs(np.diff(evaluate(RIG, [one], frames, between=True), axis=0)).max()
    assert np.abs(np.diff(together, axis=0)).max() < 1.6 * alone
    after = (frames > two.begin + LEAD * 24) & (frames < two.end - LEAD * 24)
    np.testing.assert_allclose(together[after], evaluate(RIG, [two], frames[after], between=True), atol=1e-6)
    assert together[:, 0].max() < 0.705


def test_a_line_within_another_gives_back_to_it():
    one, two = said(10.0, 0.7, seconds=6.0), said(60.0, 0.2)
    frames = np.arange(-20.0, 200.0, 0.05)
    together = evaluate(RIG, [one, two], frames, between=True)
    assert np.abs(np.diff(together, axis=0)).max() < 0.05
    assert together[np.searchsorted(frames, 130), 0] == pytest.approx(0.7)


def test_any_frame_alone_is_what_it_is_among_all():
    lines = [said(10.0, 0.7), said(50.0, 0.4), said(300.0, 0.2)]
    together = evaluate(RIG, lines, FRAMES)
    alone = np.concatenate([evaluate(RIG, lines, FRAMES[k : k + 1]) for k in range(len(FRAMES))])
    np.testing.assert_array_equal(alone, together)
    played = Played(RIG, lines)
    np.testing.assert_array_equal([played.at(frame) for frame in FRAMES], together)
    np.testing.assert_array_equal(played.at(12.4), evaluate(RIG, lines, np.array([12.4]))[0])


def test_drawings_of_lines_apart_are_those_of_each_line():
    """A drawing has no rest to fade from: where nothing is below, the line shows its own from its first frame on."""
    shapes = tuple(Line(channel, channel, kind="layer") for channel in ("viseme_sil", "viseme_aa", "viseme_PP"))
    rig = SteppedRig(shapes, {"frame": {"viseme_sil": 1.0, "viseme_aa": 2.0, "viseme_PP": 3.0}})
    lines = [said(frame, 0.9, channels=("viseme_aa",)) for frame in (10.0, 100.0)]
    inside = lines[1].moves(FRAMES)
    np.testing.assert_array_equal(evaluate(rig, lines, FRAMES)[inside], evaluate(rig, lines[1:], FRAMES[inside]))


def test_what_lies_beneath_shows_where_no_line_lies_and_is_held_around_the_shot():
    turning = np.zeros((251, len(CHANNELS)), np.float32)
    turning[:, CHANNELS.index("headYaw")] = np.linspace(0.2, 0.4, 251)
    beneath = Placed(Motion(turning, CHANNELS, 50.0), Timeline(24.0, 40.0), 0.0, beneath=True)
    early, late = said(10.0, 0.7), said(100.0, 0.5)
    frames = np.arange(-20.0, 400.0, 0.25)
    together = evaluate(RIG, [late, beneath, early], frames, between=True)
    alone = evaluate(RIG, [beneath], frames, between=True)
    talking = np.any([(frames > line.begin) & (frames < line.end) for line in (early, late)], axis=0)
    np.testing.assert_array_equal(together[~talking], alone[~talking])
    for line in (early, late):  # it has gone where a line has taken over, and both are no more than they are alone
        over = (frames > line.begin + 24 * LEAD) & (frames < line.end - 24 * LEAD)
        np.testing.assert_allclose(together[over], evaluate(RIG, [line], frames[over], between=True), atol=1e-6)
    assert np.abs(np.diff(together[:, 1])).max() < 0.15
    np.testing.assert_array_equal(together[-1], RIG.retarget(beneath.motion)[-1])
    assert beneath.meets(late) and late.meets(beneath) and not early.meets(late)
