# SPDX-License-Identifier: GPL-3.0-or-later
"""Augmented clips keep their timing: a codec does not shift them, a tempo keeps the pitch and moves all times alike."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training code needs the train extra (scipy)")

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.audio import RATE
from facewright.models.training.data import augment


@pytest.fixture(scope="module")
def clip(speech):
    return load_audio(speech, duration=4.0).samples


def lag(one, other):
    """Samples by which `other` comes later."""
    size = 2 * max(len(one), len(other))
    both = np.fft.irfft(np.fft.rfft(other, size) * np.conj(np.fft.rfft(one, size)))
    return (int(both.argmax()) + size // 2) % size - size // 2


@pytest.mark.parametrize("codec", [*augment.CODECS, "mulaw"])
def test_a_codec_changes_the_sound_but_not_its_time(clip, codec):
    decoded = augment.coded(clip, codec, np.random.default_rng(0))
    assert len(decoded) == len(clip)
    assert abs(lag(clip, decoded)) <= 2
    likeness = np.corrcoef(clip, decoded)[0, 1]
    assert 0.8 < likeness < 0.99999


@pytest.mark.parametrize("tempo", [0.75, 1.3])
def test_tempo_moves_a_tone_in_time_but_not_in_pitch(tempo):
    t = np.arange(3 * RATE) / RATE
    tone = np.sin(2 * np.pi * 200.0 * t) * (t > 1.0) * (t < 2.0)
    out = augment.at_tempo(tone, tempo)
    assert len(out) == int(len(tone) / tempo)
    loud = np.flatnonzero(np.abs(out) > 0.3) / RATE
    assert loud[0] * tempo == pytest.approx(1.0, abs=0.015)
    assert loud[-1] * tempo == pytest.approx(2.0, abs=0.015)
    middle = out[int(1.2 / tempo * RATE) : int(1.8 / tempo * RATE)]
    spectrum = np.abs(np.fft.rfft(middle, 16 * RATE))
    assert spectrum.argmax() / 16 == pytest.approx(200.0, abs=3.0)


def test_tempo_one_changes_nothing(clip):
    np.testing.assert_allclose(augment.at_tempo(clip, 1.0), clip, atol=1e-6)


def test_varied_tells_how_much_faster_the_clip_has_become(clip):
    for seed in range(12):
        made, rate = augment.varied(clip, np.random.default_rng(seed))
        assert made.dtype == np.float32 and np.isfinite(made).all()
        assert len(made) * rate == pytest.approx(len(clip), rel=1e-3)
