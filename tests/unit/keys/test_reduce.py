# SPDX-License-Identifier: GPL-3.0-or-later
"""Sparse keys: few, within the error, nothing overshot, lips still shut. Measured on curves of real speech."""

from functools import cache

import numpy as np
import pytest

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, HEAD
from facewright.inference.core.motion import Motion
from facewright.inference.formats.curves import livelink_csv
from facewright.inference.keys import reduce
from facewright.inference.lips.contacts import GAP, lip_contacts
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def talk(speech):
    return animate(load_audio(speech), fps=50.0)


def dense(motion, fps, channels=ARKIT):
    frames = np.arange(int(motion.end * fps) + 1)
    return frames, motion.select(channels).at(frames / fps).astype(float)


def fine(frames):
    return np.linspace(frames[0], frames[-1], 8 * (len(frames) - 1) + 1)


def total(keys):
    return sum(len(one.frames) for one in keys)


@pytest.mark.parametrize("fps", [24, 30, 60])
@pytest.mark.parametrize("smooth", [True, False], ids=["bezier", "linear"])
@pytest.mark.parametrize("error", [0.003, 0.01, 0.05])
def test_every_frame_is_within_the_error_and_keys_are_saved(talk, fps, smooth, error):
    frames, values = dense(talk, fps)
    keys = reduce.reduce_keys(frames, values, error, smooth=smooth)
    curves = np.stack([one.at(frames) for one in keys], axis=1)
    assert np.abs(curves - values).max() <= error + 1e-9
    assert total(keys) < values.size / (2 if error < 0.01 else 3)
    assert all(np.isin(one.frames, frames).all() for one in keys)


@pytest.mark.parametrize("smooth", [True, False], ids=["bezier", "linear"])
def test_between_frames_nothing_overshoots(talk, smooth):
    frames, values = dense(talk, 30)
    between = fine(frames)
    before = np.floor(between).astype(int)
    after = np.minimum(before + 1, len(values) - 1)
    for one, column in zip(reduce.reduce_keys(frames, values, 0.01, smooth=smooth), values.T, strict=True):
        curve = one.at(between)
        low, high = np.minimum(column[before], column[after]), np.maximum(column[before], column[after])
        assert (curve >= low - 0.01 - 1e-6).all()
        assert (curve <= high + 0.01 + 1e-6).all()
        assert curve.min() >= column.min() - 1e-12
        assert curve.max() <= column.max() + 1e-12


def test_what_rests_stays_at_rest(talk):
    frames, values = dense(talk, 30)
    between = fine(frames)
    seen = 0
    for one, column in zip(reduce.reduce_keys(frames, values, 0.05), values.T, strict=True):
        resting = (column[:-1] == column.min()) & (column[1:] == column.min())
        inside = resting[np.minimum(np.floor(between).astype(int), len(resting) - 1)]
        assert (one.at(between)[inside] <= column.min() + reduce.REST).all()
        seen += inside.sum()
    assert seen > 100


def test_points_between_frames_are_keyed_just_so():
    frames = np.arange(20)
    values = np.abs(frames - 7.3)[:, None] / 20
    (keys,) = reduce.reduce_keys(frames, values, 0.01, exact=[[(7.3, 0.0), (12.0, 0.4), (99.0, 1.0)]])
    held = dict(zip(keys.frames.tolist(), keys.values.tolist(), strict=True))
    assert held[7.3] == 0.0
    assert held[12.0] == 0.4
    assert keys.frames[-1] == 19


def test_lips_meet_as_exactly_as_before(talk):
    """The gap between jaw and lips at each closure, and on the frames of it, from curves with few keys."""
    frames, values = dense(talk, 24, GAP[:2])
    moments = lip_contacts(talk).moments
    moments = moments[moments * 24 <= frames[-1]]  # speech may end on lips that meet after the last whole frame
    assert len(moments) >= 1
    at = moments * 24
    exact = [np.stack([at, talk.at(moments)[:, talk.channels.index(name)]], axis=1) for name in GAP[:2]]
    jaw, close = reduce.reduce_keys(frames, values, 0.01, exact=exact)
    expected = talk.select(GAP[:2]).at(moments) @ [1.0, -1.0]
    np.testing.assert_allclose(jaw.at(at) - close.at(at), expected, atol=1e-9)


@cache
def _fewest_lines(frames, values, error):
    """The smallest number of keys on samples joined by lines within the error, by trying all."""
    count = [1] + [10**9] * (len(values) - 1)
    for end in range(1, len(values)):
        for begin in range(end):
            if count[begin] + 1 < count[end]:
                line = np.interp(frames[begin : end + 1], [frames[begin], frames[end]], [values[begin], values[end]])
                if np.abs(line - values[begin : end + 1]).max() <= error:
                    count[end] = count[begin] + 1
    return count[-1]


def test_straight_lines_need_hardly_more_keys_than_the_fewest_possible(talk):
    names = ("jawOpen", "mouthLowerDownLeft", "mouthPucker", "eyeBlinkLeft", "browInnerUp", "mouthSmileRight")
    frames, values = dense(talk, 30, names)
    keys = total(reduce.reduce_keys(frames, values, 0.01, smooth=False))
    fewest = sum(_fewest_lines(tuple(frames), tuple(column), 0.01) for column in values.T.tolist())
    assert fewest <= keys <= 1.35 * fewest


def test_recorded_faces(shared):
    """A minute of real iPhone capture, all 52 weights and the head."""
    motion = livelink_csv.read(shared / "livelink" / "h_facial.csv")
    frames, values = dense(motion, 30, ARKIT + HEAD)
    keys = reduce.reduce_keys(frames[:1800], values[:1800], 0.01)
    curves = np.stack([one.at(frames[:1800]) for one in keys], axis=1)
    assert np.abs(curves - values[:1800]).max() <= 0.01 + 1e-9
    assert total(keys) < values[:1800].size / 4


def test_tolerance_per_curve_and_frame():
    frames = np.arange(100)
    values = np.random.default_rng(0).random((100, 2)) * 0.1
    every, few = reduce.reduce_keys(frames, values, [0.0, 1.0])
    assert len(every.frames) == 100
    assert len(few.frames) < 10  # both ends, and the lowest and highest value
    room = np.full((100, 2), 1.0)
    room[40:60] = 0.001
    for one, column in zip(reduce.reduce_keys(frames, values, room), values.T, strict=True):
        assert np.abs(one.at(frames[40:60]) - column[40:60]).max() <= 0.001
        assert len(one.frames) < 60


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_curves(count):
    values = np.linspace(0, 1, count)[:, None] ** 2
    (keys,) = reduce.reduce_keys(np.arange(count), values, 0.01)
    np.testing.assert_allclose(keys.at(np.arange(count)), values[:, 0], atol=0.01)


def test_a_curve_that_never_moves_needs_two_keys():
    (keys,) = reduce.reduce_keys(np.arange(1000), np.full((1000, 1), 0.3), 0.01)
    assert keys.frames.tolist() == [0, 999]


def test_bezier_on_every_frame_does_not_overshoot():
    values = np.random.default_rng(3).integers(0, 2, (200, 1)).astype(float)
    (keys,) = reduce.reduce_keys(np.arange(200), values, 0.0)
    curve = keys.at(fine(np.arange(200)))
    assert len(keys.frames) == 200
    assert curve.min() >= 0
    assert curve.max() <= 1


def test_closures_without_visemes_are_mouths_that_come_to_a_close():
    t = np.arange(200) / 50
    jaw = np.clip(np.sin(2 * np.pi * t), 0, 1) * 0.4
    jaw[60:] = 0
    motion = Motion(jaw[:, None], ("jawOpen",), 50.0)
    assert len(lip_contacts(motion).moments) == 1
    assert len(lip_contacts(Motion(np.zeros((50, 1)), ("jawOpen",), 50.0)).moments) == 0
    assert len(lip_contacts(Motion(np.zeros((50, 1)), ("browInnerUp",), 50.0)).moments) == 0
