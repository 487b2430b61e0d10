# SPDX-License-Identifier: GPL-3.0-or-later
"""Where somebody looks in a conversation: how often at whom, how long away, and what turns for it."""

import numpy as np
import pytest

from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.curves import runs
from facewright.inference.core.errors import MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.dialogue.gaze import LARGEST_LOOK, TURNED, gaze, looking, to_whom
from facewright.inference.dialogue.listening import listen
from facewright.inference.dialogue.turns import Turn

SEEDS = range(12)
FPS = 50.0


def conversation(seed, minutes=2.0):
    """Turns of 1 to 12 seconds by turns, with gaps between them: the character's own, and the partner's."""
    rng, now, sides = np.random.default_rng(seed), 1.0, ([], [])
    while now < 60 * minutes - 13:
        length = float(rng.uniform(1, 12))
        sides[len(sides[0]) > len(sides[1])].append(Turn(now, now + length))
        now += length + float(rng.uniform(0.1, 0.8))
    return *sides, 60 * minutes


def within(turns, times):
    return np.any([(times >= turn.begin) & (times < turn.end) for turn in turns], axis=0)


@pytest.fixture(scope="module", params=SEEDS)
def talk(request):
    own, partner, end = conversation(request.param)
    return own, partner, listen(own, partner, end, seed=request.param, fps=FPS)


def test_listeners_look_at_the_partner_most_of_the_time_and_speakers_less(talk):
    own, partner, found = talk
    times = found.motion.times
    assert 0.60 <= found.at[within(partner, times)].mean() <= 0.75
    assert 0.30 <= found.at[within(own, times)].mean() <= 0.50


@pytest.mark.parametrize("seed", SEEDS)
def test_so_does_who_only_listens_for_a_minute(seed):
    assert 0.60 <= listen([], [Turn(0.0, 60.0)], 60.0, seed=seed).at.mean() <= 0.75


def test_glances_away_are_short_and_eyes_go_and_come_back_at_once(talk):
    _, _, found = talk
    away = runs(found.at < 0.5)
    lengths = (away[:, 1] - away[:, 0]) / FPS
    assert len(lengths) > 15 and lengths.min() >= 0.4 and lengths.max() <= 2.0 and len(set(lengths)) > 10
    between = runs((found.at > 0.01) & (found.at < 0.99))
    assert (between[:, 1] - between[:, 0] + 1).max() / FPS <= 0.2
    far = np.degrees(np.hypot(*found.away[found.at < 0.5].T))
    assert far.min() > 8 and far.max() < 20
    moved = np.diff(found.away, axis=0).any(axis=1)
    assert (found.at[:-1][moved] > 0.9).all() or (found.at[1:][moved] > 0.9).all()


def test_speakers_begin_with_a_glance_away_and_end_with_a_look():
    begins, ends = [], []
    for seed in SEEDS:
        own, partner, end = conversation(seed)
        found = listen(own, partner, end, seed=seed, fps=FPS)
        for turn in own:
            if turn.end - turn.begin > 4:
                begins.append(found.at[round((turn.begin + 0.4) * FPS)] < 0.5)
                ends.append(found.at[round((turn.end - 0.2) * FPS)] > 0.5)
    assert len(begins) > 20 and np.mean(begins) > 0.55 and np.mean(ends) == 1


def test_head_and_eyes_together_look_where_they_are_to():
    for yaw, pitch in ((0.1, 0.0), (-0.5, 0.2), (1.0, -0.3)):
        turned = gaze(np.ones(100), np.tile([yaw, pitch], (100, 1)))
        for axis, wanted in (("Yaw", yaw), ("Pitch", pitch)):
            head, left, right = (turned.channel(f"{who}{axis}") for who in ("head", "leftEye", "rightEye"))
            np.testing.assert_allclose(head + left, wanted, atol=1e-5)
            np.testing.assert_array_equal(left, right)
            assert (np.abs(left) <= LARGEST_LOOK[int(axis == "Pitch")]).all()
        assert (turned.channel("eyeLookInLeft" if yaw > 0 else "eyeLookOutLeft") > 0).all()
    assert np.abs(gaze(np.ones(9), np.tile([3.0, 1.5], (9, 1))).values).max() < 1.3  # nobody's neck turns round


def test_eyes_glance_away_alone_and_the_head_follows_a_partner_who_walks():
    at = np.ones(200)
    at[50:100] = 0
    away = np.tile([-0.2, 0.1], (200, 1))
    turned = gaze(at, np.zeros((200, 2)), away)
    assert not turned.select(("headYaw", "headPitch")).values.any()
    np.testing.assert_allclose(turned.channel("leftEyeYaw"), np.where(at == 0, -0.2, 0), atol=1e-6)
    step = np.repeat([[0.0, 0.0], [0.6, 0.0]], 100, axis=0)
    followed = gaze(np.ones(200), step)
    assert np.abs(np.diff(followed.channel("headYaw"))).max() < 0.03
    np.testing.assert_allclose(followed.channel("headYaw") + followed.channel("leftEyeYaw"), step[:, 0], atol=0.05)


def test_of_several_partners_it_is_the_one_who_speaks():
    partners = [Turn(0.0, 5.0), Turn(5.2, 9.0, who=2), Turn(9.5, 14.0, who=1)]
    found = listen([], partners, 15.0)
    assert found.towards.shape == (found.motion.frames, 3)
    np.testing.assert_allclose(found.towards.sum(axis=1), 1, atol=1e-6)
    for turn in partners:
        row = round((turn.begin + turn.end) / 2 * FPS)
        assert found.towards[row].argmax() == turn.who
    passing = runs(((found.towards > 0.001) & (found.towards < 0.999)).any(axis=1))
    assert len(passing) == 2 and (passing[:, 1] - passing[:, 0] + 1).max() / FPS <= 0.2
    directions = np.tile([[0.1, 0.0], [0.2, 0.0], [-0.3, 0.1]], (found.motion.frames, 1, 1))
    np.testing.assert_allclose(to_whom(found.towards, directions)[round(7 * FPS)], [-0.3, 0.1], atol=1e-6)


def test_a_gaze_lies_over_a_motion():
    motion = Motion(np.full((20, len(CHANNELS)), 0.9, np.float32), CHANNELS, FPS)
    turned = gaze(np.ones(20), np.tile([0.2, 0.1], (20, 1)), fps=FPS)
    looks = looking(motion, turned)
    others = [name for name in CHANNELS if name not in TURNED]
    np.testing.assert_array_equal(looks.select(others).values, motion.select(others).values)
    np.testing.assert_allclose(looks.channel("headYaw"), 0.9 + turned.channel("headYaw"), atol=1e-6)
    assert looks.channel("eyeLookInLeft").max() <= 1
    with pytest.raises(MotionError, match="gaze of 20 frames"):
        looking(motion, gaze(np.ones(19), np.zeros((19, 2))))
    with pytest.raises(MotionError, match="each of 20 frames"):
        gaze(np.ones(20), np.zeros((19, 2)))


def test_eyes_go_all_the_way_where_no_head_turns():
    turned = gaze(np.ones(50), np.tile([0.5, -0.2], (50, 1)), turns_head=False)
    assert not turned.select(("headYaw", "headPitch")).values.any()
    np.testing.assert_allclose(turned.channel("leftEyeYaw"), 0.5, atol=1e-6)
    far = gaze(np.ones(50), np.tile([2.0, 0.0], (50, 1)), turns_head=False)
    np.testing.assert_allclose(far.channel("leftEyeYaw"), LARGEST_LOOK[0], atol=1e-6)
