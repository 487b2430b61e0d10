# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet without crossing, whatever is dialled: judged on heads that have lips of their own."""

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.adjust.emotions import emotions
from facewright.inference.adjust.sliders import sliders
from facewright.inference.core.analysis import Voice
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import MotionError
from facewright.inference.core.motion import Motion
from facewright.inference.lips import closing, gap_table
from facewright.inference.lips.constraint import constrain
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.pipeline.animate import animate
from facewright.inference.prosody.prosody import prosody
from facewright.inference.styles.library import PRESETS, Library
from facewright.models.training.evaluation.figures.slider_effects import kept
from facewright.models.training.heads.lip_gaps import crossed_further, lip_pairs, rows

MOST = 0.5  # mm, more than the neutral take has anywhere
CLOSED = {"ict": 0.98, "own": 0.6, "mpfb": 2.1}  # mm between lips that count as closed; MPFB's are 1.1 apart at rest
PLAIN = {"articulation", "jaw", "lips", "rounding", "closure", "energy", "asymmetry", "smoothing", "upper_face"}
ENDS = [{name: getattr(sliders()[name], end) for name in PLAIN} for end in ("NEUTRAL", "LOW", "HIGH")]
LOPSIDED = {"articulation": 2.0, "jaw": 0.0, "lips": 2.0, "rounding": 3.0, "asymmetry": -1.0}


@pytest.fixture(scope="module")
def sound(speech):
    return load_audio(speech, duration=8.0)


@pytest.fixture(scope="module")
def pairs(shared):
    return lip_pairs(shared)


@pytest.fixture(scope="module")
def neutral(sound):
    return animate(sound, fps=50, predictor=load_predictor(device="cpu"))


@pytest.mark.parametrize("preset", Library(PRESETS).presets)
def test_lips_meet_and_do_not_cross(preset, sound, neutral, pairs):
    style = Library(PRESETS).get(preset)
    take = animate(sound, fps=50, style=style, predictor=load_predictor(device="cpu"))
    said = prosody(sound.samples, 50)
    voice = Voice(said.loudness, said.effort)
    moods = [{}, *({name: 1.0} for name in emotions()), dict.fromkeys(emotions(), 1.0)]
    before = {head: of.gaps(neutral) for head, of in pairs.items()}
    for mood in moods:
        for values in (*ENDS, LOPSIDED):
            moved = adjust(take, Adjustments(values, mood), voice=voice)
            for head, of in pairs.items():
                now = of.gaps(moved)
                assert crossed_further(before[head], now) <= MOST, (head, mood, values)
                middle = slice(now.shape[1] // 2 - 1, now.shape[1] // 2 + 2)
                opening = (gaps[:, middle].mean(axis=1) for gaps in (before[head], now))
                still, were = kept(*opening, neutral, CLOSED[head], style.lead)
                assert were >= 2 and still >= 0.95 * were, (head, mood, values)


def open_mouth(heard):
    """Ten frames of an open mouth in which so much is heard of p, b and m."""
    names = ("viseme_PP", "jawOpen", "mouthClose", "mouthLowerDownLeft", "mouthFunnel", "mouthPucker")
    still = Motion(np.zeros((10, len(CHANNELS)), np.float32), CHANNELS, 50.0)
    return still.with_channels(names, np.tile(np.float32([heard, 0.4, 0.1, 0.3, 0.2, 0.5]), (10, 1)))


def closed(motion):
    return constrain(motion, lip_contacts(motion))


def test_lips_are_shut_as_far_as_the_jaw_is_open_when_a_bilabial_is_heard():
    out = closed(open_mouth(0.9))
    np.testing.assert_allclose(out.channel("mouthClose"), closing.CLOSE * out.channel("jawOpen"), rtol=1e-6)
    assert not out.select(closing.PARTING).values.any()


def test_what_does_not_part_the_lips_stays():
    before = open_mouth(0.9)
    for name in ("jawOpen", "mouthPucker", "viseme_PP"):
        np.testing.assert_array_equal(closed(before).channel(name), before.channel(name))


def test_nothing_happens_where_no_bilabial_is_heard():
    before = open_mouth(0.05)
    np.testing.assert_array_equal(closed(before).values, before.values)


def test_a_part_of_a_mouth_is_shut_as_the_whole_is():
    whole = open_mouth(0.5)
    for names in (["viseme_PP", "jawOpen", "mouthClose"], ["mouthFunnel", "viseme_PP"], ["viseme_PP"]):
        np.testing.assert_array_equal(closed(whole.select(names)).values, closed(whole).select(names).values)


def test_an_edited_take_is_as_shut_as_it_was_and_as_open_as_edited_elsewhere(neutral):
    contacts = lip_contacts(neutral)
    assert constrain(neutral, contacts, neutral) is neutral
    wide = np.minimum(2 * neutral.select(ARKIT).values, 1)
    edited = neutral.with_channels(ARKIT, wide)
    once = constrain(edited, contacts, neutral)
    held, free = contacts.hold == 1, contacts.hold == 0
    assert held.any() and free.any()
    assert (once.channel("jawOpen")[held] <= neutral.channel("jawOpen")[held] + 1e-6).all()
    assert (once.select(closing.PARTING).values[held] <= neutral.select(closing.PARTING).values[held] + 1e-6).all()
    np.testing.assert_allclose(once.channel("jawOpen")[free], edited.channel("jawOpen")[free], rtol=0, atol=1e-6)


def test_contacts_of_another_motion_are_refused(neutral):
    with pytest.raises(MotionError, match=f"contacts of 10 frames, got {neutral.frames}"):
        constrain(open_mouth(0.9), lip_contacts(neutral))


def test_a_motion_that_has_little_of_a_mouth_is_dialled_too(neutral):
    for names in (["jawOpen"], ["mouthPressLeft", "headYaw"], ["browInnerUp"]):
        few = neutral.select(names)
        moved = adjust(few, Adjustments({"jaw": 2.0, "asymmetry": 1.0, "upper_face": 2.0}, {"anger": 1.0}))
        assert moved.channels == few.channels and not np.array_equal(moved.values, few.values)
        assert moved.values[:, 0].min() >= 0 and moved.values[:, 0].max() <= 1


def test_the_table_is_what_the_heads_do(pairs):
    measured = [rows(pairs[head]) for head in ("ict", "mpfb")]
    numbers = [ARKIT.index(name) for name in gap_table.CHANNELS]
    told = np.hstack([shapes[numbers] for shapes, _ in measured])
    np.testing.assert_allclose(gap_table.heights(gap_table.CHANNELS), told, atol=0.002)
    np.testing.assert_allclose(gap_table.AT_REST, np.hstack([rest for _, rest in measured]), atol=0.002)
    left_out = [k for k, name in enumerate(ARKIT) if name not in (*gap_table.CHANNELS, "tongueOut")]
    assert max(np.abs(shapes[left_out]).max() for shapes, _ in measured) < 0.01


def test_gaps_are_measured_between_the_lips(neutral, pairs):
    shut = neutral.with_channels(ARKIT, np.zeros((neutral.frames, len(ARKIT)), np.float32))
    opened = shut.with_channels(["jawOpen"], np.full((neutral.frames, 1), 0.5, np.float32))
    crossed = shut.with_channels(["mouthClose"], np.full((neutral.frames, 1), 0.1, np.float32))
    for of in pairs.values():
        assert of.gaps(shut).min() >= 0 and of.gaps(opened).min() > 3
        assert crossed_further(of.gaps(shut), of.gaps(opened)) == 0
        assert crossed_further(of.gaps(shut), of.gaps(crossed)) > 1
