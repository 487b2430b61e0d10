# SPDX-License-Identifier: GPL-3.0-or-later
"""Vocal effort: what raises it, what does not matter to it, and how far it moves mouth and brows."""

import numpy as np
import pytest

from facewright.inference import load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.prosody import size
from facewright.inference.prosody.prosody import prosody


def voice(hertz: float, swing: float, slope: float, seconds: float = 6.0) -> np.ndarray:
    """Syllables of harmonics that swing by some semitones in pitch and fall off by `slope` dB an octave."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = hertz * 2 ** (swing / 12 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    harmonics = sum(10 ** (-slope * np.log2(k) / 20) * np.sin(k * phase) for k in range(1, 25))
    return (0.02 * harmonics * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))).astype(np.float32)


def level(samples: np.ndarray) -> float:
    return float(np.median(prosody(samples, 50).effort))


def test_a_raised_voice_works_harder_than_a_flat_one():
    flat = level(voice(110, 1, 12))
    assert level(voice(165, 6, 12)) > flat + 0.5, "higher and livelier"
    assert level(voice(110, 1, 3)) > flat + 0.5, "harder"


def test_how_loud_it_was_recorded_does_not_matter():
    sound = voice(120, 3, 9)
    quiet, loud = (prosody((gain * sound).astype(np.float32), 50).effort for gain in (0.1, 3.0))
    np.testing.assert_allclose(quiet, loud, atol=0.02)


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(1), 1e-4 * np.ones(5000)])
def test_no_voice_has_no_effort(samples):
    assert not prosody(samples.astype(np.float32), 50).effort.any()


def test_of_real_readers_it_stays_near_that_of_readers(speech, spoken):
    for path in (speech, spoken):
        found = prosody(load_audio(path).samples, 50).effort
        assert np.abs(found).max() <= 2 and abs(np.median(found)) < 1.3
        assert np.abs(np.diff(found)).max() < 0.1, "it is a matter of phrases"


def test_it_opens_the_mouth_lifts_the_brows_and_can_be_taken_back():
    frames = 100
    motion = Motion(np.full((frames, len(CHANNELS)), 0.2, np.float32), CHANNELS, 50.0)
    effort = np.linspace(-2, 2, frames).astype(np.float32)
    moved = size.with_effort(motion, effort, 0.5)
    jaw, brows = moved.channel("jawOpen"), moved.channel("browInnerUp")
    assert (np.diff(jaw) > 0).all() and jaw[-1] > 1.5 * 0.2 > 0.2 > jaw[0]
    assert (brows[: frames // 2] == np.float32(0.2)).all() and brows[-1] > 0.2
    others = [name for name in CHANNELS if name not in size.CHANNELS]
    np.testing.assert_array_equal(moved.select(others).values, motion.select(others).values)
    back = size.with_effort(moved, effort, -0.5)
    np.testing.assert_allclose(back.values, motion.values, atol=1e-6)
