# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips close on p, b and m where these are what is said, not where they are one guess among others, and glide."""

import numpy as np
import pytest

from facewright.inference import Audio, load_audio, load_predictor
from facewright.inference.core.channels import PHONES, VISEMES
from facewright.inference.lips.closing import closing
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.lips.decision import LOOK_AHEAD, decide_bilabials
from facewright.inference.pipeline.animate import animate
from facewright.inference.policy.visemes import posteriors, visemes
from facewright.models.training.corpora import speechocean

PP = VISEMES.index("viseme_PP")


def said(*shares: dict[str, float], frames: int = 12) -> np.ndarray:
    """Posteriors [shape=(F, 40)]: each of these for so many frames, and what is left shared out."""
    rows = []
    for share in shares:
        row = np.full(len(PHONES), (1 - sum(share.values())) / (len(PHONES) - len(share)))
        row[[PHONES.index(phone) for phone in share]] = list(share.values())
        rows += [row] * frames
    return np.array(rows)


def closed(shares: np.ndarray) -> np.ndarray:
    return closing(visemes(np.log(shares))[:, PP])


@pytest.mark.parametrize("share", [{"P": 0.2, "B": 0.15, "T": 0.2}, {"M": 0.3, "SIL": 0.2}, {"B": 0.9}])
def test_lips_meet_where_p_b_and_m_together_are_likelier_than_any_other_phone(share):
    assert (closed(said(share)) > 0.99).all()


@pytest.mark.parametrize("share", [{"M": 0.25, "N": 0.7}, {"P": 0.25, "SIL": 0.7}, {"B": 0.02, "AA": 0.9}])
def test_they_stay_apart_where_another_phone_or_silence_is_likelier(share):
    assert (closed(said(share)) < 0.01).all()


def test_what_is_shown_stays_shares_of_a_whole():
    logits = np.random.default_rng(0).normal(0, 4, (400, len(PHONES)))
    shares = posteriors(logits)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)


def test_shortest_burst_closes_lips_softly():
    vowel = {"AA": 0.9}
    shut = closed(np.concatenate([said(vowel), said({"P": 0.95}, frames=2), said(vowel)]))
    assert shut.max() > 0.99 and (shut[:9] == 0).all() and (shut[-9:] == 0).all()
    assert np.abs(np.diff(shut)).max() < 0.7 and ((shut > 0.05) & (shut < 0.95)).sum() >= 3


def test_a_frame_depends_on_no_more_than_it_says():
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.full(len(PHONES), 0.1), 2000)
    whole = decide_bilabials(shares, shares)
    for begin in range(0, 2000 - 12, 7):
        part = decide_bilabials(shares[begin : begin + 12], shares[begin : begin + 12])
        inner = slice(LOOK_AHEAD, 12 - LOOK_AHEAD)
        np.testing.assert_allclose(part[inner], whole[begin : begin + 12][inner], atol=1e-6)


def test_real_speech_closes_lips_and_silence_does_not(speech):
    predictor = load_predictor(device="cpu")
    motion = animate(load_audio(speech, duration=8.0), fps=50.0, predictor=predictor)
    found = lip_contacts(motion)
    assert len(found.moments) >= 3 and (found.ends - found.begins).min() >= 0.02
    shut = closing(motion.channel("viseme_PP"))
    assert shut.max() > 0.99 and (shut[motion.channel("viseme_sil") > 0.7] < 1e-6).all()
    rng = np.random.default_rng(0)
    for sound in (np.zeros(48000), 10 ** (-30 / 20) * rng.standard_normal(48000)):
        quiet = predictor.predict(Audio(sound.astype(np.float32)))
        assert closing(quiet.channel("viseme_PP")).max() < 1e-6


def test_voices_for_choosing_are_some_of_those_that_no_training_hears(shared):
    heard_in_training, others = speechocean.split(shared / "speechocean762")
    chosen_on = speechocean.choosing(shared / "speechocean762")
    assert chosen_on < others and not chosen_on & heard_in_training and 0 < len(chosen_on) < len(others)
