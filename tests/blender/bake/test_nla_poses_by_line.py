# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses in the NLA of a character with several lines: each is taken back alone, in any order."""

from itertools import permutations

import bpy
import numpy as np
import pytest
from support.made_takes import add_line
from support.puppets import RHUBARB

from facewright.addon.bake import bake, influences, unbake
from facewright.addon.bake.mode import STRIPS, Mode
from facewright.addon.blender import actions
from facewright.addon.character import character
from facewright.addon.takes import lines

pytestmark = pytest.mark.arithmetic

BEGINS = (1, 150, 300)


def keys_of(puppet, begin):
    """The keys of all influences while a line is said."""
    found = {}
    for letter in RHUBARB:
        curve = influences.influence(puppet, letter)
        co = np.zeros((0, 2)) if curve is None else actions.read(curve)["co"]
        found[letter] = co[(co[:, 0] >= begin - 8) & (co[:, 0] <= begin + 60)]
    return found


@pytest.fixture
def who(puppet, scene):
    for number, frame in enumerate(BEGINS):
        add_line(scene, puppet, number, frame)
    return character.find(puppet, scene)


def bakes(scene, who, together):
    """All lines baked at once, or one after the other."""
    if together:
        bake.bake_lines(scene, who, Mode(into=STRIPS))
        return
    for line in list(lines.items(who.root)):
        lines.choose(who.root, line)
        bake.bake(scene, who, Mode(into=STRIPS))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(3)))[::2])
def test_each_line_goes_alone(puppet, scene, who, order, together):
    bakes(scene, who, together)
    before = [keys_of(puppet, begin) for begin in BEGINS]
    assert all(sum(map(len, one.values())) > 50 for one in before)
    edited = influences.influence(puppet, "D")
    place = next(n for n, point in enumerate(edited.keyframe_points) if point.co.x == BEGINS[order[2]] + 20)
    edited.keyframe_points[place].co.y = 0.777
    edited.update()
    left = [0, 1, 2]
    for number in order[:2]:
        unbake.unbake(who, lines.items(puppet)[number].key)
        left.remove(number)
        for one in range(3):
            now = keys_of(puppet, BEGINS[one])
            if one not in left:
                assert not sum(map(len, now.values()))
                continue
            for letter in RHUBARB:
                same = np.ones(len(now[letter]), bool)
                if one == order[2] and letter == "D":
                    same &= now[letter][:, 0] != BEGINS[one] + 20
                np.testing.assert_allclose(now[letter][same], before[one][letter][same], atol=1e-6)
    assert influences.influence(puppet, "D").evaluate(BEGINS[order[2]] + 20) == pytest.approx(0.777)
    unbake.unbake(who, lines.items(puppet)[order[2]].key)
    assert unbake.baked_home(puppet) is None
    assert not influences.laid(puppet)
    kept = [track for track in puppet.animation_data.nla_tracks if track.name == "Unbaked D"]
    assert kept and kept[0].strips[0].fcurves.find("influence").evaluate(BEGINS[order[2]] + 20) == pytest.approx(0.777)
    assert set(bpy.data.actions.keys()) >= {*RHUBARB}


def test_a_key_by_hand_where_a_line_is_baked_later_stays(puppet, scene, who):
    first, second, _ = lines.items(puppet)
    for line in (first, second):
        lines.choose(puppet, line)
        bake.bake(scene, who, Mode(into=STRIPS))
        curve = influences.influence(puppet, "D")
        if line == first:
            curve.keyframe_points.insert(BEGINS[1] + 20, 0.777, options={"FAST"})
            curve.update()
    assert influences.influence(puppet, "D").evaluate(BEGINS[1] + 20) == pytest.approx(0.777)
    unbake.unbake(who, second.key)
    assert influences.influence(puppet, "D").evaluate(BEGINS[1] + 20) == pytest.approx(0.777)
