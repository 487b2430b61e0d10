# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-mel frames: right in level, frequency and time, the same in parts as in whole."""

import subprocess
import sys

import numpy as np
import pytest

from facewright.inference.audio.mel import BANDS, FLOOR, HOP, WINDOW, log_mel, motion_frames
from facewright.inference.core.audio import RATE


def tone(hertz: float, seconds: float = 0.5, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (320, 1), (321, 2), (16_000, 50), (16_001, 51)])
def test_fifty_motion_frames_a_second_cover_the_sound(samples, frames):
    assert motion_frames(samples) == frames
    assert log_mel(np.zeros(samples, np.float32)).shape == (2 * frames, BANDS)


def test_silence_is_the_floor():
    assert np.allclose(log_mel(np.zeros(RATE, np.float32)), np.log(FLOOR))


@pytest.mark.parametrize("hertz", [200.0, 1000.0, 3000.0, 6000.0])
def test_a_tone_stands_in_its_band_with_its_level(hertz):
    mel = log_mel(tone(hertz))[10:40]
    bands = [log_mel(tone(h))[20].argmax() for h in (hertz * 0.8, hertz, hertz * 1.2)]
    assert bands[0] < bands[1] < bands[2]
    # A sine of amplitude 0.5 has power 1/16; a band passes between half and a little more than all of it.
    assert np.log(0.5 / 16) < mel.max(axis=1).min() <= mel.max() < np.log(2 / 16)


def test_twice_the_amplitude_is_four_times_the_power():
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.standard_normal(RATE).astype(np.float32)
    assert np.allclose(log_mel(2 * noise)[5:-5] - log_mel(noise)[5:-5], np.log(4), atol=0.02)


def test_a_click_is_heard_only_where_it_is():
    samples = np.zeros(RATE, np.float32)
    samples[50 * HOP] = 1.0
    heard = np.flatnonzero(log_mel(samples).max(axis=1) > np.log(FLOOR) + 1e-3)
    assert heard.min() >= 50 - WINDOW // 2 // HOP
    assert heard.max() <= 50 + WINDOW // 2 // HOP
    assert log_mel(samples).max(axis=1).argmax() == 50


def test_any_part_equals_the_whole():
    samples = 0.1 * np.random.default_rng(1).standard_normal(60 * RATE).astype(np.float32)
    whole = log_mel(samples)
    for first, count in ((0, 10), (37, 100), (2040, 30), (5990, 10)):
        assert np.allclose(log_mel(samples, first, count), whole[first : first + count], atol=1e-5)


def test_nothing_heavy_is_imported():
    code = "import sys, facewright.inference.audio.mel; print({'torch', 'onnxruntime', 'scipy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
