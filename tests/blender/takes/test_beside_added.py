# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that were laid into the NLA, added, go on speaking whatever way the next line of the character is baked."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, held, shape_over

from facewright.addon.blender import nla

STARTS = (1, 120, 240)


@pytest.fixture
def three(face, line):
    """Three lines of a face, none baked; a function that bakes one."""
    for frame in STARTS:
        bpy.ops.facewright.generate(filepath=str(line), frame=frame)

    def bake(number, into):
        face.parent.facewright.line_index = number
        return bpy.ops.facewright.bake(into=into)

    return bake


@pytest.mark.parametrize("first", ["EXISTING", "ADDITIVE"])
def test_the_action_in_use_is_then_the_added_layer(face, scene, three, first):
    for number, into in enumerate((first, "ADDITIVE", "EXISTING")):
        assert three(number, into) == {"FINISHED"}
    for start in STARTS:
        assert np.ptp(shape_over(face, scene, range(start, start + 60))) > 0.05, start
    assert nla.additive_home(face.data.shape_keys) is not None


def test_a_new_action_that_would_hide_them_is_refused(face, three):
    three(0, "ADDITIVE")
    said = error_of(lambda: three(1, "NEW"))
    assert "would hide" in said and "NLA, Added" in said
    assert face.data.shape_keys.animation_data.action is None
    assert three(0, "NEW") == {"FINISHED"}


def test_each_part_goes_its_own_way(face, three):
    three(0, "ADDITIVE")
    keys, teeth = face.data.shape_keys, bpy.data.objects["Bob teeth"].data.shape_keys
    keys.key_blocks["jawOpen"].value = 0.4
    keys.key_blocks["jawOpen"].keyframe_insert("value", frame=200)  # an Action in use, over the added layer
    mine = keys.animation_data.action
    assert three(1, "EXISTING") == {"FINISHED"}
    assert keys.animation_data.action == mine and held(face)[200] == pytest.approx(0.4)
    assert STARTS[1] in held(face)
    assert teeth.animation_data.action is None and nla.additive_home(teeth) is not None
