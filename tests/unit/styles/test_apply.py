# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style does to motion, with real speech through the released model."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import Motion, animate, load_audio, load_predictor
from facewright.inference.core.channels import ARKIT, CHANNELS, HEAD, LIVE_LINK, MOUTH, PHONES, VISEMES, mirrored
from facewright.inference.core.errors import MotionError, StyleError
from facewright.inference.core.phonemes import Phonemes
from facewright.inference.lips.constraint import limit_penetration
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.policy.visemes import viseme_weights
from facewright.inference.styles.apply import REGION_OF, SIDE, apply_style, headroom
from facewright.inference.styles.style import NEUTRAL, REGIONS, Style, average, blend

JAW = list(REGIONS).index("jaw")


@pytest.fixture(scope="module")
def model():
    return load_predictor(device="cpu")


@pytest.fixture(scope="module")
def heard(model, speech) -> tuple[Motion, Phonemes]:
    return plain_take(model, load_audio(speech, duration=6.0))


def with_gain(region: str, gain: float, *phones: str) -> Style:
    gains = NEUTRAL.gains.copy()
    rows = [PHONES.index(phone) for phone in phones] or slice(None)
    gains[rows, list(REGIONS).index(region)] = gain
    return Style("made", gains=gains)


def test_every_channel_of_the_mouth_is_in_one_region_and_on_one_side():
    assert sorted(name for names in REGIONS.values() for name in names) == sorted(MOUTH)
    assert len(REGION_OF) == len(SIDE) == len(MOUTH)
    for name, side in zip(MOUTH, SIDE, strict=True):
        assert side == -SIDE[MOUTH.index(mirrored(name))]


def test_neutral_changes_nothing_bit_for_bit(heard, model, speech):
    motion, phones = heard
    np.testing.assert_array_equal(apply_style(motion, phones, NEUTRAL).values, motion.values)
    audio = load_audio(speech, duration=6.0)
    plain = animate(audio, predictor=model)
    np.testing.assert_array_equal(animate(audio, predictor=model, style=Style("mine")).values, plain.values)
    np.testing.assert_array_equal(finished(motion, phones).values, plain.values)


def test_phones_come_with_the_motion_and_make_its_visemes(heard):
    motion, phones = heard
    assert phones.posteriors.dtype == np.float16 and phones.frames == motion.frames
    np.testing.assert_allclose(viseme_weights(phones.at(motion.times)), motion.select(VISEMES).values, atol=2e-3)
    assert abs(sum(phones.seconds().values()) - phones.frames / phones.fps) < 0.01
    halfway = phones.at([0.01, 0.02, -1, 1e9])
    np.testing.assert_allclose(halfway[0], (phones.posteriors[0] / 2 + phones.posteriors[1] / 2), atol=1e-3)
    np.testing.assert_array_equal(halfway[1:], phones.posteriors[[1, 0, -1]])


@pytest.mark.parametrize("shares", [np.zeros((0, 40)), np.zeros((3, 39)), np.full((3, 40), np.nan)])
def test_what_are_no_phones_is_refused(shares):
    with pytest.raises(MotionError, match="Expected"):
        Phonemes(shares, 50.0)


@pytest.mark.parametrize("region", REGIONS)
def test_a_gain_for_every_phone_is_a_gain_of_its_region(heard, region):
    motion, phones = heard
    free = headroom(phones.at(motion.times))
    for gain in (0.5, 1.2):
        out = apply_style(motion, phones, with_gain(region, gain))
        expected = motion
        for name in REGIONS[region]:
            more = (gain - 1) * (free[:, MOUTH.index(name)] if gain > 1 else 1.0)
            expected = expected.with_channels([name], ((1 + more) * motion.channel(name)).clip(-1, 1)[:, None])
        expected = limit_penetration(expected, motion)  # where lips would cross, they give way
        for name in LIVE_LINK:
            np.testing.assert_allclose(out.channel(name), expected.channel(name), atol=2e-3)


def test_nothing_but_pressing_grows_where_lips_are_shut(heard):
    motion, phones = heard
    free = headroom(phones.at(motion.times))
    shut = motion.channel("viseme_PP") > 0.5
    pressing = [name in REGIONS["pressing"] for name in MOUTH]
    assert shut.any() and not free[shut][:, ~np.array(pressing)].any() and (free[:, pressing] == 1).all()
    assert (free[motion.channel("viseme_PP") < 0.04] == 1).all()


def test_a_phone_is_turned_up_where_it_is_heard_and_nowhere_else(heard):
    motion, phones = heard
    moved = np.abs(apply_style(motion, phones, with_gain("jaw", 2.0, "AA", "AE", "AH")).values - motion.values).max(
        axis=1
    )
    share = phones.at(motion.times)[:, [PHONES.index(p) for p in ("AA", "AE", "AH")]].sum(axis=1)
    assert moved[share > 0.4].max() > 0.05 and moved[share < 1e-4].max(initial=0) < 1e-3


def test_lead_moves_mouth_and_visemes_in_time_and_nothing_else(heard):
    motion, phones = heard
    early = apply_style(motion, phones, replace(NEUTRAL, lead=0.06))
    speaks = (*MOUTH, *VISEMES)
    np.testing.assert_allclose(early.select(speaks).values[:-3], motion.select(speaks).values[3:], atol=1e-4)
    others = [name for name in CHANNELS if name not in speaks]
    np.testing.assert_array_equal(early.select(others).values, motion.select(others).values)


def test_asymmetry_moves_the_left_more_and_the_right_less(heard):
    motion, phones = heard
    out = apply_style(motion, phones, replace(NEUTRAL, asymmetry=0.25))
    open_ = headroom(phones.at(motion.times))[:, 0] == 1
    for name in ("mouthLowerDownLeft", "mouthSmileLeft"):
        np.testing.assert_allclose(out.channel(name)[open_], (1.25 * motion.channel(name)).clip(0, 1)[open_], atol=1e-5)
        other = mirrored(name)
        np.testing.assert_allclose(out.channel(other), 0.75 * motion.channel(other), atol=1e-5)
    np.testing.assert_array_equal(out.channel("jawOpen"), motion.channel("jawOpen"))


def test_an_actor_who_rests_with_parted_lips_does_so_between_phrases(heard):
    rest = np.zeros(len(MOUTH), np.float32)
    rest[[MOUTH.index("jawOpen"), MOUTH.index("mouthPucker")]] = 0.08, -0.2
    plain, phones = heard
    still = replace(plain, values=np.zeros_like(plain.values)).with_channels(
        ["viseme_sil"], np.ones((plain.frames, 1), np.float32)
    )
    quiet = Phonemes(np.tile(np.eye(len(PHONES))[PHONES.index("SIL")], (phones.frames, 1)), phones.fps)
    out = finished(still, quiet, style=Style("parted", rest=rest), fps=50)
    np.testing.assert_allclose(out.channel("jawOpen"), 0.08, atol=1e-6)
    assert not out.channel("mouthPucker").any()


def test_liveliness_scales_head_brows_gaze_and_how_often_eyes_blink(heard):
    motion, phones = heard
    calm = Style("calm", brows=0.5, head=0.5, gaze=0.0, blinks=0.0)
    out, plain = (finished(motion, phones, style=style, fps=50) for style in (calm, NEUTRAL))
    np.testing.assert_allclose(out.select(HEAD).values, 0.5 * plain.select(HEAD).values, atol=1e-6)
    np.testing.assert_allclose(out.channel("browInnerUp"), 0.5 * plain.channel("browInnerUp"), atol=1e-6)
    assert not out.channel("eyeBlinkLeft").any() and not out.channel("leftEyeYaw").any()
    often = finished(motion, phones, style=replace(NEUTRAL, blinks=2.0), fps=50)
    shut = [np.diff((take.channel("eyeBlinkLeft") > 0.5).astype(int)).clip(0).sum() for take in (plain, often)]
    assert shut[1] > shut[0] > 0


def test_only_channels_that_are_there_are_touched(heard):
    motion, phones = heard
    loud = replace(with_gain("jaw", 2.0), lead=0.04, head=2.0, asymmetry=0.2)
    few = motion.select(["jawOpen", "browInnerUp"])
    whole = apply_style(motion, phones, loud).select(few.channels)
    np.testing.assert_allclose(apply_style(few, phones, loud).values, whole.values, atol=1e-6)


def test_another_frame_rate_is_styled_alike(heard):
    motion, phones = heard
    loud = with_gain("jaw", 0.6, "AA", "AE", "IY", "EH")
    late = apply_style(motion.resample(24), phones, loud)
    np.testing.assert_allclose(late.values, apply_style(motion, phones, loud).resample(24).values, atol=0.03)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"gains": np.ones((40, 4))}, r"40 x 5 gains.*\(40, 4\)"),
        ({"gains": np.full((40, 5), 4.5)}, "gains from 0 to 4.*4.5"),
        ({"rest": np.ones(26)}, "27 weights"),
        ({"rest": np.full(27, -0.6)}, "rest from -0.5 to 0.5"),
        ({"lead": 0.3}, "lead from -0.25 to 0.25"),
        ({"lead": np.nan}, "lead from .* got nan"),
        ({"asymmetry": -1.1}, "asymmetry from -1 to 1"),
        ({"blinks": 9.0}, "blinks from 0 to 4"),
        ({"name": " "}, "a name for the style"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"about": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong, said):
    with pytest.raises(StyleError, match=said):
        Style(**{"name": "x", **wrong})


def test_every_part_is_blended_and_averaged():
    one = replace(with_gain("lips", 2.0), lead=0.1, asymmetry=0.4, head=2.0, blinks=0.0)
    half = blend(NEUTRAL, one, 0.5)
    assert (half.lead, half.asymmetry, half.head, half.blinks) == pytest.approx((0.05, 0.2, 1.5, 0.5))
    np.testing.assert_allclose(half.gains, with_gain("lips", 1.5).gains)
    mean = average([NEUTRAL, one, one, one], "us")
    assert (mean.name, mean.lead) == ("us", pytest.approx(0.075))
    with pytest.raises(StyleError, match="at least one"):
        average([])


def test_weights_stay_in_range_whatever_the_style(heard):
    motion, phones = heard
    wild = Style(
        "wild", gains=4 * NEUTRAL.gains, rest=np.full(27, 0.5), asymmetry=-1, brows=4, head=4, gaze=4, lead=0.2
    )
    weights = finished(motion, phones, style=wild, fps=50).select(ARKIT).values
    assert weights.min() >= 0 and weights.max() <= 1
