# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an artist deleted or rewrote baked keys, later bakes leave it so, whatever was baked in between."""

import bpy
import numpy as np
import pytest
from support.characters import bake_it, curve, held, random_motion

from facewright.addon.bake import unbake

pytestmark = pytest.mark.arithmetic

FEW = {"keys": "SPARSE", "interpolation": "BEZIER"}


def key_at(obj, frame):
    return next(key for key in curve(obj).keyframe_points if abs(key.co[0] - frame) < 1e-3)


def delete(obj, frame):
    curve(obj).keyframe_points.remove(key_at(obj, frame))
    curve(obj).update()


@pytest.mark.parametrize("into", ["NEW", "EXISTING", "ADDITIVE"])
@pytest.mark.parametrize("between", [{}, {"span": (5, 20)}, FEW], ids=["short", "range", "few"])
def test_a_deleted_key_stays_deleted_over_a_shorter_take(face, who, scene, into, between):
    bake_it(who, random_motion(200), into="NEW" if into == "ADDITIVE" else into)
    delete(face, 80)
    if into == "ADDITIVE":
        into = "NEW"
        bake_it(who, random_motion(100, seed=9), into="ADDITIVE")
        unbake.unbake(who)
    bake_it(who, random_motion(60, seed=2), into=into, **between)
    assert bake_it(who, random_motion(200, seed=3), into=into).kept == 1
    now = held(face)
    assert 80.0 not in now and {79.0, 81.0} <= set(now)


def test_a_moved_key_leaves_its_old_place_empty_over_a_shorter_take(face, who, scene):
    bake_it(who, random_motion(200))
    key_at(face, 80).co[0] = 80.4
    curve(face).update()
    bake_it(who, random_motion(60, seed=2))
    assert bake_it(who, random_motion(200, seed=3)).kept == 1
    now = held(face)
    assert 80.0 not in now and 80.4 in now


def test_a_hole_among_few_keys_neither_grows_nor_fills(face, who, scene, talk):
    bake_it(who, talk, **FEW)
    frames = sorted(held(face))
    middle = len(frames) // 2
    begin, gone, end = frames[middle - 1 : middle + 2]
    delete(face, gone)
    low, high = (begin + gone) / 2, (gone + end) / 2
    for seed, mode in enumerate(({}, FEW, {}, FEW, {})):
        values = np.clip(talk.values * (0.7 + 0.1 * seed), 0, 1)
        bake_it(who, type(talk)(values, talk.channels, talk.fps), **mode)
        now = sorted(held(face))
        assert not [frame for frame in now if low + 0.01 < frame < high - 0.01]
    around = [frame for frame in range(int(begin), int(end) + 1) if not low - 0.01 <= frame <= high + 0.01]
    assert set(around) <= set(now)


def test_holes_go_when_told_so_but_only_within_the_frames_baked(face, who, scene):
    bake_it(who, random_motion(200))
    for frame in (30, 80):
        delete(face, frame)
    key_at(face, 90).co[1] = 0.123
    bake_it(who, random_motion(200, seed=2), into="EXISTING", span=(20, 60), keep_edits=False)
    assert 30.0 in held(face)
    assert bake_it(who, random_motion(200, seed=3)).kept == 2
    now = held(face)
    assert 80.0 not in now and now[90.0] == pytest.approx(0.123)


@pytest.mark.parametrize("mode", [{}, {"interpolation": "BEZIER"}], ids=["linear", "bezier"])
@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("interpolation", "CONSTANT"),
        ("interpolation", "ELASTIC"),
        ("easing", "EASE_IN"),
        ("handle_left_type", "VECTOR"),
        ("handle_right_type", "FREE"),
    ],
)
def test_a_key_rewritten_in_another_way_is_the_artists(face, who, scene, mode, field, new):
    bake_it(who, random_motion(200), **mode)
    setattr(key_at(face, 40), field, new)
    value = key_at(face, 40).co[1]
    for seed in (2, 3):
        assert bake_it(who, random_motion(200, seed=seed), **mode).kept == 1
        assert key_at(face, 40).co[1] == pytest.approx(value)
        assert getattr(key_at(face, 40), field) == new


def test_keys_inserted_by_hand_on_linear_curves_leave_their_neighbours_alone(face, who, scene):
    bake_it(who, random_motion(200))
    block = face.data.shape_keys
    block.key_blocks["jawOpen"].value = 0.5
    block.keyframe_insert('key_blocks["jawOpen"].value', frame=40.5)
    bpy.context.view_layer.update()
    assert bake_it(who, random_motion(200, seed=2)).kept == 1
