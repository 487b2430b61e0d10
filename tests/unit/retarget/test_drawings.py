# SPDX-License-Identifier: GPL-3.0-or-later
"""One drawing at a time: held long enough, lips shut on every p, b and m, at rest in silence, whatever is drawn."""

import itertools

import numpy as np
import pytest

from facewright.inference import Motion, load_audio, load_predictor
from facewright.inference.core.channels import VISEMES
from facewright.inference.core.errors import RigError
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.retarget import drawings
from facewright.inference.retarget.cheapest_path import cheapest_path
from facewright.inference.retarget.convention import conventions
from facewright.inference.retarget.drawings import Mouth
from facewright.inference.retarget.rig import Line
from facewright.inference.retarget.stepped import SteppedRig

CONVENTIONS = {one.key: one for one in conventions()}
SETS = {
    "rhubarb": ("A", "X", None),
    "preston_blair": ("MBP", "rest", None),
    "oculus": ("viseme_PP", "viseme_sil", None),
    "six": ("A", "A", "ABCDEF"),
    "flap": ("A", "A", "AD"),
}
every_set = pytest.mark.parametrize("key", SETS)


def mouths_of_set(key):
    only = SETS[key][2]
    targets = CONVENTIONS["rhubarb" if only else key].targets
    kept = [target for target in targets if only is None or target.name in only]
    return drawings.mouths_of(line for t in kept for line in drawings.lines_of_drawing(t, t.name, "shape_key"))


def visemes(*spans, fps=50.0, frames=100, **more):
    """A motion of visemes that are heard alone: (name, first frame, last frame, how much); silence otherwise."""
    values = np.zeros((frames, len(VISEMES) + len(more)), np.float32)
    for name, first, last, much in spans:
        values[first:last, VISEMES.index(f"viseme_{name}")] = much
    values[:, 0] += 1 - values[:, : len(VISEMES)].sum(axis=1)
    for number, column in enumerate(more.values()):
        values[:, len(VISEMES) + number] = column
    return Motion(values, (*VISEMES, *more), fps)


def names(motion, mouths, fps=24.0, minimum=drawings.HOLD):
    times = np.arange(motion.start, motion.end + 1 / motion.fps, 1 / fps)
    return [mouths[number].name for number in drawings.schedule(motion, mouths, times, minimum)]


def lengths(shown):
    return [len(list(group)) for _, group in itertools.groupby(shown)]


@pytest.fixture(scope="module")
def take(speech):
    return load_predictor(None, "cpu").predict(load_audio(speech, duration=8.0))


@every_set
@pytest.mark.parametrize(
    ("fps", "minimum"), [(24.0, drawings.HOLD), (12.0, drawings.HOLD), (30.0, 0.2), (60.0, 0.0), (23.976, 0.1)]
)
def test_real_speech_is_held_and_closes_on_every_bilabial(take, key, fps, minimum):
    mouths = mouths_of_set(key)
    shown = names(take, mouths, fps, minimum)
    assert min(lengths(shown)) >= max(round(minimum * fps), 1)
    moments = lip_contacts(take).moments
    assert len(moments) >= 3
    heard = drawings.closing_moments(take)
    loud = [m for m in moments if np.abs(heard - m).min() < 0.06]
    assert len(loud) == len(moments)  # no closure that the bake of shapes keys is missed by drawings
    for moment in heard:
        assert shown[int(moment * fps + 1e-6)] == SETS[key][0], moment


@every_set
def test_real_speech_changes_as_often_as_animators_draw(take, key):
    shown = names(take, mouths_of_set(key))
    rate = (len(lengths(shown)) - 1) / (len(shown) / 24)
    assert 2 <= rate <= 9  # mouths a second
    assert len(set(shown)) >= min(len(mouths_of_set(key)), 6)


@pytest.mark.parametrize("key", ["rhubarb", "preston_blair", "oculus"])
def test_silence_before_real_speech_is_at_rest(speech_wav, key):
    take = load_predictor(None, "cpu").predict(load_audio(speech_wav, duration=4.0))
    shown = names(take, mouths_of_set(key))
    assert set(shown[:18]) == {SETS[key][1]}


@pytest.mark.parametrize(
    ("key", "spoken"),
    [
        ("rhubarb", {"aa": "D", "E": "C", "O": "E", "U": "F", "FF": "G", "SS": "B", "PP": "A", "sil": "X"}),
        ("preston_blair", {"aa": "AI", "E": "E", "O": "O", "U": "U", "FF": "FV", "SS": "etc", "PP": "MBP", "nn": "L"}),
        ("oculus", {name.removeprefix("viseme_"): name for name in VISEMES}),
        ("six", {"aa": "D", "FF": "A", "sil": "A", "kk": "B"}),  # as Rhubarb has it without G and X
        ("flap", {"aa": "D", "E": "D", "O": "D", "PP": "A", "FF": "A", "SS": "A"}),
    ],
)
def test_every_viseme_has_its_drawing_or_the_nearest_there_is(key, spoken):
    mouths = mouths_of_set(key)
    for viseme, drawing in spoken.items():
        shown = names(visemes((viseme, 20, 60, 0.9)), mouths)
        assert shown[int(40 / 50 * 24)] == drawing, viseme


def test_a_wide_jaw_takes_the_open_drawing_and_a_narrow_one_the_half_open():
    jaw = np.zeros(100)
    jaw[10:30], jaw[60:80] = 0.3, 0.1
    shown = names(visemes(("aa", 10, 30, 1.0), ("aa", 60, 80, 1.0), jawOpen=jaw), mouths_of_set("rhubarb"))
    assert shown[int(20 / 50 * 24)] == "D"
    assert shown[int(70 / 50 * 24)] == "C"
    jaw = np.where(np.arange(100) < 50, 0.25, 0.02)
    shown = names(visemes(("nn", 5, 95, 1.0), jawOpen=jaw), mouths_of_set("rhubarb"))
    assert shown[12] == "H" and shown[36] == "B"  # an l with the mouth open, an n with it shut


def test_a_closure_of_one_frame_is_shown_where_it_is_loudest_and_wins_over_its_neighbours():
    motion = visemes(("aa", 10, 40, 1.0), ("PP", 40, 42, 0.6), ("aa", 42, 80, 1.0))
    motion = motion.with_channels(["viseme_sil"], np.zeros((100, 1)))
    shown = names(motion, mouths_of_set("rhubarb"))
    peak = int(40 / 50 * 24 + 1e-6)
    assert shown[peak] == "A"
    assert lengths(shown[5:38]) == [peak - 5 - (shown[peak - 1] == "A"), 2, 38 - peak - 2 + (shown[peak - 1] == "A")]


def test_noise_does_not_flicker():
    rng = np.random.default_rng(1)
    values = np.zeros((300, len(VISEMES)), np.float32)
    values[:, VISEMES.index("viseme_aa")] = 0.5 + 0.2 * rng.standard_normal(300)
    values[:, VISEMES.index("viseme_E")] = 1 - values[:, VISEMES.index("viseme_aa")]
    motion = Motion(values.clip(0, 1), VISEMES, 50.0)
    louder = motion.at(np.arange(144) / 24).argmax(axis=1)
    assert 3 * len(lengths(names(motion, mouths_of_set("rhubarb")))) < len(lengths(louder))


@pytest.mark.parametrize("least", [1, 2, 3])
def test_the_path_is_the_cheapest_of_all(least):
    rng = np.random.default_rng(least)
    for _ in range(4):
        costs = rng.random((8, 3))
        every = [np.array(path) for path in itertools.product(range(3), repeat=8) if min(lengths(path)) >= least]
        price = [costs[np.arange(8), path].sum() + 0.2 * (len(lengths(path)) - 1) for path in every]
        np.testing.assert_array_equal(cheapest_path(costs, least, 0.2), every[int(np.argmin(price))])


def test_a_clip_shorter_than_the_hold_has_one_drawing():
    motion = visemes(("aa", 0, 3, 1.0), ("U", 3, 6, 1.0), frames=6)
    assert len(set(names(motion, mouths_of_set("rhubarb"), minimum=1.0))) == 1
    assert len(drawings.schedule(motion, mouths_of_set("rhubarb"), np.array([0.02]))) == 1


def test_a_motion_without_visemes_rests():
    motion = Motion(np.full((50, 1), 0.3), ("jawOpen",), 50.0)
    assert set(names(motion, mouths_of_set("rhubarb"))) == {"X"}


def test_drawings_are_told_by_lines_and_drive_controls():
    lines = (
        Line("viseme_aa", "2"),
        Line("viseme_PP", "1"),
        Line("viseme_sil", "1"),
        Line("jawOpen", "2", gain=0.7),
        Line("browInnerUp", "1"),  # no mouth
        Line("viseme_U", "3", use=False),
    )
    rig = SteppedRig(lines, {"frame": {"1": 1.0, "2": 2.0}, "hidden": {"2": 1.0}})
    assert [(mouth.name, mouth.opening) for mouth in rig.mouths] == [("2", 0.7), ("1", 0.0)]
    assert rig.controls == ("frame", "hidden")
    values = rig.values_at(visemes(("aa", 20, 60, 1.0)), np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]))
    np.testing.assert_array_equal(values[:, 0], [1, 1, 2, 2, 2, 1, 1])
    np.testing.assert_array_equal(values[:, 1], values[:, 0] - 1)
    np.testing.assert_array_equal(rig.retarget(visemes(("aa", 20, 60, 1.0)))[40], [2, 1])


def test_what_is_no_drawing_is_said():
    with pytest.raises(RigError, match="at least one drawing"):
        drawings.schedule(visemes(), (), np.zeros(1))
    with pytest.raises(RigError, match="drawing 'A' to stand for visemes such as viseme_aa"):
        Mouth("A", {"jawOpen": 1.0}, 0.0)
