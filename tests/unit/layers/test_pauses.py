# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips between phrases, on speech with silence around it and on noise."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference import Audio, animate, load_audio
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.layers import pauses
from facewright.inference.policy.predictor import load_predictor
from facewright.inference.styles.style import NEUTRAL, Style

SILENCE = 3.0  # s before and after what is said
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def sound(spoken) -> Audio:
    """Silence, the sentence, the breath and hiss of a room, the sentence again, silence."""
    said = load_audio(spoken).samples
    still = np.zeros(int(SILENCE * RATE), dtype=np.float32)
    hiss = 1e-3 * np.random.default_rng(0).standard_normal(len(still)).astype(np.float32)
    return Audio(np.concatenate([still, said, hiss, said, still]))


@pytest.fixture(scope="module")
def predicted(sound):
    return load_predictor().predict(sound)


@pytest.fixture(scope="module")
def motion(predicted):
    return pauses.apply(predicted, RNG)


def mouth(motion, begin, end):
    return motion.select(pauses.MOUTH).at(np.arange(begin, end, 0.02))


def trembling(silent: float = 1.0, seconds: float = 4.0, size: float = 0.02) -> Motion:
    """A mouth at a quarter of everything that trembles by `size` for ever, heard as silence."""
    frames = int(seconds * 50)
    values = np.zeros((frames, len(CHANNELS)), np.float32)
    motion = Motion(values, CHANNELS, 50.0)
    tremble = 0.25 + size * np.sin(np.arange(frames))[:, None] * np.ones(len(pauses.MOUTH))
    heard = np.full((frames, 1), silent, np.float32)
    return motion.with_channels(pauses.MOUTH, tremble.astype(np.float32)).with_channels(["viseme_sil"], heard)


def test_lips_do_not_move_at_all_between_phrases(motion, predicted, sound):
    middle = sound.seconds / 2
    for begin, end in ((0.0, SILENCE - 0.5), (middle - 0.6, middle + 0.6), (sound.seconds - 2.0, sound.seconds)):
        assert np.ptp(mouth(motion, begin, end), axis=0).max() == 0
        assert np.ptp(mouth(predicted, begin, end), axis=0).max() > 0.003


def test_speech_stays_as_it_was(motion, predicted):
    said = predicted.channel("viseme_sil") < pauses.SPEECH
    assert said.mean() > 0.3
    assert np.array_equal(
        motion.select(pauses.MOUTH).values[said],
        predicted.select(pauses.MOUTH).values[said],
    )


def test_the_mouth_is_never_further_from_the_model_than_its_slack(motion, predicted):
    away = np.abs(motion.select(pauses.MOUTH).values - predicted.select(pauses.MOUTH).values)
    assert 0.01 < away.max() <= pauses.SLACK + 1e-6
    assert motion.select(pauses.MOUTH).values.min() >= 0


def test_lips_open_as_early_as_the_model_opens_them(motion, predicted):
    """Within its slack, and so before the first sound."""
    onset = predicted.times[np.argmax(predicted.channel("viseme_sil") < pauses.SPEECH)]
    jaw, model = (curve.select(("jawOpen",)) for curve in (motion, predicted))
    wide = model.at([onset + 0.1])[0, 0]
    assert jaw.at([onset + 0.1])[0, 0] == pytest.approx(wide, abs=0.02)
    assert jaw.at([onset])[0, 0] >= model.at([onset])[0, 0] - pauses.SLACK


def test_what_is_not_the_mouth_is_left_alone(motion, predicted):
    others = [channel for channel in predicted.channels if channel not in pauses.MOUTH]
    assert np.array_equal(motion.select(others).values, predicted.select(others).values)


def test_a_part_goes_on_where_the_part_before_ended(motion, predicted):
    rng, begin, held, parts = np.random.default_rng(3), 0, None, []
    while begin < predicted.frames:
        end = begin + int(rng.integers(1, 60))
        part = replace(predicted, values=predicted.values[begin:end], start=begin / predicted.fps)
        part, held = pauses.stream(part, before=held)
        parts.append(part.values)
        begin = end
    np.testing.assert_allclose(np.concatenate(parts), motion.values, atol=1e-6)


def test_trembling_stops_and_real_movement_does_not():
    still = pauses.apply(trembling(), RNG).select(pauses.MOUTH).values
    assert not np.diff(still, axis=0).any()
    moving = pauses.apply(trembling(size=0.2), RNG).select(pauses.MOUTH).values
    assert np.ptp(moving, axis=0) == pytest.approx(0.4 - 2 * pauses.SLACK, abs=0.01)
    spoken = trembling(silent=0.3)
    assert np.array_equal(pauses.apply(spoken, RNG).values, spoken.values)


def test_lips_close_after_a_word_before_they_are_held():
    motion = trembling(size=0.0)
    values = motion.values.copy()
    values[:50, CHANNELS.index("viseme_sil")] = 0.0
    jaw = CHANNELS.index("jawOpen")
    values[:50, jaw], values[50:, jaw] = 0.5, np.maximum(0.5 - 0.05 * np.arange(150), 0)
    out = pauses.apply(Motion(values, CHANNELS, 50.0), RNG).channel("jawOpen")
    assert out[60] < pauses.SLACK / 2 and out[-1] < pauses.SLACK / 2  # of a half: it closed while it had little slack
    assert not np.diff(out[70:]).any()


def test_a_style_that_enlarges_trembling_is_still_too():
    large = replace(NEUTRAL, gains=3 * NEUTRAL.gains)
    motion = trembling(size=0.1)
    moves = [
        np.abs(np.diff(pauses.apply(motion, RNG, style).select(pauses.MOUTH).values, axis=0)).max()
        for style in (NEUTRAL, large)
    ]
    assert moves[0] > 0.01 and moves[1] == 0


def test_between_phrases_a_mouth_rests_as_the_style_has_it(sound):
    rest = np.zeros(len(pauses.MOUTH), np.float32)
    rest[pauses.MOUTH.index("jawOpen")] = 0.1
    plain, parted = (
        animate(sound, fps=50.0, style=style).select(("jawOpen",)).at([2.0])[0, 0]
        for style in (NEUTRAL, Style("parted", rest=rest))
    )
    assert parted - plain == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("decibels", [-60, -30])
def test_noise_without_speech_keeps_lips_still(decibels):
    noise = np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32) * 10 ** (decibels / 20)
    moved = animate(Audio(noise)).select(pauses.MOUTH)
    assert np.abs(np.diff(moved.values, axis=0)).max() < 1e-3
