# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that an artist pinned stay, and the motion flows into and out of them."""

import numpy as np
import pytest

from facewright.inference import Audio, Motion, animate, load_audio
from facewright.inference.core.channels import CHANNELS, LIVE_LINK
from facewright.inference.core.errors import MotionError
from facewright.inference.policy.inpainting import FADE, Pins, SeamBlend


@pytest.fixture(scope="module")
def voice(spoken) -> Audio:
    return load_audio(spoken, duration=4.0)


def pinned(names, frames, fps, start, value=0.8) -> Motion:
    waves = 0.1 * np.sin(np.arange(frames)[:, None] + np.arange(len(names)))
    return Motion((value + waves).astype(np.float32), tuple(names), fps, start)


@pytest.mark.parametrize("fps", [24.0, 50.0, 60.0, 24000 / 1001])
@pytest.mark.parametrize(
    ("first", "frames"), [(31, 20), (0, 7), (40, 1)], ids=["in the middle", "from the start", "one frame"]
)
def test_pinned_frames_come_out_as_they_went_in(tiny, voice, fps, first, frames):
    pins = pinned(("jawOpen", "headYaw", "eyeBlinkLeft", "leftEyeYaw", "viseme_PP"), frames, fps, first / fps)
    motion = animate(voice, fps=fps, predictor=tiny, pins=pins)
    kept = motion.select(pins.channels).values[first : first + frames]
    np.testing.assert_allclose(kept, pins.values, atol=1e-4)
    assert motion.channels == CHANNELS


def test_another_frame_rate_is_interpolated(tiny, voice):
    pins = pinned(("jawOpen",), 25, 25.0, 1.0)
    motion = animate(voice, fps=60.0, predictor=tiny, pins=pins)
    inside = (motion.times >= 1.0) & (motion.times <= pins.end)
    np.testing.assert_allclose(motion.channel("jawOpen")[inside], pins.at(motion.times[inside])[:, 0], atol=1e-4)


def test_pins_may_reach_over_both_ends(tiny, voice):
    pins = pinned(("jawOpen",), 60 * 6, 60.0, -1.0)
    motion = animate(voice, fps=60.0, predictor=tiny, pins=pins)
    np.testing.assert_allclose(motion.channel("jawOpen"), pins.at(motion.times)[:, 0], atol=1e-4)


def largest_step(motion: Motion, name: str) -> float:
    return float(np.abs(np.diff(motion.channel(name))).max())


@pytest.mark.parametrize("name", ["jawOpen", "mouthClose", "headYaw"])
def test_nothing_jumps_at_the_ends_of_a_pin(tiny, voice, name):
    free = tiny.predict(voice)
    pins = Motion(np.ones((30, 1)), (name,), 50.0, 1.5)  # from far away from where it was
    motion = tiny.predict(voice, pins=pins)
    jump = abs(1 - free.channel(name)[75])
    assert jump > 0.3
    assert largest_step(motion, name) < max(largest_step(free, name), jump / 4)


def test_layers_do_not_jump_at_pins_either(tiny, voice):
    pins = Motion(np.zeros((101, 2)), ("eyeBlinkLeft", "leftEyeYaw"), 50.0, 1.0)
    motion = animate(voice, fps=50.0, predictor=tiny, pins=pins, seed=5)
    free = animate(voice, fps=50.0, predictor=tiny, seed=5)
    for name in pins.channels:
        assert not motion.channel(name)[50:151].any()
        assert largest_step(motion, name) < largest_step(free, name) + 0.1


def test_what_is_not_near_a_pin_stays(tiny, voice):
    pins = Motion(np.ones((10, 1)), ("headRoll",), 50.0, 3.0)
    free, held = (animate(voice, fps=50.0, predictor=tiny, pins=p) for p in (None, pins))
    before = int((3.0 - max(FADE, 16 / 50)) * 50)
    np.testing.assert_array_equal(held.values[:before], free.values[:before])


def test_the_policy_sees_pins_before_they_come():
    pins = Pins(pinned(("jawOpen", "viseme_PP"), 10, 50.0, 1.0), seconds=4.0)
    values, seen = pins.window(40, 16)
    column = LIVE_LINK.index("jawOpen")
    assert np.flatnonzero(seen[:, column]).tolist() == list(range(10, 16)) and seen.sum() == 6
    assert values[seen].min() > 0.6 and not values[~seen].any()
    assert not pins.window(0, 16)[1].any() and not pins.window(60, 16)[1].any()


@pytest.mark.parametrize("length", [1, 3, 20])
def test_a_policy_that_does_not_see_pins_is_led_to_them(length):
    """Drawn motion stays at 0.1 whatever happens; eight chunks of four frames with a pin at 0.9 in the middle."""
    pins = Pins(Motion(np.full((length, 1), 0.9), ("jawOpen",), 50.0, 0.3), seconds=1.0)
    seams, frames = SeamBlend(), [np.full((1, 61), 0.1, np.float32)]
    for first in range(0, 64, 4):
        drawn = np.full((16, 61), 0.1, np.float32)
        frames.append(seams.join(drawn, *pins.window(first, 16), frames[-1][-1], 4))
    motion = np.concatenate(frames)[1:]
    jaw = motion[:, LIVE_LINK.index("jawOpen")]
    assert (jaw[15 : 15 + length] == np.float32(0.9)).all()
    assert np.abs(np.diff(jaw)).max() < 0.25
    assert (jaw[15 + length + 8 :] == np.float32(0.1)).all() and jaw[0] < 0.2
    assert (np.delete(motion, LIVE_LINK.index("jawOpen"), axis=1) == np.float32(0.1)).all()


@pytest.mark.parametrize("free", [1, 2, 6, 12, 40])
def test_drawn_motion_is_led_from_one_pin_to_the_next(free):
    """Drawn motion stays at 0.1; a pin at 0.9, free frames, and a pin at 0.5: no step is larger than it must be."""
    pins = Pins([pinned_at(0.5, 1.0 + free / 50), pinned_at(0.9, 0.0)], seconds=4.0)
    seams, frames = SeamBlend(), [np.full((1, 61), 0.1, np.float32)]
    for first in range(0, 128, 4):
        frames.append(seams.join(np.full((16, 61), 0.1, np.float32), *pins.window(first, 16), frames[-1][-1], 4))
    jaw = np.concatenate(frames)[1:, LIVE_LINK.index("jawOpen")]
    assert (jaw[:50] == np.float32(0.9)).all() and (jaw[50 + free : 100 + free] == np.float32(0.5)).all()
    assert np.abs(np.diff(jaw)).max() < 0.23
    assert (jaw[50:61].min() < 0.15) == (free == 40)  # with time enough, drawn motion is back


def pinned_at(value, start) -> Motion:
    return Motion(np.full((50, 1), value), ("jawOpen",), 50.0, start)


def test_several_pins_come_out_as_they_went_in(tiny, voice):
    names = ("jawOpen", "headYaw", "eyeBlinkLeft", "viseme_PP")
    pins = [pinned(names, 40, 60.0, 2.5, 0.3), pinned(names, 50, 60.0, 0.5), pinned(("browInnerUp",), 9, 60.0, 1.0)]
    motion = animate(voice, fps=60.0, predictor=tiny, pins=pins)
    for pin in pins:
        first = round(60 * pin.start)
        kept = motion.select(pin.channels).values[first : first + pin.frames]
        np.testing.assert_allclose(kept, pin.values, atol=1e-5)


def test_pins_that_overlap_are_refused(tiny, voice):
    pins = [pinned(("jawOpen", "jawLeft"), 30, 50.0, 1.0), pinned(("headYaw", "jawLeft"), 5, 50.0, 1.5)]
    with pytest.raises(
        MotionError, match=r"do not overlap, got jawLeft from 1\.00 s to 1\.58 s and again from 1\.50 s"
    ):
        animate(voice, predictor=tiny, pins=pins)


def test_a_frame_between_two_of_the_models_is_seen():
    seen = Pins(pinned(("jawOpen",), 1, 24.0, 1.009), seconds=4.0).window(40, 16)[1]
    assert np.flatnonzero(seen.any(axis=1)).tolist() == [10]


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        (pinned(("jawOpen", "jawWide"), 5, 50.0, 0.0), "channels such as jawOpen, got jawWide"),
        (pinned(("jawOpen",), 5, 50.0, 9.0), r"lasts 4\.00 s, got frames from 9\.00 s to 9\.08 s"),
        (pinned(("jawOpen",), 5, 50.0, -3.0), r"from -3\.00 s"),
    ],
)
def test_pins_that_do_not_fit_are_refused(tiny, voice, pins, said):
    with pytest.raises(MotionError, match=said):
        animate(voice, predictor=tiny, pins=pins)
