# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders on real speech: each does what it states and no more, and lips that were shut stay shut, on our own head."""

import numpy as np
import pytest

from facewright.inference import load_audio, load_predictor
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.adjust.emotions import emotions
from facewright.inference.adjust.sliders import sliders
from facewright.inference.core.analysis import Voice
from facewright.inference.core.channels import ARKIT, CHANNELS, VISEMES
from facewright.inference.core.errors import StyleError
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import REGIONS
from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import lips
from facewright.inference.heads.rest import head_at_rest
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.pipeline.animate import animate
from facewright.inference.prosody.prosody import prosody
from facewright.models.training.evaluation.figures.slider_effects import effect, kept, monotone, others

TOUCHING = 0.0006  # m; lips of the built-in head count as closed
SAME_UNIT = [name for name in sliders() if name != "closure"]  # its effect is told as pressing, not as its value
ROUGHLY = {"blinks": 0.35, "smoothing": 0.2}  # whole blinks; a mix of two windows is not quite a Gaussian


@pytest.fixture(scope="module")
def sound(speech):
    return load_audio(speech)


@pytest.fixture(scope="module")
def motion(sound):
    return animate(sound, fps=50, predictor=load_predictor(device="cpu"))


@pytest.fixture(scope="module")
def voice(sound, motion):
    said = prosody(sound.samples, 50)
    assert len(said.loudness) == motion.frames
    return Voice(said.loudness, said.effort)


@pytest.fixture(scope="module")
def opening():
    """A function that tells the height of the opening in the middle of the built-in head's lips [shape=(F,)], m."""
    head, mouth = builtin_head(), head_at_rest().skin.mouth
    middle = np.arange(-4, 5)
    upper = mouth[lips.SEAM, lips.COUNT // 2 + middle]
    lower = mouth[lips.SEAM, (-middle) % lips.COUNT]
    names = [name for name in ARKIT if name in head.shapes]
    heights = np.stack([(head.shapes[n][upper, 2] - head.shapes[n][lower, 2]).mean() for n in names])
    return lambda motion: motion.select(names).values @ heights


@pytest.mark.parametrize("name", sliders())
def test_neutral_changes_no_bit(name, motion, voice):
    neutral = sliders()[name].NEUTRAL
    assert adjust(motion, Adjustments({name: neutral})) is motion
    for value in (neutral, np.full(motion.frames, neutral)):
        values = sliders()[name].apply(motion, np.asarray(value, np.float32), voice).values
        np.testing.assert_array_equal(values.view(np.uint32), motion.values.view(np.uint32))


@pytest.mark.parametrize("name", SAME_UNIT)
def test_does_what_it_states_and_nothing_else(name, motion, voice):
    slider = sliders()[name]
    got = []
    for value in np.linspace(slider.LOW, slider.HIGH, 7):
        after = adjust(motion, Adjustments({name: float(value)}), voice=voice)
        got.append(effect(name, motion, after, voice))
        wide = slider.HIGH - slider.LOW
        assert got[-1] == pytest.approx(value, abs=ROUGHLY.get(name, 0.03) * wide), value
        assert others(name, motion, after) < 0.05
    assert monotone(got)


def test_firm_lips_press_and_soft_ones_do_not(motion, voice):
    pressed = []
    for value in np.linspace(0, 2, 5):
        after = adjust(motion, Adjustments({"closure": float(value)}))
        pressed.append(effect("closure", motion, after, voice))
        assert others("closure", motion, after) == 0
    assert monotone(pressed)
    assert pressed[0] < 0.05 and pressed[-1] > 0.25


@pytest.mark.parametrize("name", sliders())
@pytest.mark.parametrize("end", ["LOW", "HIGH"])
def test_closed_lips_stay_closed_at_every_end(name, end, motion, voice, opening):
    value = getattr(sliders()[name], end)
    moved = adjust(motion, Adjustments({name: value}), voice=voice)
    _closed(motion, moved, opening, value / 1000 if name == "lead" else 0.0)


@pytest.mark.parametrize("name", emotions())
def test_closed_lips_stay_closed_under_every_emotion(name, motion, voice, opening):
    for sliders_too in ({}, {n: s.HIGH for n, s in sliders().items() if n != "lead"}):
        _closed(motion, adjust(motion, Adjustments(sliders_too, {name: 1.0}), voice=voice), opening)


def _closed(motion, moved, opening, early=0.0):
    before, after = opening(motion), opening(moved)
    still, were = kept(before, after, motion, TOUCHING, early)
    assert were >= 2, "the sentence has lips that meet"
    assert still >= 0.95 * were
    assert after.min() > before.min() - 0.0015, "lips press past each other"
    weights = moved.select(ARKIT).values
    assert weights.min() >= 0 and weights.max() <= 1


def test_everything_at_once_stays_in_range(motion, voice, opening):
    for end in ("LOW", "HIGH"):
        values = {n: getattr(s, end) for n, s in sliders().items() if n != "lead"}
        _closed(motion, adjust(motion, Adjustments(values, dict.fromkeys(emotions(), 1.0)), voice=voice), opening)


@pytest.mark.parametrize("end", ["LOW", "HIGH"])
def test_visemes_that_close_stay_as_strong_and_those_that_open_stay_as_weak(end, motion, voice):
    moments = lip_contacts(motion).moments
    opening = [name for name in VISEMES if name not in ("viseme_PP", "viseme_sil")]
    for name, slider in sliders().items():
        if name == "lead":
            continue
        moved = adjust(motion, Adjustments({name: getattr(slider, end)}), voice=voice)
        assert (moved.select(["viseme_PP"]).at(moments) >= motion.select(["viseme_PP"]).at(moments) - 1e-6).all(), name
        assert (moved.select(opening).at(moments) <= motion.select(opening).at(moments) + 1e-6).all(), name


def test_lips_of_a_motion_without_visemes_stay_closed_too(motion, opening):
    silent = motion.select(ARKIT)
    if len(lip_contacts(silent).moments):
        moved = adjust(silent, Adjustments({"articulation": 2.0, "smoothing": 300.0}, {"surprise": 1.0}))
        still, were = kept(opening(silent), opening(moved), silent, TOUCHING)
        assert still >= 0.95 * were


@pytest.mark.parametrize("name", sliders())
def test_a_level_curve_is_the_number_and_a_ramp_goes_from_one_to_the_other(name, motion, voice):
    slider, frames = sliders()[name], motion.frames
    level = slider.LOW + 0.8 * (slider.HIGH - slider.LOW)
    number = adjust(motion, Adjustments({name: level}), voice=voice)
    curve = adjust(motion, Adjustments({name: np.full(frames, level)}), voice=voice)
    np.testing.assert_allclose(curve.values, number.values, atol=1e-6)
    ramp = np.where(np.arange(frames) < frames // 2, slider.NEUTRAL, level)
    keyed = adjust(motion, Adjustments({name: ramp}), voice=voice)
    first = frames // 2 - 30  # a blink or a closure may reach across the middle
    np.testing.assert_array_equal(keyed.values[:first], motion.values[:first])
    np.testing.assert_allclose(keyed.values[-first:], number.values[-first:], atol=1e-6)


def test_masks_hold_regions_back(motion):
    what = {"articulation": 2.0, "upper_face": 3.0}
    whole = adjust(motion, Adjustments(what, {"joy": 1.0}))
    brows = adjust(motion, Adjustments(what, {"joy": 1.0}, {name: 0.0 for name in REGIONS if name != "brows"}))
    for region, names in REGIONS.items():
        expected = whole if region == "brows" else motion
        np.testing.assert_array_equal(brows.select(names).values, expected.select(names).values, err_msg=region)
    half = adjust(motion, Adjustments({"head": 3.0}, masks={"head": 0.5}))
    np.testing.assert_allclose(half.channel("headPitch"), 2 * motion.channel("headPitch"), atol=1e-6)


def test_regions_part_all_channels():
    assert sorted(name for names in REGIONS.values() for name in names) == sorted(CHANNELS)


def test_plain_numbers_bring_it_back(motion):
    what = Adjustments({"jaw": 1.3, "lead": np.linspace(0, 80, motion.frames)}, {"joy": 0.5}, {"lips": 0.25}, seed=3)
    again = Adjustments.from_json(what.to_json())
    np.testing.assert_array_equal(adjust(motion, again).values, adjust(motion, what).values)
    with pytest.raises(StyleError, match="'moods'"):
        Adjustments.from_json({"moods": {}})


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (({"jaww": 1.0},), "slider called lead, .*got 'jaww'"),
        (({"jaw": 2.5},), "Expected 0 to 2 for the slider jaw, got 2.5"),
        (({"jaw": float("nan")},), "Expected 0 to 2 for the slider jaw, got nan"),
        (({"jaw": "much"},), "Expected a number for the slider jaw, got 'much'"),
        (({"jaw": np.ones((3, 2))},), "one for each frame"),
        (({}, {"love": 1.0}), "emotion called anger, .*got 'love'"),
        (({}, {"joy": -0.1}), "Expected 0 to 1 for the emotion joy"),
        (({}, {}, {"nose": 1.0}), "mask called jaw, .*got 'nose'"),
    ],
)
def test_wrong_values_are_told(what, said):
    with pytest.raises(StyleError, match=said):
        Adjustments(*what)


def test_curves_of_another_length_and_a_missing_voice_are_told():
    still = Motion(np.zeros((10, len(CHANNELS))), CHANNELS, 50)
    with pytest.raises(StyleError, match="jaw for each of 10 frames, got 9"):
        adjust(still, Adjustments({"jaw": np.full(9, 1.5)}))
    with pytest.raises(StyleError, match="loud the voice is in each of 10 frames"):
        adjust(still, Adjustments({"energy": 1.0}))
    with pytest.raises(StyleError, match="hard the voice works in each of 10 frames"):
        adjust(still, Adjustments({"from_voice": 1.0}))
