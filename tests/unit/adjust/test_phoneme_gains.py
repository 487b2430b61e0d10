# SPDX-License-Identifier: GPL-3.0-or-later
"""Gains of phones on real speech: the mouth goes further where one is heard, and lips press harder on m, b, p."""

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.adjust.phoneme_gains import GROUPS, SPOKEN, spoken, with_gains
from facewright.inference.adjust.sliders.closure import FIRM
from facewright.inference.core.channels import BILABIALS, MOUTH, PHONES
from facewright.inference.core.errors import StyleError
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.pipeline.stages import finished, plain_take

VOWELS = GROUPS["AA AE"]
GIVE_WAY = ("mouthRollLower", "mouthShrugLower")  # bring lips together, so less of them where lips would cross


@pytest.fixture(scope="module")
def made(speech):
    plain, phones = plain_take(load_predictor(device="cpu"), load_audio(speech, duration=4.0))
    return finished(plain, phones, fps=50), phones


def test_groups_part_all_spoken_phones():
    assert sorted(phone for group in GROUPS.values() for phone in group) == sorted(SPOKEN)


def test_a_gain_works_where_its_phone_is_heard_and_only_there(made):
    motion, phones = made
    after = adjust(motion, Adjustments(phones=dict.fromkeys(VOWELS, 1.6)), phones=phones)
    share = phones.at(motion.times)[:, [PHONES.index(p) for p in VOWELS]].sum(axis=1)
    assert after is not motion
    jaw, opened = motion.channel("jawOpen"), after.channel("jawOpen")
    vowels, others = share > 0.8, share < 0.02
    assert vowels.any() and others.any()
    assert (opened[vowels] / jaw[vowels]).mean() == pytest.approx(1.6, abs=0.12)
    assert np.abs(opened - jaw)[others].max() < 0.02 * jaw.max()


def test_m_b_and_p_press_harder_in_one_go(made):
    motion, phones = made
    moments = lip_contacts(motion).moments
    assert len(moments)
    press = []
    for gain in (0.0, 1.0, 1.5, 2.0):
        after = adjust(motion, Adjustments(phones=dict.fromkeys(BILABIALS, gain)), phones=phones)
        press.append(after.select(tuple(FIRM)).at(moments).mean())
        rest = [name for name in MOUTH if name not in (*FIRM, "mouthClose", *GIVE_WAY)]
        np.testing.assert_array_equal(after.select(rest).values, motion.select(rest).values)
        given = motion.select(GIVE_WAY).values - after.select(GIVE_WAY).values
        assert given.min() >= 0 and given.max() < 0.02
    assert press == sorted(press)
    assert press[-1] > press[1] + 0.15


def test_gains_can_be_keyed_and_neutral_ones_change_no_bit(made):
    motion, phones = made
    assert with_gains(motion, phones, dict.fromkeys(SPOKEN, 1.0)) is motion
    ramp = np.where(np.arange(motion.frames) < motion.frames // 2, 1.0, 1.8)
    after = with_gains(motion, phones, dict.fromkeys(SPOKEN, ramp))
    np.testing.assert_array_equal(after.values[: motion.frames // 2], motion.values[: motion.frames // 2])
    assert not np.array_equal(after.values, motion.values)


def test_what_is_spoken_comes_in_order_and_where_it_is_likeliest(made):
    _, phones = made
    found = spoken(phones, SPOKEN)
    assert len(found) > 10
    assert all(begin <= end for _, begin, end in found)
    assert [begin for _, begin, _ in found] == sorted(begin for _, begin, _ in found)
    name, begin, end = found[3]
    assert PHONES[phones.at([(begin + end) / 2])[0].argmax()] == name
    lips = [begin for name, begin, _ in spoken(phones, BILABIALS)]
    assert lips and all(name in BILABIALS for name, _, _ in spoken(phones, BILABIALS))


def test_phones_that_are_missing_or_unknown_are_told(made):
    motion, _ = made
    with pytest.raises(StyleError, match="gain of M"):
        adjust(motion, Adjustments(phones={"M": 1.5}))
    with pytest.raises(StyleError, match=r"phone called AA, .*got 'SIL'"):
        Adjustments(phones={"SIL": 1.5})
