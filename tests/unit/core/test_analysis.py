# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and loudness as the worker sends them before the motion, and as they come back from text."""

import numpy as np
from support.workers import started

from facewright.inference import load_audio, load_predictor
from facewright.inference.audio.loudness import loudness_curve
from facewright.inference.core.analysis import LOUDNESS, heard, phones_of, voice_of
from facewright.inference.core.channels import PHONES
from facewright.inference.takes.packing import packed, unpacked
from facewright.inference.worker.protocol import read_message, write_message


def test_the_worker_tells_what_it_heard_before_the_motion(speech):
    with started() as worker:
        request = {"id": 1, "do": "animate", "path": str(speech), "duration": 2.0, "fps": 50.0, "heard": True}
        write_message(worker.stdin, request)
        events = {}
        while "motion" not in events:
            header, payload = read_message(worker.stdout)
            assert header["event"] != "error", header
            events[header["event"]] = header, payload
    header, payload = events["heard"]
    values = np.frombuffer(payload, np.float32).reshape(header["shape"])
    audio = load_audio(speech, duration=2.0)
    _, phones = load_predictor(device="cpu").hear(audio)
    expected = heard(phones, audio.samples)
    assert tuple(header["channels"]) == expected.channels == (*PHONES, LOUDNESS)
    np.testing.assert_allclose(values, expected.values, atol=2e-3)
    assert len(values) == events["motion"][0]["shape"][0]


def test_it_is_kept_as_text(speech):
    audio = load_audio(speech, duration=2.0)
    _, phones = load_predictor(device="cpu").hear(audio)
    kept = unpacked(packed(heard(phones, audio.samples)))
    np.testing.assert_allclose(phones_of(kept).shares, phones.shares, atol=2e-3)
    times = np.arange(phones.frames) / phones.fps
    np.testing.assert_allclose(voice_of(kept, times), loudness_curve(audio.samples).clip(-60), atol=1e-3)


def test_loudness_is_about_its_mean_and_falls_in_pauses(speech_wav):
    audio = load_audio(speech_wav)  # one second of silence, then a sentence
    curve = loudness_curve(audio.samples)
    assert curve[:40].max() < -30
    loud = curve[curve > -15]
    assert abs(10 * np.log10((10 ** (loud / 10)).mean())) < 2
    half = loudness_curve(0.5 * audio.samples)
    np.testing.assert_allclose(half[curve > -30], curve[curve > -30], atol=0.1)
