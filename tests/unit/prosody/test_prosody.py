# SPDX-License-Identifier: GPL-3.0-or-later
"""Pitch, loudness, and the beats that head and brows make of them."""

import numpy as np
import pytest

from facewright.inference import load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.pipeline import stages
from facewright.inference.policy.predictor import load_predictor
from facewright.inference.prosody import beats, size
from facewright.inference.prosody.pitch import pitch
from facewright.inference.prosody.prosody import prosody


def buzz(hertz, loud=0.1) -> np.ndarray:
    """A voice-like sound of 12 harmonics; pitch and loudness for every sample, or one for all."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    return (loud * sum(np.sin(k * phase) / k for k in range(1, 13))).astype(np.float32)


@pytest.mark.parametrize("hertz", [90, 120, 180, 240, 330])
def test_pitch_of_a_steady_voice(hertz):
    found = pitch(buzz(np.full(2 * RATE, hertz)))[5:-5]
    assert found == pytest.approx(hertz, rel=0.02)


def test_pitch_follows_a_glide_and_ends_with_the_voice():
    glide = np.linspace(110, 220, 2 * RATE)
    noise = 0.001 * np.random.default_rng(0).standard_normal(RATE)
    found = pitch(np.concatenate([buzz(glide), noise]).astype(np.float32))
    assert len(found) == 150
    np.testing.assert_allclose(found[5:95], glide[:: RATE // 50][5:95], rtol=0.04)
    assert not found[105:].any()


def test_pitch_of_people(speech, spoken):
    for path, low, high in ((speech, 80, 260), (spoken, 80, 260)):
        found = pitch(load_audio(path, duration=10.0).samples)
        voiced = found[found > 0]
        assert 0.25 < len(voiced) / len(found) < 0.9
        assert low < np.median(voiced) < high
        jumps = np.abs(12 * np.diff(np.log2(found[found > 0])))
        assert np.mean(jumps > 9) < 0.03, "an octave now and then at most"


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(1), 1e-4 * np.ones(5000)])
def test_no_voice_has_no_pitch_and_makes_no_beat(samples):
    said = prosody(samples.astype(np.float32), 50)
    assert not said.voiced.any() and not said.height.any()
    assert len(said.height) == len(said.loudness) == max(1, -(-len(samples) // 320))
    assert np.abs(beats.beats(said, 50)).max() < 1e-6


def test_how_loud_a_recording_is_does_not_matter():
    rng = np.random.default_rng(0)
    sound = buzz(120 * 2 ** (0.3 * np.sin(np.arange(3 * RATE) / 4000))) * np.repeat(rng.uniform(0.2, 1, 30), RATE // 10)
    quiet, loud = (beats.beats(prosody((gain * sound).astype(np.float32), 50), 50) for gain in (0.05, 1.0))
    np.testing.assert_allclose(quiet, loud, atol=2e-3)


def test_a_stressed_syllable_raises_the_brows_before_it_and_nods():
    time = np.arange(6 * RATE) / RATE
    bump = np.exp(-0.5 * ((time - 3.0) / 0.12) ** 2)
    said = prosody(buzz(120 * 2 ** (6 / 12 * bump), 0.05 * (1 + 2 * bump)), 50)
    found = beats.beats(said, 50)
    assert np.degrees(found[:, 0].max()) > 2 and abs(found[:, 0].argmax() / 50 - 3.0) < 0.1
    assert found[:, 1].max() > 0.2 and 2.75 < found[:, 1].argmax() / 50 < 3.0
    assert np.abs(found[:100]).max() < 0.05 and np.abs(found[-100:-10]).max() < 0.05


def test_a_monotone_voice_moves_nothing():
    assert np.abs(beats.beats(prosody(buzz(np.full(4 * RATE, 120)), 50), 50)[50:150]).max() < 0.02


def test_pinned_frames_are_as_they_were_given(spoken):
    model, sound = load_predictor(device="cpu"), load_audio(spoken, duration=3.0)
    pin = Motion(np.full((26, 2), 0.2, np.float32), ("headPitch", "browInnerUp"), 50.0, 1.0)
    plain, _ = stages.plain_take(model, sound, pins=pin)
    inside = (plain.times >= 1.0) & (plain.times <= 1.5)
    np.testing.assert_array_equal(plain.select(pin.channels).values[inside], np.float32(0.2))
    free, _ = stages.plain_take(model, sound)
    drawn = model.predict(sound)
    moved = [name for name in CHANNELS if np.abs(free.channel(name) - drawn.channel(name)).max() > 1e-3]
    assert set(beats.CHANNELS) <= set(moved) <= {*beats.CHANNELS, *size.CHANNELS}
