# SPDX-License-Identifier: GPL-3.0-or-later
"""Phonemes and loudness as the worker sends them before the motion, and as they come back from text."""

import numpy as np
import pytest
from support.workers import ask, started

from facewright.inference import load_audio, load_predictor
from facewright.inference.audio.loudness import loudness_curve
from facewright.inference.core.analysis import CURVES, SpeechAnalysis
from facewright.inference.core.clip import Clip
from facewright.inference.core.errors import MotionError
from facewright.inference.pipeline.stages import analyse
from facewright.inference.takes.packing import pack, unpack
from facewright.inference.worker.protocol import Analysed, Generate, TakeMade


@pytest.fixture(scope="module")
def audio(speech):
    return load_audio(speech, duration=2.0)


@pytest.fixture(scope="module")
def encoding(audio):
    return load_predictor(device="cpu").encode(audio)


@pytest.fixture(scope="module")
def phonemes(audio):
    return load_predictor(device="cpu").phonemes(audio)


def test_the_worker_tells_what_it_heard_before_the_take(speech, audio, encoding):
    with started() as worker:
        replies = ask(worker, Generate(clip=Clip(str(speech), duration=2.0), fps=50.0))
    kinds = [type(reply) for reply, _ in replies]
    assert kinds.index(Analysed) < kinds.index(TakeMade)
    (curves,), (take,) = (replies[kinds.index(kind)][1] for kind in (Analysed, TakeMade))
    assert curves.channels == CURVES and curves.frames == take.frames
    np.testing.assert_allclose(curves.values, analyse(encoding, audio).curves().values, atol=2e-3)


def test_it_is_kept_as_text_and_comes_back_the_same(audio, encoding, phonemes):
    analysis = analyse(encoding, audio)
    kept = SpeechAnalysis.from_curves(unpack(pack(analysis.curves())))
    np.testing.assert_array_equal(kept.phonemes.posteriors, analysis.phonemes.posteriors)
    np.testing.assert_array_equal(kept.loudness, analysis.loudness)
    np.testing.assert_array_equal(kept.effort, analysis.effort)
    np.testing.assert_allclose(kept.phonemes.posteriors, phonemes.posteriors, atol=2e-3)
    times = np.arange(phonemes.frames) / phonemes.fps
    voice = kept.voice_at(times)
    np.testing.assert_allclose(voice.loudness, loudness_curve(audio.samples).clip(-60), atol=1e-3)
    np.testing.assert_allclose(voice.effort, encoding.prosody.effort, atol=1e-3)


def test_one_that_was_kept_before_there_was_effort_is_still_read(audio, encoding):
    curves = analyse(encoding, audio).curves()
    kept = SpeechAnalysis.from_curves(curves.select(CURVES[:-1]))
    assert not kept.effort.any() and kept.loudness.any()


def test_loudness_of_another_length_is_refused(phonemes):
    with pytest.raises(MotionError, match="Expected loudness for each of"):
        SpeechAnalysis(phonemes, np.zeros(3), np.zeros(3))
    with pytest.raises(MotionError, match="Expected effort for each of"):
        SpeechAnalysis(phonemes, np.zeros(phonemes.frames), np.zeros(3))


def test_several_takes_have_the_phonemes_of_the_encoder_alone(audio, phonemes):
    np.testing.assert_array_equal(load_predictor(device="cpu").encode(audio).phonemes.posteriors, phonemes.posteriors)


def test_loudness_is_about_its_mean_and_falls_in_pauses(speech_wav):
    audio = load_audio(speech_wav)  # one second of silence, then a sentence
    curve = loudness_curve(audio.samples)
    assert curve[:40].max() < -30
    loud = curve[curve > -15]
    assert abs(10 * np.log10((10 ** (loud / 10)).mean())) < 2
    half = loudness_curve(0.5 * audio.samples)
    np.testing.assert_allclose(half[curve > -30], curve[curve > -30], atol=0.1)
