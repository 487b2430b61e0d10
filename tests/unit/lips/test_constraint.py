# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet without crossing, whatever is dialled: judged on heads that have lips of their own."""

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.adjustments import Sliders, dialled
from facewright.inference.adjust.emotions import emotions
from facewright.inference.adjust.sliders import sliders
from facewright.inference.audio.loudness import loudness_curve
from facewright.inference.core.channels import ARKIT
from facewright.inference.lips import gap_table
from facewright.inference.pipeline.animate import animate
from facewright.inference.styles.library import PRESETS, Library
from facewright.models.training.evaluation.figures.slider_effects import kept
from facewright.models.training.heads.lip_gaps import crossed_further, lip_pairs, rows

MOST = 0.5  # mm, more than the neutral take has anywhere
CLOSED = {"ict": 0.98, "own": 0.6, "mpfb": 2.1}  # mm between lips that count as closed; MPFB's are 1.1 apart at rest
PLAIN = {"articulation", "jaw", "lips", "rounding", "closure", "energy", "asymmetry", "smoothing", "upper_face"}
ENDS = [{name: getattr(sliders()[name], end) for name in PLAIN} for end in ("NEUTRAL", "LOW", "HIGH")]
LOPSIDED = {"articulation": 2.0, "jaw": 0.0, "lips": 2.0, "rounding": 3.0, "asymmetry": -1.0}


@pytest.fixture(scope="module")
def sound(speech):
    return load_audio(speech, duration=8.0)


@pytest.fixture(scope="module")
def pairs(shared):
    return lip_pairs(shared)


@pytest.fixture(scope="module")
def neutral(sound):
    return animate(sound, fps=50, predictor=load_predictor(device="cpu"))


@pytest.mark.parametrize("preset", Library(PRESETS).presets)
def test_lips_meet_and_do_not_cross(preset, sound, neutral, pairs):
    style = Library(PRESETS).get(preset)
    take = animate(sound, fps=50, style=style, predictor=load_predictor(device="cpu"))
    voice = loudness_curve(sound.samples)[: take.frames]
    moods = [{}, *({name: 1.0} for name in emotions()), dict.fromkeys(emotions(), 1.0)]
    before = {head: of.gaps(neutral) for head, of in pairs.items()}
    for mood in moods:
        for values in (*ENDS, LOPSIDED):
            moved = dialled(take, Sliders(values, mood), voice=voice)
            for head, of in pairs.items():
                now = of.gaps(moved)
                assert crossed_further(before[head], now) <= MOST, (head, mood, values)
                middle = slice(now.shape[1] // 2 - 1, now.shape[1] // 2 + 2)
                opening = (gaps[:, middle].mean(axis=1) for gaps in (before[head], now))
                still, were = kept(*opening, neutral, CLOSED[head], style.lead)
                assert were >= 2 and still >= 0.95 * were, (head, mood, values)


def test_a_motion_that_has_little_of_a_mouth_is_dialled_too(neutral):
    for names in (["jawOpen"], ["mouthPressLeft", "headYaw"], ["browInnerUp"]):
        few = neutral.select(names)
        moved = dialled(few, Sliders({"jaw": 2.0, "asymmetry": 1.0, "upper_face": 2.0}, {"anger": 1.0}))
        assert moved.channels == few.channels and not np.array_equal(moved.values, few.values)
        assert moved.values[:, 0].min() >= 0 and moved.values[:, 0].max() <= 1


def test_the_table_is_what_the_heads_do(pairs):
    measured = [rows(pairs[head]) for head in ("ict", "mpfb")]
    numbers = [ARKIT.index(name) for name in gap_table.CHANNELS]
    told = np.hstack([shapes[numbers] for shapes, _ in measured])
    np.testing.assert_allclose(gap_table.heights(gap_table.CHANNELS), told, atol=0.002)
    np.testing.assert_allclose(gap_table.AT_REST, np.hstack([rest for _, rest in measured]), atol=0.002)
    left_out = [k for k, name in enumerate(ARKIT) if name not in (*gap_table.CHANNELS, "tongueOut")]
    assert max(np.abs(shapes[left_out]).max() for shapes, _ in measured) < 0.01


def test_gaps_are_measured_between_the_lips(neutral, pairs):
    shut = neutral.with_channels(ARKIT, np.zeros((neutral.frames, len(ARKIT)), np.float32))
    opened = shut.with_channels(["jawOpen"], np.full((neutral.frames, 1), 0.5, np.float32))
    crossed = shut.with_channels(["mouthClose"], np.full((neutral.frames, 1), 0.1, np.float32))
    for of in pairs.values():
        assert of.gaps(shut).min() >= 0 and of.gaps(opened).min() > 3
        assert crossed_further(of.gaps(shut), of.gaps(opened)) == 0
        assert crossed_further(of.gaps(shut), of.gaps(crossed)) > 1
