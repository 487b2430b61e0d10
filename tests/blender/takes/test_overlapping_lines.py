# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of one character that overlap or touch: what is baked of each counts, in any order of bakes and unbakes."""

import bpy
import numpy as np
import pytest
from support.characters import curve, held
from support.made_takes import MEETING, add_line

from facewright.addon.blender import actions, nla

pytestmark = pytest.mark.arithmetic

EARLIER, LATER = 0, 1


@pytest.fixture(params=[*MEETING.values()], ids=[*MEETING])
def both(face, scene, request):
    """A character with two lines that meet, and what each keys alone."""
    root = face.parent
    for number, where in enumerate(request.param):
        add_line(scene, root, number, *where)
    return root


def bake(root, number, **given):
    root.facewright.line_index = number
    assert bpy.ops.facewright.bake(**given) == {"FINISHED"}


def unbake(root, number):
    root.facewright.line_index = number
    assert bpy.ops.facewright.unbake() == {"FINISHED"}


def alone(root, face, number, **given):
    """The keys of a line that is baked alone."""
    bake(root, number, **given)
    keys = held(face)
    unbake(root, number)
    assert not bpy.data.actions
    return keys


@pytest.mark.parametrize("number", [EARLIER, LATER])
def test_a_line_that_is_baked_alone_comes_out_of_rest_and_goes_back_to_it(both, face, number):
    keys = alone(both, face, number)
    frames = sorted(keys)
    assert keys[frames[0]] == keys[frames[-1]] == 0 and max(keys.values()) > 0.3
    for _ in range(2):  # the second time in its own place
        bake(both, number)
        assert held(face) == keys


@pytest.mark.parametrize("given", [{}, {"keys": "SPARSE", "interpolation": "BEZIER"}], ids=["every frame", "few"])
@pytest.mark.parametrize("baking", [(0, 1), (1, 0), (0, 1, 0), None], ids=["earlier", "later", "again", "together"])
@pytest.mark.parametrize("number", [EARLIER, LATER])
def test_where_one_is_taken_back_the_other_is_as_if_it_were_alone(both, face, number, baking, given):
    stays = 1 - number
    own = alone(both, face, stays, **given)
    for one in baking or ():
        bake(both, one, **given)
    if baking is None:
        bake(both, stays, lines="CHARACTER", **given)
    unbake(both, number)
    if baking is not None and number == baking[-1] and baking.count(number) > 1:
        unbake(both, number)  # of a line that was baked twice in a row the first bake
    now = held(face)
    if given:
        baked = curve(face)
        at = np.arange(min(own), max(own) + 1)
        seen = np.array([baked.evaluate(frame) for frame in at])
        bake(both, stays, **given)
        np.testing.assert_allclose(seen, [curve(face).evaluate(frame) for frame in at], atol=0.02)
    else:
        assert now == pytest.approx(own, abs=1e-6)
        bake(both, stays)
        assert held(face) == pytest.approx(own, abs=1e-6)
    for _ in range(4):
        if face.data.shape_keys.animation_data is not None:
            bpy.ops.facewright.unbake(last=True)
    assert not bpy.data.actions


@pytest.mark.parametrize("number", [EARLIER, LATER])
@pytest.mark.parametrize("together", [False, True])
def test_where_one_moves_away_the_other_is_as_if_it_were_alone(both, face, number, together):
    own = alone(both, face, 1 - number)
    for one in (EARLIER, LATER):
        bake(both, one, **({"lines": "CHARACTER"} if together else {}))
    both.facewright.line_index = number
    both.facewright.frame = 400.0
    bake(both, number)
    now = held(face)
    assert {frame: now[frame] for frame in now if frame < 350} == pytest.approx(own, abs=1e-6)
    moved = {frame: value for frame, value in now.items() if frame >= 350}
    assert moved[min(moved)] == moved[max(moved)] == 0 and max(moved.values()) > 0.3


def test_baked_keys_are_not_taken_for_keys_by_hand(both, face, capsys):
    bake(both, LATER)
    bake(both, EARLIER)
    bake(both, EARLIER, lines="CHARACTER")
    unbake(both, EARLIER)
    assert bpy.ops.facewright.unbake(last=True) == {"FINISHED"}
    both.facewright.line_index = LATER
    both.facewright.frame = 400.0
    capsys.readouterr()
    bake(both, EARLIER, lines="CHARACTER")
    assert "Kept" not in capsys.readouterr().out
    baked = curve(face)
    assert [baked.evaluate(frame) for frame in (-50, 300, 350, 600)] == [0] * 4


def test_keys_by_hand_and_deleted_ones_stay_where_two_lines_met(both, face):
    bake(both, EARLIER, lines="CHARACTER")
    edited, frames = curve(face), set(held(face))
    point = next(one for one in edited.keyframe_points if one.co.x == 55)
    point.co.y = 0.91
    edited.keyframe_points.remove(next(one for one in edited.keyframe_points if one.co.x == 58))
    edited.update()
    unbake(both, LATER)
    now = held(face)
    assert now[55.0] == pytest.approx(0.91) and 58.0 not in now and set(now) < frames
    bake(both, EARLIER)
    assert held(face) == now


def test_a_line_that_is_baked_over_all_of_another_keeps_it(face, scene):
    root = face.parent
    add_line(scene, root, 0, 1, 4.0)
    add_line(scene, root, 1, 40, 1.0)
    bake(root, LATER)
    bake(root, EARLIER)
    before = held(face)
    bake(root, EARLIER)
    bake(root, LATER)
    bake(root, EARLIER, lines="CHARACTER")
    assert held(face) == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("into", ["EXISTING", "NEW", "ADDITIVE"])
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0)])
def test_a_line_that_was_taken_back_does_not_come_back_with_an_action_of_before(face, scene, into, order):
    root = face.parent
    for number in range(3):
        add_line(scene, root, number, 1 + 150 * number, 2.0)
        bake(root, number, into=into)
    left = {0, 1, 2}
    for number in order:
        unbake(root, number)
        left.remove(number)
        block = face.data.shape_keys
        home = actions.slot_in_use(block) or nla.additive_home(block)
        found = [actions.read(one)["co"][:, 0] for one in home.existing_fcurves] if home else []
        assert {(round(frame) + 20) // 150 for frame in np.concatenate([*found, []]).tolist()} == left
    assert face.data.shape_keys.animation_data is None
