# SPDX-License-Identifier: GPL-3.0-or-later
"""Styles learned in the context of a reference clip: how takes begin, what is left alone, and what is kept of it."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from support.paths import ROOT

from facewright.inference import Audio, Live, Motion, animate, blend, load_audio, load_predictor, neutral
from facewright.inference.audio.loudness import gain_to_speech_level
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS, HEAD, MOUTH
from facewright.inference.core.errors import StyleError
from facewright.inference.core.phonemes import Phonemes
from facewright.inference.formats import export, read_curves
from facewright.inference.pipeline.stages import finished, plain_take
from facewright.inference.style_learning.context import context_of, learn_in_context
from facewright.inference.style_learning.learn import learn
from facewright.inference.styles.apply import apply_style, model_context
from facewright.inference.styles.context import SHOWN, context_from
from facewright.inference.styles.file import read
from facewright.inference.styles.style import BROWS, Style, average
from facewright.inference.takes.recipe import Recipe, Sound, audio_sha256, from_json, generated
from facewright.inference.takes.replay import replay
from facewright.inference.takes.retake import retake_frames

ACTOR = Style("actor", posture=[0, 0, 0.2, 0.1, 0.1], brows=1.5, head=2.0)


@pytest.fixture(scope="module")
def model():
    return load_predictor(device="cpu")


@pytest.fixture(scope="module")
def reference(speech) -> Audio:
    return load_audio(speech, duration=6.0)


@pytest.fixture(scope="module")
def line(spoken) -> Audio:
    return load_audio(spoken, duration=3.0)


@pytest.fixture(scope="module")
def shown(model, reference) -> Motion:
    """An actor who holds his brows up, and whose head is turned by 0.25 rad at the end."""
    motion = finished(*plain_take(model, reference), style=ACTOR, fps=30.0)
    turn = 0.25 * (np.arange(motion.frames) > motion.frames / 2)
    return motion.with_channels(["headYaw"], turn[:, None])


@pytest.fixture(scope="module")
def learned(model, reference, shown):
    return learn_in_context(reference, shown, name="Ada", predictor=model)


@pytest.fixture(scope="module")
def plain(model, learned, line) -> Motion:
    """A take in the same style without its context."""
    return animate(line, fps=50.0, style=replace(learned.style, context=None), predictor=model)


@pytest.fixture(scope="module")
def take(model, learned, line) -> Motion:
    return animate(line, fps=50.0, style=learned.style, predictor=model)


def test_a_take_begins_as_the_reference_ends_and_leaves_that(learned, shown, plain, take):
    end = dict(zip(shown.channels, shown.values[-1], strict=True))
    assert end["headYaw"] == 0.25
    own, usual = take.channel("headYaw"), plain.channel("headYaw")
    assert abs(own[:5].mean() - 0.25) < 0.05 < 0.15 < abs(usual[:5].mean() - 0.25)
    assert abs(own[100:] - usual[100:]).mean() < 0.3 * abs(own[:5] - usual[:5]).mean()
    raised = [name for name in BROWS if end[name] > 0.15]
    assert raised
    first = {name: take.channel(name)[0] for name in raised}
    assert all(abs(value - end[name]) < 0.15 for name, value in first.items())


def test_the_mouth_is_that_of_the_same_take_without_it(plain, take):
    np.testing.assert_array_equal(take.select(MOUTH).values, plain.select(MOUTH).values)
    lids = ["eyeBlinkLeft", "eyeBlinkRight"]
    np.testing.assert_array_equal(take.select(lids).values, plain.select(lids).values)


def test_all_else_is_learned_as_without_it_and_the_report_says_what_it_does(learned, model, reference, shown):
    alone = learn(reference, shown, name="Ada", predictor=model)
    assert replace(learned.style, context=None).does_as(alone.style) and not learned.style.does_as(alone.style)
    assert learned.report[:-1] == alone.report and learned.style.about.splitlines()[-1] == learned.report[-1]
    said = learned.report[-1]
    assert said.startswith("In context: takes begin as the reference ends")
    assert "half a second (brows) and two seconds (head, gaze); the mouth" in said and "did not move" not in said


def test_brows_that_are_held_are_learned_and_worn_all_the_time(learned, model, shown, line):
    held = dict(zip(BROWS, learned.style.posture, strict=True))
    assert 0.06 < held["browInnerUp"] < 0.2 and abs(held["browDownLeft"]) < 0.03
    assert any("browInnerUp +0." in text for text in learned.report)
    given = {"fps": 50.0, "predictor": model}
    low, high = (
        animate(line, style=Style("x", posture=posture), **given).select(BROWS).values
        for posture in (np.zeros(5), [0, 0, 0.2, 0, 0])
    )
    np.testing.assert_allclose(high[:, 2], np.clip(low[:, 2] + 0.2, 0, 1), atol=1e-6)
    np.testing.assert_array_equal(high[:, [0, 1, 3, 4]], low[:, [0, 1, 3, 4]])


def test_what_the_style_does_to_brows_and_head_is_not_done_twice():
    """The model is shown what the style then makes the reference's own end of."""
    begins = context_from(("browInnerUp", "headYaw", "leftEyeYaw"), np.full((8, 3), [0.5, 0.3, 0.1]))
    style = replace(ACTOR, gaze=0.8, context=begins)
    seen = model_context(style)
    assert seen.channel("browInnerUp")[0] == pytest.approx(0.3 / 1.5, abs=1e-6)
    assert seen.channel("headYaw")[0] == pytest.approx(0.15)
    heard = Phonemes(np.full((seen.frames, 40), 1 / 40, np.float32), 50.0)
    again = apply_style(replace(seen, start=0.0), heard, style)
    np.testing.assert_allclose(again.values, begins.values, atol=1e-6)
    still = model_context(replace(style, head=0.0))  # what nothing is left of cannot be made larger
    assert still.channel("headYaw")[0] == pytest.approx(0.6)


def test_only_the_end_of_what_moves_is_kept(shown):
    context = context_of(shown)
    assert (context.frames, context.fps, context.end) == (8, 50.0, pytest.approx(-0.02))
    assert set(context.channels) <= set(SHOWN) and "headYaw" in context.channels
    np.testing.assert_allclose(context.values[-1], shown.select(context.channels).values[-1], atol=1e-4)
    earlier = context_of(shown, until=1.0)
    np.testing.assert_allclose(earlier.channel("headYaw"), 0.0)
    still = shown.with_channels(HEAD, np.zeros((shown.frames, 3)))
    assert not set(HEAD) & set(context_of(still).channels)
    with pytest.raises(StyleError, match="brows, head or gaze move"):
        context_of(shown.select(MOUTH))


def test_a_reference_that_lacks_the_head_says_so(model, reference, shown):
    without = shown.select([name for name in shown.channels if name not in HEAD])
    said = learn_in_context(reference, without, predictor=model).report[-1]
    assert "second (brows) and two seconds (gaze);" in said and "Head did not move there." in said


def test_extremes_are_held_within_what_a_context_may_be():
    far = Motion(np.linspace([0.0, 0.0], [2.0, -9.0], 30), ("browInnerUp", "headRoll"), 25.0)
    context = context_of(far)
    assert context.channel("browInnerUp").max() == 1 and context.channel("headRoll").min() == -1.5
    Style("far", context=context)


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (np.zeros((8, 1)), "8 frames at 50"),
        (Motion(np.zeros((7, 1)), ("headYaw",), 50.0), "got 7 at 50"),
        (Motion(np.zeros((8, 1)), ("headYaw",), 25.0), "got 8 at 25"),
        (Motion(np.zeros((8, 1)), ("jawOpen",), 50.0), "brows, head, gaze.*got jawOpen"),
        (Motion(np.zeros((8, 0)), (), 50.0), "got none"),
        (Motion(np.full((8, 1), 1.2), ("browInnerUp",), 50.0), "browInnerUp from 0 to 1.*got 1.2"),
        (Motion(np.full((8, 1), -2), ("headYaw",), 50.0), "headYaw from -1.5 to 1.5.*got -2"),
    ],
)
def test_what_is_no_context_is_refused(context, said):
    with pytest.raises(StyleError, match=said):
        Style("x", context=context)


def test_a_blend_has_the_context_of_its_larger_part(learned):
    ada, other = learned.style, Style("other", context=context_from(("headYaw",), np.zeros((8, 1))))
    assert blend(ada, other, 0.4).context is ada.context and blend(ada, other, 0.6).context is other.context
    assert blend(ada, neutral(), 0.4).context is ada.context and blend(ada, neutral(), 0.6).context is None
    assert blend(ada, other, 0.5).context is None and average([ada, other]).context is None
    np.testing.assert_allclose(blend(ada, neutral(), 0.5).posture, ada.posture / 2)


def test_a_style_of_a_context_alone_is_not_neutral(learned):
    alone = replace(neutral(), context=learned.style.context)
    assert not alone.is_neutral and replace(alone, name="x").does_as(alone)


def test_a_recipe_replays_it_to_the_last_bit(model, learned, line, take):
    how = generated(model.card, model.provider, 0, None, learned.style)
    text = Recipe(Sound("line.wav", audio_sha256(line)), how, 50.0).to_json()
    assert len(text) < 16_000
    np.testing.assert_array_equal(replay(from_json(text), line, predictor=model).values, take.values)


def test_frames_made_again_later_are_not_begun_anew(model, learned, line, take):
    """Punch-in flows out of the take; only at its very start does the context count again."""
    rows = slice(60, 90)
    given = {"seed": 5, "predictor": model}
    plain = retake_frames(take, line, rows, style=replace(learned.style, context=None), **given)
    np.testing.assert_array_equal(retake_frames(take, line, rows, style=learned.style, **given).values, plain.values)
    first = retake_frames(take, line, slice(0, 30), style=learned.style, **given).channel("headYaw")[:3].mean()
    assert first == pytest.approx(0.25, abs=0.05)


def test_live_begins_in_it_too(tiny, line):
    begins = context_from(("browInnerUp", "headPitch"), np.tile([0.6, 0.3], (8, 1)))
    style = Style("x", head=1.5, context=begins)
    live = Live(tiny, style=style, gain=gain_to_speech_level(line.samples))
    parts = [live.push(line.samples[: 2 * RATE]), live.push(line.samples[2 * RATE :]), live.finish()]
    streamed = np.concatenate([part.values for part in parts if part is not None])
    columns = [CHANNELS.index(name) for name in ("browInnerUp", "headPitch", "headYaw")]
    encoding = tiny.encode(line)  # beats are told by what comes after them, so live frames have none
    whole, other = (
        finished(tiny.sample(encoding, context=model_context(one)), encoding.phonemes, style=one, fps=50.0)
        for one in (style, replace(style, context=None))
    )
    np.testing.assert_allclose(streamed[:, columns], whole.values[:, columns], atol=1e-3)
    assert np.abs(streamed[:, columns] - other.values[:, columns]).max() > 1e-2


def test_the_command_line_learns_in_context_and_animates_so(shown, reference, line, tmp_path):
    def facewright(*arguments):
        command = [sys.executable, "-m", "inference", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    sound, curves, style, out = (tmp_path / name for name in ("ref.wav", "ref.csv", "ada.fwstyle", "out.npz"))
    soundfile.write(sound, reference.samples, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "line.wav", line.samples, RATE, subtype="FLOAT")
    export(shown, curves)
    done = facewright("style", "learn", sound, "--motion", curves, "--in-context", "-o", style)
    assert done.returncode == 0 and "In context: takes begin as the reference ends" in done.stderr, done.stderr
    assert read(style).context is not None and style.stat().st_size < 32_000
    assert "begins with: " in facewright("style", "show", style).stdout
    assert facewright("animate", tmp_path / "line.wav", "--style", style, "-o", out).returncode == 0
    assert read_curves(out).channel("headYaw")[:5].mean() == pytest.approx(0.25, abs=0.05)
    done = facewright("style", "learn", sound, "--in-context", "-o", style)
    assert done.returncode == 1 and "Add --motion" in done.stderr
