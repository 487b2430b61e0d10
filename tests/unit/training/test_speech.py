# SPDX-License-Identifier: GPL-3.0-or-later
"""Lower lip to upper teeth, and vowels that open with loudness, on faces and voices whose figures are known."""

import numpy as np
import pytest

from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import LIVE_LINK
from facewright.models.training.evaluation.measures.mouth import lip_to_teeth, loudness
from facewright.models.training.heads.ict import IctHead


@pytest.fixture(scope="module")
def head(shared) -> IctHead:
    return IctHead.load(shared / "head_ict_facekit.npz")


def weights(**values):
    return np.array([[values.get(name, 0.0) for name in LIVE_LINK]], np.float32)


def test_teeth_and_lip_are_where_they_belong(head):
    teeth, lip = head.neutral[lip_to_teeth.edge_of_upper_teeth(head)], head.neutral[lip_to_teeth.lower_lip(head)]
    assert len(teeth) >= 8 and len(lip) >= 50
    assert np.ptp(teeth[:, 1]) <= lip_to_teeth.EDGE and abs(teeth[:, 0].mean()) < 0.01
    assert lip[:, 1].max() <= -3.3 and lip[:, 2].mean() > teeth[:, 2].mean()  # below the slit, in front of the teeth


def test_an_open_jaw_takes_the_lip_from_the_teeth_and_the_lip_can_come_back(head):
    rest, opened, raised = (
        lip_to_teeth.lip_to_teeth(head, weights(**values))[0]
        for values in ({}, {"jawOpen": 0.2}, {"jawOpen": 0.2, "mouthClose": 0.1, "mouthShrugLower": 0.5})
    )
    assert rest < 0.02 and opened > rest + 0.02
    assert rest < raised < opened - 0.005


def voice(slope, noise=0.0, seed=0):
    """Clips of three speakers whose vowels open by so much for 10 dB, and by their kind."""
    rng, found = np.random.default_rng(seed), []
    for speaker in ("a", "b", "c"):
        for _ in range(8):
            levels, kinds = rng.uniform(-12, 6, 5), rng.choice(["AA", "IY", "UW"], 5)
            times = np.arange(75) / 50
            samples, opening = np.zeros(int(1.5 * RATE), np.float32), np.zeros(75)
            phones = []
            for k, (level, kind) in enumerate(zip(levels, kinds, strict=True)):
                begin, end = 0.3 * k, 0.3 * (k + 1)
                wave = np.sin(np.arange(int(0.3 * RATE)) * 0.3) * 10 ** (level / 20) * 0.1
                samples[int(begin * RATE) : int(begin * RATE) + len(wave)] = wave
                wide = 0.1 + {"AA": 0.1, "IY": 0.0, "UW": -0.03}[kind] + slope * level / 10 + noise * rng.normal()
                opening[(times >= begin) & (times < end)] = wide
                phones.append((kind, begin, end))
            found += loudness.vowels(speaker, phones, samples, times, opening)
    return found


def test_a_mouth_that_opens_with_loudness_is_told_by_how_much():
    r, own, slope, count = loudness.with_loudness(voice(slope=0.02, noise=0.002))
    assert count == 120
    assert own > 0.8 and slope == pytest.approx(0.02, rel=0.25)
    assert own > r  # vowels differ, and so does their opening
    assert abs(loudness.with_loudness(voice(slope=0.0, noise=0.02))[1]) < 0.35


def test_who_said_too_little_does_not_count():
    assert loudness.with_loudness(voice(slope=0.02)[: loudness.FEWEST - 1]) == (None, None, None, loudness.FEWEST - 1)
