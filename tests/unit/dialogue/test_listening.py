# SPDX-License-Identifier: GPL-3.0-or-later
"""A face that listens: still lips, answers to what the partner really says, blinks, and the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.sliders.blinks import blinks
from facewright.inference.core.channels import CHANNELS, PHONES
from facewright.inference.core.errors import FacewrightError, MotionError
from facewright.inference.core.parts import channels_of_parts
from facewright.inference.dialogue.answers import answers
from facewright.inference.dialogue.listening import listen
from facewright.inference.dialogue.turns import SILENT, Role, Turn, stretches, without_silence
from facewright.inference.pipeline.stages import analyse

BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")


@pytest.fixture(scope="module")
def said(speech):
    """A partner's turn from second 2 on: real speech of some seconds, and what is heard in it."""
    audio = load_audio(speech)
    analysis = analyse(load_predictor(device="cpu").encode(audio), audio)
    return Turn(2.0, 2.0 + analysis.phonemes.frames / 50, analysis)


@pytest.fixture(scope="module")
def shot(said):
    """The partner speaks, then the character answers for three seconds; then nobody does."""
    return listen([Turn(said.end + 0.2, said.end + 3.2)], [said], said.end + 6.0, seed=4)


def test_lips_rest_and_everything_else_is_alive(shot):
    mouth = shot.motion.select(channels_of_parts(["mouth", "jaw", "tongue"]))
    assert not mouth.values.any()
    moves = np.ptp(shot.motion.values, axis=0) > 0
    assert {"headPitch", "headYaw", "eyeBlinkLeft", "leftEyeYaw"} <= {CHANNELS[k] for k in np.flatnonzero(moves)}
    weights = shot.motion.values[:, :52]
    assert weights.min() >= 0 and weights.max() <= 1


def test_the_whole_shot_is_covered_at_any_frame_rate(said):
    for fps in (24.0, 23.976, 60.0):
        found = listen([], [said], 12.0, fps=fps)
        assert found.motion.start == 0 and found.motion.fps == fps
        assert 12.0 - 1 / fps < found.motion.end <= 12.0 + 1e-6
        assert len(found.at) == len(found.away) == len(found.towards) == found.motion.frames
    assert listen([], [], 0.0).motion.frames == 1


def test_the_same_seed_gives_the_same_bits_and_others_differ(said):
    one, again, other = (listen([], [said], 20.0, seed=seed) for seed in (7, 7, 8))
    for name in ("at", "away", "towards"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    np.testing.assert_array_equal(one.motion.values.view(np.uint32), again.motion.values.view(np.uint32))
    assert (one.motion.channel("eyeBlinkLeft") != other.motion.channel("eyeBlinkLeft")).any()
    assert (one.motion.channel("headPitch") != other.motion.channel("headPitch")).any()
    assert (one.at != other.at).any()


def test_amount_is_how_far_the_face_answers(said):
    none, half, whole = (listen([], [said], 20.0, amount=amount, seed=1).motion for amount in (0.0, 0.5, 1.0))
    answering = ("headPitch", "headYaw", "headRoll", *BROWS)
    assert not none.select(answering).values.any()
    np.testing.assert_allclose(half.select(answering).values, whole.select(answering).values / 2, atol=1e-6)
    np.testing.assert_array_equal(none.channel("eyeBlinkLeft"), whole.channel("eyeBlinkLeft"))


def test_it_nods_soon_after_the_partner_pauses_and_not_while_it_speaks_itself(said):
    silent = said.analysis.phonemes.posteriors[:, PHONES.index("SIL")] > 0.5
    ends = said.begin + np.append(np.flatnonzero(np.diff(silent.astype(int)) == 1) / 50, said.end - said.begin)
    wide, all_nods = [], 0
    for seed in range(20):
        roles = stretches([], [said], said.end + 4)
        nods, _ = answers([said], roles, np.random.default_rng(seed))
        wide += [nod.begin for nod in nods if nod.size > np.radians(3)]
        all_nods += len(nods)
        own = [Turn(said.begin + 1.0, said.end + 4)]
        spoken, raised = answers([said], stretches(own, [said], said.end + 4), np.random.default_rng(seed))
        assert all(one.begin < own[0].begin for one in (*spoken, *raised))
    assert len(wide) >= 10 and all_nods > len(wide)
    after = np.array([np.min(np.where(begin >= ends - 0.1, begin - ends, np.inf)) for begin in wide])
    assert after.max() < 0.5


def test_louder_syllables_are_answered_by_brows(said):
    loudness = said.analysis.loudness
    begins = [one.begin for seed in range(20) for one in _brows(said, seed)]
    assert len(begins) >= 10
    around = [
        loudness[max(int((b - said.begin - 0.15) * 50), 0) : int((b - said.begin) * 50) + 3].max() for b in begins
    ]
    assert min(around) > 2.0 > np.median(loudness)
    quiet = Turn(said.begin, said.end, replace(said.analysis, loudness=np.full_like(loudness, -3.0)))
    assert not any(_brows(quiet, seed) for seed in range(20))


def _brows(turn, seed):
    return answers([turn], stretches([], [turn], turn.end + 1), np.random.default_rng(seed))[1]


def test_nods_and_brows_have_no_corner(said):
    talk = [Turn(begin, begin + said.end - said.begin, said.analysis) for begin in np.arange(0.0, 80.0, 10.0)]
    still, moved = (listen([], partners, 80.0, fps=100.0, seed=2).motion for partners in ([], talk))
    for name in ("headPitch", *BROWS):
        curve = moved.channel(name) - still.channel(name)
        assert np.abs(curve).max() > 0.01
        assert np.abs(np.diff(curve, 2)).max() < 0.02 * np.ptp(curve)


def test_lids_blink_as_often_as_those_of_people_who_listen():
    motions = [listen([], [Turn(0.0, 300.0)], 300.0, seed=seed).motion for seed in range(4)]
    rates = [len(blinks(motion.channel("eyeBlinkLeft"))) / 5 for motion in motions]
    assert min(rates) >= 12 and max(rates) <= 24 and len(set(rates)) > 1


def test_a_pause_between_lines_does_not_end_the_listening():
    own = [Turn(20.0, 22.0), Turn(22.5, 24.0)]
    partners = [Turn(1.0, 4.0), Turn(4.6, 9.0), Turn(15.0, 21.0, who=1), Turn(24.8, 26.0, who=1)]
    found = stretches(own, partners, 30.0)
    told = [(one.begin, one.end, one.role, one.who) for one in found]
    assert told == [
        (0.0, 1.0, Role.SILENT, 0),
        (1.0, 9.0, Role.LISTENING, 0),
        (9.0, 15.0, Role.SILENT, 0),
        (15.0, 20.0, Role.LISTENING, 1),
        (20.0, 24.0, Role.SPEAKING, 1),
        (24.0, 26.0, Role.LISTENING, 1),
        (26.0, 30.0, Role.SILENT, 1),
    ]


def test_what_makes_no_sense_is_told():
    for turn in ((2.0, 2.0), (3.0, 1.0), (np.nan, 1.0)):
        with pytest.raises(MotionError, match="ends after it begins"):
            Turn(*turn)
    for given in ({"amount": 1.2}, {"fps": 0.0}, {"end": -1.0}, {"end": np.inf}):
        with pytest.raises(MotionError, match="amount from 0 to 1"):
            listen([], [], **{"end": 5.0, **given})
    with pytest.raises(FacewrightError, match="seed"):
        listen([], [], 5.0, seed=-1)


def test_a_long_recording_with_pauses_is_several_turns(said):
    analysis = said.analysis
    gap = np.zeros((150, len(PHONES)), np.float16)
    gap[:, PHONES.index("SIL")] = 1
    phonemes = replace(
        analysis.phonemes, posteriors=np.concatenate([analysis.phonemes.posteriors, gap, analysis.phonemes.posteriors])
    )
    loudness = np.concatenate([analysis.loudness, np.full(150, -30, np.float32), analysis.loudness])
    effort = np.zeros_like(loudness)
    length = said.end - said.begin
    long = Turn(
        2.0, 2.0 + 2 * length + 3.0, replace(analysis, phonemes=phonemes, loudness=loudness, effort=effort), who=1
    )
    parts = without_silence(long)
    first, second = parts[0], parts[-1]
    assert all(part.who == 1 for part in parts) and first.begin >= 2.0 and second.end <= long.end
    spoken = np.flatnonzero(analysis.phonemes.posteriors[:, PHONES.index("SIL")] < SILENT)[0] / 50  # after a pause, so
    assert second.begin == pytest.approx(
        5.0 + length + spoken, abs=0.1
    )  # the quiet before the first word is part of it
    middle = 2.0 + length + 1.5
    assert not any(part.begin < middle < part.end for part in parts)
    roles = {one.role for one in stretches(parts, [Turn(middle - 0.5, middle + 0.5)], long.end)}
    assert roles >= {Role.SPEAKING, Role.LISTENING}
    assert sum(part.analysis.phonemes.frames for part in parts) <= phonemes.frames - 150
    assert without_silence(Turn(1.0, 2.0))[0].end == 2.0
