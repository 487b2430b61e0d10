# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of shapes in every usual spelling, and which of them are driven."""

import re

import numpy as np
import pytest

from facewright.inference import Motion
from facewright.inference.core.channels import ARKIT, CHANNELS, VISEMES
from facewright.inference.core.errors import RigError
from facewright.inference.retarget.rig import MOUTH, Line, Rig, bone_lines, lines_for


def match(names):
    """Name to channel, of one mesh, lines at rest included."""
    (lines,) = lines_for([names])
    return {line.target: line.channel for line in lines}


def match_arkit(names):
    return {channel for channel in match(names).values() if channel in ARKIT}


def snake(name):
    return re.sub("([A-Z])", r"_\1", name).lower()


def sided(name, left, right, first=False):
    for side, text in (("Left", left), ("Right", right)):
        if name.endswith(side):
            stem = name.removesuffix(side)
            return text + stem if first else stem + text
    return name


SPELLINGS = {
    "ARKit": str,
    "Live Link Face": lambda n: n[0].upper() + n[1:],
    "snake": snake,
    "SNAKE": lambda n: snake(n).upper(),
    "kebab": lambda n: snake(n).replace("_", "-"),
    "Title Case": lambda n: snake(n).replace("_", " ").title(),
    "lower": str.lower,
    "_L _R": lambda n: sided(n, "_L", "_R"),
    "_l _r": lambda n: sided(n, "_l", "_r"),
    ".L .R": lambda n: sided(n, ".L", ".R"),
    "L R": lambda n: sided(n, "L", "R"),
    "_Left _Right": lambda n: sided(n, "_Left", "_Right"),
    "L_ R_": lambda n: sided(n, "L_", "R_", first=True),
    "leftX rightX": lambda n: sided(n, "left", "right", first=True),
    "ARKit_": lambda n: f"ARKit_{n}",
    "bs_": lambda n: f"bs_{n}",
    "Head.": lambda n: f"Head.{n}",
    "blendShape1.": lambda n: f"blendShape1.{sided(n, '_L', '_R')}",
    "namespaces": lambda n: f"Bob:Face:{n}",
    "A01_": lambda n: f"A{ARKIT.index(n) + 1:02d}_{snake(n).title()}",
    "two prefixes": lambda n: f"Head_ARKit.{sided(n, '_l', '_r')}",
    "the artist's own prefix": lambda n: f"Grandma2_{n}",
    "copied": lambda n: f"{n}.001",
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_arkit_shape_is_found_in_every_spelling(spell):
    names = [spell(channel) for channel in ARKIT]
    assert match(["Basis", *names]) == dict(zip(names, ARKIT, strict=True))


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.upper,
        lambda n: f"Head.{n}",
        lambda n: n.replace("viseme_", "Viseme"),
        lambda n: n.removeprefix("viseme_"),
    ],
)
def test_every_viseme_is_found(spell):
    names = [spell(channel) for channel in VISEMES]
    assert match(names) == dict(zip(names, VISEMES, strict=True))


def test_vrchat_names_of_visemes():
    short = ["sil", "pp", "ff", "th", "dd", "kk", "ch", "ss", "nn", "rr", "aa", "e", "ih", "oh", "ou"]
    assert tuple(match(f"vrc.v_{name}" for name in short).values()) == VISEMES


@pytest.mark.parametrize(
    "name",
    ["upperJawOpen", "jawOpen_mouthClose", "correctiveJawOpen", "jawOpening", "Basis", "E", "O", "", "口", "____"],
)
def test_what_only_looks_alike_is_left_alone(name):
    assert match([name]) == {}


def test_a_corrective_does_not_take_the_place_of_the_shape():
    names = ["jawOpen", "fix_jawOpen", "jawOpen.001", "JAW_OPEN", "jawLeft"]
    assert match(names) == {"jawOpen": "jawOpen", "jawLeft": "jawLeft"}


def test_a_middle_shape_given_as_two_halves_drives_both():
    names = [sided(channel, "_L", "_R") for channel in ARKIT if channel != "browInnerUp"]
    found = match([*names, "browInnerUp_L", "browInnerUp_R"])
    assert found["browInnerUp_L"] == found["browInnerUp_R"] == "browInnerUp"
    assert len(set(found.values())) == 52
    rig = Rig(lines_for([("browInnerUp_L", "browInnerUp_R")])[0])
    assert rig.retarget(Motion(np.array([[0.5]]), ("browInnerUp",), 30)).tolist() == [[0.5, 0.5]]


def test_visemes_rest_where_arkit_makes_the_mouth():
    rig = Rig(lines_for([(*ARKIT, *VISEMES)])[0])
    assert rig.channels == ARKIT


def test_visemes_make_the_mouth_where_arkit_has_little_of_it():
    rig = Rig(lines_for([("eyeBlinkLeft", "mouthSmileLeft", *VISEMES)])[0])
    assert set(rig.channels) == {"eyeBlinkLeft", *VISEMES}
    assert "mouthSmileLeft" in MOUTH


def test_teeth_with_visemes_below_an_arkit_face_move_too():
    _, teeth, both = map(Rig, lines_for([ARKIT, ("viseme_aa", "viseme_O"), ("jawOpen", "viseme_aa")]))
    assert teeth.controls == ("viseme_aa", "viseme_O")
    assert both.controls == ("jawOpen",)


def test_real_heads(shared):
    names = np.load(shared / "head_ict_facekit.npz")["shape_names"].tolist()
    assert set(ARKIT) - set(match_arkit(names)) == {"tongueOut"}  # ICT-FaceKit has none
    assert set(names) - set(match(names)) == {"PupilDilate_L", "PupilDilate_R"}
    off = {line.target for line in lines_for([names])[0] if not line.use}
    assert off == {"cheekRaiser_L", "cheekRaiser_R"}  # Apple's cheekSquint is cheekSquint there, too
    names = np.load(shared / "head_mpfb_arkit52_oculus15.npz")["shape_names"].tolist()
    assert match(names) == {name: name for name in names}


def test_retarget_reads_only_its_channels():
    values = np.random.default_rng(0).random((5, len(CHANNELS)))
    rig = Rig((Line("jawOpen", "open"), Line("tongueOut", "out")))
    expected = values[:, [CHANNELS.index("jawOpen"), CHANNELS.index("tongueOut")]]
    np.testing.assert_allclose(rig.retarget(Motion(values, CHANNELS, 25)), expected, rtol=1e-6)


def test_a_channel_the_motion_lacks_counts_as_nothing():
    rig = Rig((Line("jawOpen", "open"), Line("tongueOut", "out")))
    assert rig.retarget(Motion(np.array([[0.25]]), ("tongueOut",), 25)).tolist() == [[0.0, 0.25]]
    rig = Rig((Line("jawOpen", "open"),))
    assert rig.retarget(Motion(np.array([[0.25]]), ("tongueOut",), 25)).tolist() == [[0.0]]


def moved(values, **settings):
    """What one line makes of the values of its channel."""
    rig = Rig((Line("jawOpen", "open", **settings),))
    return rig.retarget(Motion(np.array(values)[:, None], ("jawOpen",), 25))[:, 0].tolist()


def test_a_line_has_gain_offset_and_limits():
    assert moved([0, 0.25, 1], gain=2, offset=-0.25, low=0, high=1) == [0, 0.25, 1]
    assert moved([0, 0.5, 1], gain=-1, low=-1, high=0) == [0, -0.5, -1]
    assert moved([0.5], offset=0.25, high=0.6) == pytest.approx([0.6])


def test_a_line_has_a_curve():
    assert moved([0, 0.25, 0.5, 1], curve="ease") == pytest.approx([0, 0.15625, 0.5, 1])
    assert moved([0, 0.25, 1], curve="power", power=0.5) == pytest.approx([0, 0.5, 1])
    assert moved([-0.5], curve="power", power=2, low=-1) == pytest.approx([-0.25])  # rotations keep their sign


def test_lines_of_one_target_add_up_within_its_limits():
    rig = Rig((Line("jawOpen", "mouth", 0.5), Line("tongueOut", "mouth", 0.8), Line("jawLeft", "mouth", use=False)))
    motion = Motion(np.array([[0.5, 0.5, 1], [1, 1, 1]]), ("jawOpen", "tongueOut", "jawLeft"), 25)
    assert rig.retarget(motion)[:, 0].tolist() == pytest.approx([0.65, 1.0])
    assert rig.channels == ("jawOpen", "tongueOut")


def test_locations_of_bones_are_in_lengths_of_the_jaw():
    bones = {"jaw_master": 0.1, "lips.L": 0.01, "lips.R": 0.01, "lip.T": 0.01, "lip.B": 0.01, "head": 0.2}
    lines = bone_lines(bones)
    gains = {(line.target, line.kind, line.channel): line.gain for line in lines}
    assert gains["jaw_master", "rotation_x", "jawOpen"] == 0.4
    assert gains["lips.L", "location_y", "mouthSmileLeft"] == pytest.approx(0.006)
    twice = bone_lines({name: 2 * length for name, length in bones.items()})
    assert {line.gain / half.gain for half, line in zip(lines, twice, strict=True)} == {1.0, 2.0}
    assert bone_lines({"head": 1.0, "neck": 1.0, "jaw": 1.0}) == ()


def test_bad_lines_are_refused():
    for settings, says in (
        ({"gain": np.nan}, "finite"),
        ({"low": 1, "high": 0}, "min below max"),
        ({"curve": "wavy"}, "linear, ease, power"),
        ({"power": 0}, "power above 0"),
        ({"kind": "a bone"}, "such as shape_key"),
        ({"target": ""}, "a channel and a target"),
    ):
        with pytest.raises(RigError, match=says):
            Line(**{"channel": "jawOpen", "target": "open", **settings})
