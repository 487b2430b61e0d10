# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of one character that overlap, as poses in the NLA: what is baked of each counts, in any order."""

import bpy
import numpy as np
import pytest
from support.made_takes import MEETING, add_line

from facewright.addon.bake import influences
from facewright.addon.blender import actions

pytestmark = pytest.mark.arithmetic

EARLIER, LATER = 0, 1
LAID = {**MEETING, "apart": ((1, 2.0), (150, 2.0))}


@pytest.fixture(params=[*LAID.values()], ids=[*LAID])
def both(puppet, scene, request):
    """A puppet with two lines."""
    for number, where in enumerate(request.param):
        add_line(scene, puppet, number, *where)
    return puppet


def bake(puppet, number, **given):
    puppet.facewright.line_index = number
    assert bpy.ops.facewright.bake(into="STRIPS", **given) == {"FINISHED"}


def unbake(puppet, number):
    puppet.facewright.line_index = number
    assert bpy.ops.facewright.unbake() == {"FINISHED"}


def held(puppet):
    """The keys of all influences: frame -> value of each pose."""
    poses = sorted(influences.laid(puppet))
    return {pose: actions.read(influences.influence(puppet, pose))["co"] for pose in poses}


def alone(puppet, number):
    """The keys of a line that is baked alone."""
    bake(puppet, number)
    keys = held(puppet)
    unbake(puppet, number)
    assert not influences.laid(puppet)
    return keys


def assert_same(now, then):
    assert now.keys() == then.keys() and len(now) > 5
    for pose in now:
        np.testing.assert_allclose(now[pose], then[pose], atol=1e-5)


@pytest.mark.parametrize("baking", [(0, 1), (1, 0), (0, 1, 0), None], ids=["earlier", "later", "again", "together"])
@pytest.mark.parametrize("number", [EARLIER, LATER])
def test_where_one_is_taken_back_the_other_is_as_if_it_were_alone(both, number, baking, capsys):
    own = alone(both, 1 - number)
    for one in baking or ():
        bake(both, one)
    if baking is None:
        bake(both, EARLIER, lines="CHARACTER")
    capsys.readouterr()
    unbake(both, number)
    assert_same(held(both), own)
    for _ in range(3):
        if influences.laid(both):
            bpy.ops.facewright.unbake(last=True)
    assert not influences.laid(both)
    assert "your keys" not in capsys.readouterr().out
    assert both.animation_data is None  # nor a muted track


@pytest.mark.parametrize("number", [EARLIER, LATER])
@pytest.mark.parametrize("together", [False, True])
def test_where_one_moves_away_the_other_is_as_if_it_were_alone(both, number, together):
    own = alone(both, 1 - number)
    for one in (EARLIER, LATER):
        bake(both, one, **({"lines": "CHARACTER"} if together else {}))
    both.facewright.line_index = number
    both.facewright.frame = 400.0
    bake(both, number)
    now = held(both)
    assert_same({pose: co[co[:, 0] < 350] for pose, co in now.items()}, own)
    moved = np.concatenate([co[co[:, 0] >= 350] for co in now.values()])
    assert moved[:, 1].max() > 0.3
