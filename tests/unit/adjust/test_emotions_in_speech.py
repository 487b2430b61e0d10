# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions over real speech: nothing jumps because of one where lips close, and lips close as they did without."""

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.adjust.emotions import emotions, overlaid
from facewright.inference.core.channels import ARKIT
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.pipeline.animate import animate
from facewright.models.training.evaluation.figures.slider_effects import kept
from facewright.models.training.heads.lip_gaps import crossed_further, lip_pairs

FPS = 25.0
LARGEST_STEP = 0.15  # weight from one frame to the next
CLIPS = [f"librivox_austen_{number}.wav" for number in ("0870", "0880", "0890", "0920", "0930")]
FREE = [name for name in ARKIT if not name.startswith("eyeBlink")]
CLOSED = {"ict": 0.98, "own": 0.6, "mpfb": 2.1}  # mm between lips that count as closed; MPFB's are 1.1 apart at rest
MOST_CROSSED = 0.5  # mm


@pytest.fixture(scope="module", params=["spoken", *CLIPS])
def take(request, spoken):
    if request.param != "spoken":
        path = request.getfixturevalue("shared") / "speech_demo" / request.param
        if not path.is_file():
            pytest.skip(f"needs {path.name} in ../shared/data")
    return animate(
        load_audio(spoken if request.param == "spoken" else path), fps=50, predictor=load_predictor(device="cpu")
    )


@pytest.fixture(scope="module")
def moods(take):
    return {name: adjust(take, Adjustments(emotions={name: 1.0})) for name in emotions()}


@pytest.mark.parametrize("name", emotions())
def test_nothing_steps_because_of_an_emotion(name, take, moods):
    change = moods[name].resample(FPS).select(FREE).values - take.resample(FPS).select(FREE).values
    steps = np.abs(np.diff(change, axis=0))
    worst = np.unravel_index(steps.argmax(), steps.shape)
    assert steps.max() <= LARGEST_STEP, f"{FREE[worst[1]]} at {worst[0] / FPS:.2f} s"


@pytest.mark.parametrize("name", emotions())
def test_what_does_not_part_lips_stays_where_they_close(name, take, moods):
    assert len(lip_contacts(take).moments) >= 1
    names = [one for one in ARKIT if one.startswith(("cheekSquint", "brow", "eye"))]
    laid = overlaid(take, {name: 1.0})
    np.testing.assert_array_equal(moods[name].select(names).values, laid.select(names).values)


@pytest.mark.parametrize("name", emotions())
def test_lips_close_as_without_it(name, take, moods, shared):
    for head, of in lip_pairs(shared).items():
        before, after = of.gaps(take), of.gaps(moods[name])
        assert crossed_further(before, after) <= MOST_CROSSED, head
        middle = slice(before.shape[1] // 2 - 1, before.shape[1] // 2 + 2)
        still, were = kept(before[:, middle].mean(axis=1), after[:, middle].mean(axis=1), take, CLOSED[head])
        assert still == were, head


def test_an_amount_that_is_keyed_comes_as_it_is_keyed(take):
    frames = take.frames
    amount = np.where(np.arange(frames) < frames // 2, 0.0, 1.0)
    moved = adjust(take, Adjustments(emotions={"disgust": amount}))
    cheeks = moved.channel("cheekSquintLeft") - take.channel("cheekSquintLeft")
    assert not cheeks[: frames // 2].any() and cheeks[frames // 2] > 0.7
