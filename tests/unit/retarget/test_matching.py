# SPDX-License-Identifier: GPL-3.0-or-later
"""Which convention a character follows, in strange spellings too; and that nothing is taken for what it is not."""

import random

import pytest
from scramble_names import LOOKALIKES, SCRAMBLES, mistyped, scramble

from facewright.inference.core.channels import ARKIT, VISEMES, mirrored
from facewright.inference.retarget.convention import SHAPE_KEY, conventions
from facewright.inference.retarget.matching import recognise
from facewright.inference.retarget.rig import lines_for

DRIVEN = {convention.key: convention for convention in conventions() if convention.targets}


def moved(names):
    """Name to its channels and gains, lines at rest included."""
    found = {}
    for line in lines_for([names])[0]:
        found.setdefault(line.target, {})[line.channel] = line.gain
    return found


@pytest.mark.parametrize("how", SCRAMBLES)
@pytest.mark.parametrize("key", DRIVEN)
def test_scrambled_names_are_never_matched_wrong_and_nearly_all_right(key, how):
    for missing in (0.0, 0.2):
        outcome = scramble(DRIVEN[key], how, missing, seed=1)
        assert outcome.wrong == ()
        if missing == 0.0 and key != "jaw_only":
            assert outcome.right >= (0.85 if how == "a third mistyped" else 0.98) * outcome.names


@pytest.mark.parametrize("seed", range(5))
def test_no_side_or_direction_is_ever_swapped(seed):
    """Every shape of one side is taken away, mistyped or not: none of the other side takes its place."""
    random_ = random.Random(seed)
    for names in (ARKIT, [target.name for target in DRIVEN["character_creator"].targets]):
        for pair in (("Left", "Right"), ("_L", "_R"), ("Up", "Down"), ("Upper", "Lower"), ("In", "Out")):
            for keep in pair:
                gone = pair[keep == pair[0]]
                spelled = {mistyped(name, random_): name for name in names if gone not in name}
                expected = moved(names)
                for name, channels in moved(list(spelled)).items():
                    assert channels == expected[spelled[name]], (name, spelled[name])


def test_look_alikes_alone_move_nothing():
    assert moved(LOOKALIKES) == {}


def test_misspelled_names_are_said_to_be_guessed():
    names = ["jawOpen", "mouthSmlieLeft", "mouthSmileRight", "eyeBlnkLeft", "eyeBlinkRight", "cheekPuf"]
    best = recognise(names)[0]
    assert set(best.guessed) == {"mouthSmlieLeft", "eyeBlnkLeft", "cheekPuf"}
    assert all(0.8 < ratio < 1 for ratio in best.guessed.values())
    assert best.unmatched == ()


def test_of_two_equally_near_names_neither_is_taken():
    assert "mouthPucke" not in moved(["jawOpen", "jawLeft", "mouthPucke", "mouthPuckr"])


def test_what_is_covered_and_missing_and_unmatched_is_told():
    best = recognise(["Basis", "wrinkles", *(name for name in ARKIT if name not in ("tongueOut", "jawLeft"))])[0]
    assert best.convention.key in ("arkit", "faceit")
    assert best.missing == ("jawLeft", "tongueOut")
    assert best.unmatched == ("Basis", "wrinkles")
    assert len(best.covered) == 50
    assert 0.9 < best.score < 1


def test_letters_mean_something_only_among_their_like():
    assert moved(["A", "B", "Open", "Wide", "E", "L"]) == {}
    assert set(moved(["A", "I", "U", "E", "O"])) == {"A", "I", "U", "E", "O"}
    assert recognise(list("ABCDEFGHX"))[0].convention.key == "rhubarb"
    assert recognise([name.removeprefix("viseme_") for name in VISEMES])[0].convention.key == "oculus"
    assert recognise(["AI", "E", "O", "U", "etc", "L", "WQ", "MBP", "FV", "rest"])[0].convention.key == "preston_blair"


def test_half_width_kana_are_the_same_names():
    found = moved(["あ", "い", "ｳｨﾝｸ２", "ｳｨﾝｸ２右", "ﾏﾊﾞﾀｷ"])
    assert found["ｳｨﾝｸ２"] == {"eyeBlinkLeft": 1.0}
    assert found["ｳｨﾝｸ２右"] == {"eyeBlinkRight": 1.0}
    assert "ﾏﾊﾞﾀｷ" not in found  # katakana: another word for the reader of names, though not for a reader


def test_what_moves_both_sides_rests_where_each_has_its_own():
    (lines,) = lines_for([["A", "I", "U", "E", "O", "Blink", "Blink_L", "Blink_R"]])
    assert {line.target for line in lines if not line.use} == {"Blink"}
    (lines,) = lines_for([["A", "I", "U", "E", "O", "Blink"]])
    assert {line.channel: line.gain for line in lines if line.target == "Blink"} == {
        "eyeBlinkLeft": 0.5,
        "eyeBlinkRight": 0.5,
    }


def test_tongues_move_with_either_kind_of_mouth():
    names = [target.name for target in DRIVEN["character_creator"].targets]
    (lines,) = lines_for([names])
    on = {line.target for line in lines if line.use}
    assert {"V_Tongue_up", "Jaw_Open", "Mouth_Smile_L"} <= on
    assert not {"V_Open", "V_Explosive", "V_Tight_O"} & on


def test_another_convention_fills_in_what_the_first_does_not_move():
    names = ["vrc.v_aa", "vrc.v_ih", "vrc.v_ou", "vrc.v_e", "vrc.v_oh", "vrc.v_pp", "eyeBlinkLeft", "eyeBlinkRight"]
    assert moved(names)["eyeBlinkLeft"] == {"eyeBlinkLeft": 1.0}
    assert moved([*names, "Blink"]).get("Blink") is None  # it would close the lids twice


def test_expression_components_are_recognised_and_not_driven_by_name():
    names = [f"Exp{number:03}" for number in range(50)]
    best = recognise(names)[0]
    assert (best.convention.key, best.convention.targets) == ("flame", ())
    assert "Expressions from FLAME File" in best.convention.note
    assert moved(names) == {}


def test_bones_are_recognised_by_their_exact_names():
    with_bones = [one for one in DRIVEN.values() if any(t.kind != SHAPE_KEY for t in one.targets)]
    for convention in with_bones:
        bones = list(dict.fromkeys(target.name for target in convention.targets if target.kind != SHAPE_KEY))
        assert recognise([], bones)[0].convention.key == convention.key
        assert recognise([], bones[: convention.together - 1]) == ()  # a body with a head is no face
    assert [convention.key for convention in with_bones] == ["rigify"]
    assert recognise([], [bone.upper() for bone in bones]) == ()


def test_mirrored_names_move_mirrored_channels():
    found = moved([target.name for target in DRIVEN["metahuman"].targets])
    for name, channels in found.items():
        if name.endswith("L") and not name.endswith(("UL", "DL", "LookLeftL", "LookRightL")):
            other = found[name[:-1] + "R"]
            assert {mirrored(channel) for channel in channels} == set(other), name
