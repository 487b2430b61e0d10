# SPDX-License-Identifier: GPL-3.0-or-later
"""Streaming gives the frames that the whole file gives, as early as the model's look-ahead allows."""

import tracemalloc

import numpy as np
import pytest

from facewright.inference import Audio, Live, Style, load_audio, load_predictor
from facewright.inference.audio.loudness import RunningGain, gain_to_speech_level
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import AudioError, FacewrightError
from facewright.inference.layers import pauses
from facewright.inference.pipeline import stages


@pytest.fixture(scope="module")
def voice(spoken) -> Audio:
    return load_audio(spoken)


def pieces(samples: np.ndarray, size: int | None):
    rng = np.random.default_rng(1)
    begin = 0
    while begin < len(samples):
        count = size or int(rng.integers(0, 5000))
        yield samples[begin : begin + count]
        begin += count


def stream(live: Live, samples: np.ndarray, size: int | None) -> np.ndarray:
    """All frames, after it was checked that each comes once and with its own time."""
    parts = [part for piece in pieces(samples, size) if (part := live.push(piece)) is not None]
    parts += [part for part in [live.finish()] if part is not None]
    times = np.concatenate([part.times for part in parts])
    np.testing.assert_allclose(times, np.arange(len(times)) / 50, atol=1e-9)
    return np.concatenate([part.values for part in parts])


def offline(model, voice: Audio, *, style: Style | None = None, seed: int = 0, steps: int | None = None) -> np.ndarray:
    """The whole file by the same model. Beats are left out: they are told by what comes after them, too."""
    encoding = stages.encode(model, voice, style)
    plain = model.sample(encoding, seed, steps=steps)
    return stages.finished(plain, encoding.phonemes, style=style, seed=seed, fps=50.0).values


@pytest.mark.parametrize("size", [160, 512, 1600, None, 10**9], ids=str)
def test_streamed_frames_are_those_of_the_whole_file(tiny, voice, size):
    live = Live(tiny, seed=3, gain=gain_to_speech_level(voice.samples))
    streamed, whole = stream(live, voice.samples, size), offline(tiny, voice, seed=3)
    assert streamed.shape == whole.shape
    assert np.abs(streamed - whole).max() < 1e-3


@pytest.mark.parametrize("size", [320, None, 10**9], ids=str)
def test_lips_wait_through_a_pause_as_in_the_file(voice, size):
    """With the shipped model: silence, hiss and speech in turn; from the first word on all channels are the file's."""
    model = load_predictor("live", "cpu")
    hiss = 1e-3 * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    sound = Audio(np.concatenate([0 * hiss, voice.samples, hiss, voice.samples, 0 * hiss]))
    streamed = stream(Live(model, gain=gain_to_speech_level(sound.samples)), sound.samples, size)
    whole = offline(model, sound)
    others = [k for k, name in enumerate(CHANNELS) if name not in pauses.MOUTH]
    assert np.abs(streamed - whole)[:, others].max() < 1e-3
    assert np.abs(streamed - whole)[100:].max() < 1e-3  # before that lips part for breath, in the file
    middle, mouth = len(streamed) // 2, [CHANNELS.index(name) for name in pauses.MOUTH]
    for part in (streamed[:75], streamed[middle - 25 : middle + 25], streamed[-50:]):
        assert not np.diff(part[:, mouth], axis=0).any()


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_blinks_and_gaze_are_those_of_the_file(tiny, voice, seed):
    """Also of a blink that has begun when the sound ends."""
    names = ("eyeBlinkLeft", "leftEyeYaw", "eyeLookInRight")
    columns = [CHANNELS.index(name) for name in names]
    for seconds in (voice.seconds, *np.arange(2.0, 3.2, 0.1)):
        part = Audio(voice.samples[: int(seconds * RATE)])
        gain = gain_to_speech_level(part.samples)
        whole = offline(tiny, part, seed=seed)[:, columns]
        streamed = stream(Live(tiny, seed=seed, gain=gain), part.samples, 1600)[:, columns]
        assert np.abs(streamed - whole).max() < 1e-3
        if seconds == voice.seconds:
            assert (np.ptp(whole, axis=0) > 0.02).all()


def test_style_and_steps_are_passed_on(tiny, voice):
    options = {"style": Style("strong", 2 * np.ones(40)), "steps": 2, "seed": 1}
    streamed = stream(Live(tiny, gain=gain_to_speech_level(voice.samples), **options), voice.samples, 800)
    assert np.abs(streamed - offline(tiny, voice, **options)).max() < 1e-3
    assert np.abs(streamed - offline(tiny, voice, seed=1)).max() > 0.01


@pytest.mark.parametrize("count", [1, 39, 320, 321, 700, 3000])
def test_the_shortest_sounds_come_out_at_the_end(tiny, voice, count):
    part = Audio(voice.samples[8000 : 8000 + count])
    live = Live(tiny, gain=gain_to_speech_level(part.samples))
    streamed = stream(live, part.samples, 160)
    assert np.abs(streamed - offline(tiny, part)).max() < 1e-3


def test_frames_come_as_early_as_it_says(tiny, voice):
    live = Live(tiny, gain=1.0)
    heard, given, delays = 0, 0, []
    for piece in pieces(voice.samples, 1):
        heard += 1
        if (motion := live.push(piece)) is not None:
            given += motion.frames
            delays.append(heard / RATE - motion.start)
    assert max(delays) == pytest.approx(live.latency, abs=1e-9)
    assert given >= heard // 320 - live.latency * 50 - 4


def test_memory_does_not_grow_with_the_stream(tiny, voice):
    live = Live(tiny)
    sizes = []
    tracemalloc.start()
    try:
        for piece in pieces(np.tile(voice.samples, 4), 1600):
            live.push(piece)
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    middle = len(sizes) // 2
    assert max(sizes[middle:]) - max(sizes[:middle]) < 60_000


def test_nothing_heard_nothing_given(tiny):
    live = Live(tiny)
    assert live.push(np.zeros(0, np.float32)) is None
    assert live.finish() is None


def test_what_cannot_be_pushed_is_refused_and_the_take_goes_on(tiny, voice):
    live = Live(tiny, seed=3, gain=gain_to_speech_level(voice.samples))
    for wrong, said in [(np.zeros((160, 2)), r"one channel.*\(160, 2\)"), (np.full(160, np.nan), "NaN")]:
        with pytest.raises(AudioError, match=said):
            live.push(wrong)
    assert np.abs(stream(live, voice.samples, 1600) - offline(tiny, voice, seed=3)).max() < 1e-3
    for late in (lambda: live.push(voice.samples), live.finish):
        with pytest.raises(AudioError, match="finished"):
            late()


@pytest.mark.parametrize("gain", [0.0, -1.0, np.nan, np.inf])
def test_a_gain_is_above_zero(tiny, gain):
    with pytest.raises(AudioError, match="gain above 0"):
        Live(tiny, gain=gain)


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"steps": 3}])
def test_seed_and_steps_are_checked_at_the_start(tiny, wrong):
    with pytest.raises(FacewrightError, match="Expected"):
        Live(tiny, **wrong)


class TestRunningGain:
    def after(self, samples: np.ndarray) -> float:
        gain = RunningGain()
        return [gain.update(piece) for piece in pieces(samples, 320)][-1]

    def test_it_begins_at_one(self):
        assert RunningGain().update(np.zeros(160, np.float32)) == 1.0

    @pytest.mark.parametrize("factor", [0.1, 1.0, 3.0])
    def test_it_comes_to_what_the_whole_sound_needs(self, voice, factor):
        loud = np.tile(voice.samples, 8) * np.float32(factor)
        assert abs(20 * np.log10(self.after(loud) / gain_to_speech_level(loud))) < 3.0

    def test_noise_before_speech_is_forgotten_at_the_first_word(self, voice):
        hiss = 1e-3 * np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
        assert self.after(np.concatenate([hiss, voice.samples[: 2 * RATE]])) < 2.0

    def test_how_it_is_cut_does_not_matter_much(self, voice):
        gains = []
        for size in (160, 512, None):
            gain = RunningGain()
            gains.append([gain.update(piece) for piece in pieces(voice.samples, size)][-1])
        assert np.ptp(gains) < 0.1 * np.mean(gains)

    def test_a_stream_without_gain_ends_near_the_whole_file(self, tiny, voice):
        loud = Audio(np.tile(voice.samples, 3) * np.float32(0.2))
        whole, streamed = offline(tiny, loud), stream(Live(tiny), loud.samples, 1600)
        late = slice(len(whole) // 2, None)
        assert np.abs(streamed - whole)[late].mean() < 0.5 * np.abs(streamed - whole)[:100].mean() + 0.02
