# SPDX-License-Identifier: GPL-3.0-or-later
"""Tongue, cheeks and nose move where speech moves them, and never part lips that meet."""

import numpy as np
import pytest

from facewright.inference import Motion
from facewright.inference.articulation import articulated
from facewright.inference.articulation.tongue import OUT
from facewright.inference.core.channels import CHANNELS, MOUTH, PHONES
from facewright.inference.core.phonemes import Phonemes
from facewright.inference.lips.decision import UNLIKELY

FRAMES = 20


def face(**curves: float) -> Motion:
    """A still face with some curves."""
    values = np.zeros((FRAMES, len(CHANNELS)), np.float32)
    for name, value in {"jawOpen": 0.15, **curves}.items():
        values[:, CHANNELS.index(name)] = value
    return Motion(values, CHANNELS, 50.0)


def said(phoneme: str, posterior: float = 0.9) -> Phonemes:
    values = np.full((FRAMES, len(PHONES)), (1 - posterior) / (len(PHONES) - 1), np.float32)
    values[:, PHONES.index(phoneme)] = posterior
    return Phonemes(values, 50.0)


def moved(phoneme: str, name: str, **curves: float) -> float:
    return float(articulated(face(**curves), said(phoneme)).channel(name).max())


def test_the_tongue_is_out_for_th_and_its_tip_seen_for_l():
    out = {phoneme: moved(phoneme, "tongueOut") for phoneme in PHONES}
    assert {phoneme for phoneme, far in out.items() if far > 0.01} == set(OUT)
    assert out["TH"] > out["DH"] > 2 * out["N"] and out["L"] > out["T"] > out["S"]


def test_lips_are_apart_where_the_tongue_is_between_the_teeth():
    assert moved("TH", "mouthLowerDownLeft") == moved("TH", "mouthLowerDownRight") > 0.15
    assert moved("TH", "mouthLowerDownLeft", mouthLowerDownLeft=0.5) == 0.5
    assert moved("N", "mouthLowerDownLeft") == 0


@pytest.mark.parametrize("phoneme", ["TH", "L", "T"])
def test_lips_that_meet_are_left_alone(phoneme):
    """Even where the ears are in doubt between two phonemes."""
    before = face(viseme_PP=UNLIKELY, mouthRollLower=0.2)
    after = articulated(before, said(phoneme))
    names = (*MOUTH, "tongueOut")
    assert np.array_equal(after.select(names).values, before.select(names).values)


def test_a_shut_jaw_keeps_the_tongue_in():
    assert moved("TH", "tongueOut", jawOpen=0.0) == 0


def test_cheeks_are_blown_up_by_p_and_b_but_not_by_m():
    assert moved("P", "cheekPuff") > moved("B", "cheekPuff") > 0.02
    assert moved("M", "cheekPuff") == 0


def test_a_smile_lifts_its_cheek_and_a_raised_lip_its_side_of_the_nose():
    assert moved("IY", "cheekSquintLeft", mouthSmileLeft=0.5) == pytest.approx(0.15)
    assert moved("IY", "cheekSquintRight", mouthSmileLeft=0.5) == 0
    assert moved("IY", "noseSneerRight", mouthUpperUpRight=0.4) == pytest.approx(0.06)


def test_what_an_artist_or_model_gave_is_never_less():
    curves = {"tongueOut": 0.9, "cheekPuff": 0.8, "cheekSquintLeft": 0.7, "noseSneerLeft": 0.6}
    for name, value in curves.items():
        assert moved("P", name, **curves) == pytest.approx(value)


def test_a_lead_moves_the_tongue_as_early_as_the_mouth():
    values = np.zeros((FRAMES, len(PHONES)), np.float32)
    values[:, PHONES.index("AA")] = 1
    values[10:, PHONES.index("AA")], values[10:, PHONES.index("TH")] = 0, 1
    tongue = articulated(face(), Phonemes(values, 50.0), lead=0.06).channel("tongueOut")
    assert tongue[6] == 0 and tongue[7] > 0.3
