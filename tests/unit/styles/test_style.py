# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style is, and what it does to a face."""

import numpy as np
import pytest

from facewright.inference import Audio, Style, animate, blend, load_audio, neutral
from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import PHONES
from facewright.inference.core.errors import StyleError


def gains(**changed: float) -> np.ndarray:
    slots = np.ones(len(PHONES), np.float32)
    for phone, gain in changed.items():
        slots[PHONES.index(phone)] = gain
    return slots


@pytest.fixture(scope="module")
def voice(spoken) -> Audio:
    return load_audio(spoken)


def test_neutral_is_one_everywhere():
    assert neutral().slots.shape == (40,) and (neutral().slots == 1).all()


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        (np.ones(39), r"40 gains, one for each phone.*\(39,\)"),
        (np.ones((1, 40)), r"\(1, 40\)"),
        (gains(P=-0.1), r"0 or more.*'loud'.*-0\.1.* for P"),
        (gains(SIL=np.nan), "nan for SIL"),
        (gains(AA=np.inf), "inf for AA"),
    ],
)
def test_what_is_no_style_is_refused(slots, said):
    with pytest.raises(StyleError, match=said):
        Style("loud", slots)


def test_a_style_cannot_be_changed_from_outside():
    slots = gains()
    style = Style("mine", slots)
    slots[0] = 5
    assert style.slots[0] == 1
    with pytest.raises(ValueError):
        style.slots[0] = 5


def test_blending_goes_from_one_to_the_other():
    a, b = Style("a", gains(P=0.5)), Style("b", gains(P=1.5, M=2))
    np.testing.assert_array_equal(blend(a, b, 0).slots, a.slots)
    np.testing.assert_array_equal(blend(a, b, 1).slots, b.slots)
    np.testing.assert_allclose(blend(a, b, 0.25).slots, gains(P=0.75, M=1.25))
    assert "a" in blend(a, b, 0.25).name and "b" in blend(a, b, 0.25).name
    for t in (-0.1, 1.1, np.nan):
        with pytest.raises(StyleError, match="from 0 to 1"):
            blend(a, b, t)


def test_a_style_changes_the_face_and_neutral_is_none(tiny, voice):
    plain = tiny.predict(voice)
    np.testing.assert_array_equal(tiny.predict(voice, slots=neutral().slots).values, plain.values)
    strong = Style("strong", 2 * np.ones(40))
    moved = [
        np.abs(tiny.predict(voice, slots=blend(neutral(), strong, t).slots).values - plain.values).mean()
        for t in (0.5, 1)
    ]
    assert 0 < moved[0] < moved[1]


def test_animate_passes_the_style_on(tiny, voice):
    plain, styled = (animate(voice, predictor=tiny, style=style) for style in (None, Style("x", 2 * np.ones(40))))
    assert not np.array_equal(plain.values, styled.values)


def test_a_voice_has_a_style_that_does_not_depend_on_its_level(tiny, voice):
    style = Style("robot", tiny.slots_of(voice))
    quiet = Style("quiet", tiny.slots_of(Audio(voice.samples * np.float32(0.1))))
    assert style.name == "robot" and not np.allclose(style.slots, 1)
    np.testing.assert_allclose(quiet.slots, style.slots, atol=0.01)


def test_a_long_voice_is_the_mean_of_its_parts(tiny, voice):
    once = np.resize(voice.samples, 20 * RATE)  # two parts of 20 s
    np.testing.assert_allclose(tiny.slots_of(Audio(np.tile(once, 2))), tiny.slots_of(Audio(once)), atol=0.01)


def test_too_little_voice_is_refused(tiny, voice):
    with pytest.raises(StyleError, match=r"at least 3 s of speech.*in 1\.0 s of sound"):
        tiny.slots_of(Audio(voice.samples[:RATE]))
