# SPDX-License-Identifier: GPL-3.0-or-later
"""The released policy with real speech: what seeds, steps, styles, pins and streaming do to a face."""

import re
import shutil

import numpy as np
import pytest
from support.paths import ROOT

from facewright.inference import Audio, Live, Motion, Style, blend, load_audio, load_predictor, neutral
from facewright.inference.articulation import articulated
from facewright.inference.audio.loudness import gain_to_speech_level
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import ARKIT, EYES, HEAD, LIVE_LINK
from facewright.inference.core.errors import StyleError
from facewright.inference.layers import POINTWISE, STREAMED, apply_layers
from facewright.inference.lips.constraint import constrain
from facewright.inference.lips.contacts import lip_contacts

DOCS = ROOT / "docs"
LIPS = tuple(name for name in ARKIT if name.startswith(("mouth", "jaw")))
FREE = (*HEAD, *EYES, *(name for name in ARKIT if name.startswith(("brow", "eyeBlink", "eyeLook"))))


@pytest.fixture(scope="module")
def model():
    return load_predictor("policy", "cpu")


@pytest.fixture(scope="module")
def live_model():
    return load_predictor("live", "cpu")


@pytest.fixture(scope="module")
def voice(speech) -> Audio:
    return load_audio(speech, duration=12.0)


@pytest.fixture(scope="module")
def take(model, voice) -> Motion:
    return model.predict(voice, seed=0)


def correlation(a: Motion, b: Motion, name: str, shift: int = 0) -> float:
    end = a.frames - abs(shift)
    x, y = a.channel(name)[max(shift, 0) :][:end], b.channel(name)[max(-shift, 0) :][:end]
    return float(np.corrcoef(x, y)[0, 1])


def test_other_seeds_differ_visibly_but_not_in_lip_timing(model, voice, take):
    for seed in (1, 2, 3):
        other = model.predict(voice, seed=seed)
        moved = np.abs(other.select(FREE).values - take.select(FREE).values).max(axis=0)
        assert moved.max() > 0.05
        by_shift = {shift: correlation(take, other, "jawOpen", shift) for shift in range(-5, 6)}
        assert max(by_shift, key=by_shift.__getitem__) == 0 and by_shift[0] > 0.95


def test_the_same_seed_is_the_same_take(model, voice, take):
    np.testing.assert_array_equal(model.predict(voice, seed=0).values, take.values)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_any_number_of_steps_says_the_same(model, voice, take, steps):
    assert correlation(model.predict(voice, seed=0, steps=steps), take, "jawOpen") > 0.95


@pytest.mark.parametrize("size", [160, 512, 1600, None], ids=str)
def test_streamed_frames_are_those_of_the_whole_file(live_model, voice, size):
    take = live_model.predict(voice, seed=0)
    live = Live(live_model, seed=0, gain=gain_to_speech_level(voice.samples))
    rng, begin, parts = np.random.default_rng(2), 0, []
    while begin < len(voice.samples):
        count = size or int(rng.integers(1, 5000))
        parts.append(live.push(voice.samples[begin : begin + count]))
        begin += count
    streamed = np.concatenate([part.values for part in [*parts, live.finish()] if part is not None])
    # All but the lips that part before the first word: that cannot be known live.
    moved = apply_layers(articulated(take, live_model.phonemes(voice)), 0, kinds=(STREAMED, POINTWISE))
    whole = constrain(moved, lip_contacts(moved))
    assert np.abs(streamed - whole.values).max() < 1e-3


def test_a_frame_is_out_120_ms_after_its_sound(live_model):
    assert Live(live_model).latency < 0.105  # what is left is for the pieces pushed and for the computer


@pytest.mark.parametrize("names", [LIVE_LINK, ("jawOpen",), HEAD], ids=["the whole face", "the jaw", "the head"])
def test_motion_flows_into_and_out_of_another_take(model, voice, take, names):
    """Half a second of another seed's take, pinned: no step at its ends is larger than steps are anyway."""
    other = model.predict(voice, seed=11)
    pins = Motion(other.select(names).values[75:100], names, 50.0, 1.5)
    held = model.predict(voice, seed=0, pins=pins)
    np.testing.assert_allclose(held.select(names).values[75:100], pins.values, atol=1e-4)
    usual = np.abs(np.diff(take.select(names).values, axis=0)).max(axis=0)
    steps = np.abs(np.diff(held.select(names).values[70:106], axis=0)).max(axis=0)
    assert (steps <= 1.25 * usual + 0.02).all()


def test_motion_flows_into_and_out_of_what_a_face_would_not_do(model, voice):
    pins = Motion(np.full((25, 1), 0.9), ("jawOpen",), 50.0, 1.5)
    jaw = model.predict(voice, pins=pins).channel("jawOpen")
    assert np.abs(np.diff(jaw)).max() < 0.25  # a quarter of the way in 20 ms, as fast as lips part from p


def test_a_voice_gives_a_style_and_half_of_it_moves_less(model, voice, take):
    style = Style("voice", model.slots_of(voice))
    assert (style.slots > 0).all() and (style.slots < 2).all()
    plain = take.select(LIPS).values
    moved = [
        np.abs(model.predict(voice, slots=blend(neutral(), style, t).slots).select(LIPS).values - plain)
        for t in (0.0, 0.5, 1.0)
    ]
    assert not moved[0].any() and 0 < moved[1].mean() <= moved[2].mean()


def test_noise_gives_no_style(model):
    noise = 0.003 * np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    with pytest.raises(StyleError, match="at least 3 s of speech"):
        model.slots_of(Audio(noise))


def test_they_are_small(model):
    assert sum(path.stat().st_size for path in model.card.folder.parent.rglob("*.*")) <= 40e6


@pytest.mark.parametrize("page", ["reference/python.md", "guide/live.md"])
def test_the_examples_of_the_docs_run(page, spoken, tmp_path, monkeypatch, capsys):
    for name in ("line.wav", "voice.wav"):
        shutil.copy(spoken, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    exec("\n".join(blocks), {})
    if page == "guide/live.md":
        assert f"{Live().latency * 1000:.0f} ms" in capsys.readouterr().out
