# SPDX-License-Identifier: GPL-3.0-or-later
"""Unbake by line: what one line keyed goes, in any order, and what was there before comes back in the end."""

import bpy
import numpy as np
import pytest
from support.characters import curve, held
from support.made_takes import add_line

from facewright.addon.blender import actions

pytestmark = pytest.mark.arithmetic

BEGINS = (1, 150, 300)


def say(scene, face, number, frame):
    """A line of two seconds in which everything moves."""
    add_line(scene, face.parent, number, frame)
    assert bpy.ops.facewright.bake() == {"FINISHED"}


@pytest.fixture
def said(face, scene):
    """A character that says three lines, all of them baked; the first is active."""
    for number, frame in enumerate(BEGINS):
        say(scene, face, number, frame)
    return face.parent


def unbake(root, number):
    root.facewright.line_index = number
    assert bpy.ops.facewright.unbake() == {"FINISHED"}


def keyed(face):
    """Which of the three lines have keys."""
    found = [one for one in actions.fcurves_of(face.data.shape_keys) if one.data_path == 'key_blocks["jawOpen"].value']
    keys = set(held(face)) if found else set()
    return [all(float(frame) in keys for frame in range(begin, begin + 40)) for begin in BEGINS]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_each_line_goes_alone_and_at_the_end_nothing_is_left(face, said, order):
    left = [True, True, True]
    others = {number: {f: v for f, v in held(face).items() if b - 8 <= f <= b + 60} for number, b in enumerate(BEGINS)}
    for number in order:
        unbake(said, number)
        left[number] = False
        assert keyed(face) == left
        for one in (one for one in range(3) if left[one]):
            now = held(face)
            assert {frame: now[frame] for frame in others[one]} == others[one]
    assert face.data.shape_keys.animation_data is None and not bpy.data.actions


def test_a_line_that_was_taken_back_may_be_baked_again(face, said):
    before = held(face)
    unbake(said, 0)
    bpy.ops.facewright.bake()
    assert held(face) == pytest.approx(before, abs=1e-6)
    unbake(said, 2)
    unbake(said, 1)
    unbake(said, 0)
    assert not bpy.data.actions


def test_keys_by_hand_stay_when_their_line_goes(face, said):
    edited = curve(face)
    at = next(n for n, point in enumerate(edited.keyframe_points) if point.co.x == 20)
    edited.keyframe_points[at].co.y = 0.9
    edited.update()
    unbake(said, 0)
    now = held(face)
    assert now[20.0] == pytest.approx(0.9)
    assert sum(frame < 60 for frame in now) == 1


def test_what_was_animated_before_comes_back_in_the_end(face, scene):
    block = face.data.shape_keys.key_blocks["mouthFunnel"]
    for frame, value in ((-50, 0.2), (30, 0.4), (500, 0.1)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    before = held(face, 'key_blocks["mouthFunnel"].value')
    for number, frame in enumerate((1, 150)):
        say(scene, face, number, frame)
    unbake(face.parent, 0)
    unbake(face.parent, 1)
    assert held(face, 'key_blocks["mouthFunnel"].value') == before
    assert len(actions.fcurves_of(face.data.shape_keys)) == 1


def test_lines_that_were_baked_at_once_go_one_by_one(face, said, scene):
    for number in (2, 1, 0):
        unbake(said, number)
    bpy.ops.facewright.bake_scene()
    unbake(said, 1)
    assert keyed(face) == [True, False, True]
    unbake(said, 0)
    unbake(said, 2)
    assert not bpy.data.actions
    bpy.ops.facewright.bake_scene()
    assert bpy.ops.facewright.unbake(last=True) == {"FINISHED"}
    assert not bpy.data.actions and not np.any([one.value for one in face.data.shape_keys.key_blocks[1:]])
