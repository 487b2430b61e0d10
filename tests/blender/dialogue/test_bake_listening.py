# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening among lines in an Action: baked and taken back in any order, around the artist's keys, without holes."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.dialogue import bake, baked, baked_gaze, curves, keys, neck, say, seen, select, skin, turn, unbake

from facewright.addon.blender import actions, nla

LINE = range(44, 158)  # with the eases around it


@pytest.fixture
def talk(pair, scene):
    """Ann, who says a line and listens to Ben before and after it."""
    ann, ben = pair
    say(scene, ann, 50, 4.0)
    say(scene, ben, 165, 3.0)
    ann.facewright.partner = ben
    select(ann)
    return ann


def flat(found):
    return np.array([value for place in sorted(found) for _, value in sorted(found[place].items())])


def at_frames(root):
    return {frame for found in keys(root).values() for frame in found}


def test_line_and_listening_give_the_same_in_any_order(talk, scene):
    assert bpy.ops.facewright.bake_scene() == {"FINISHED"}
    together = keys(talk)
    assert at_frames(talk) == set(map(float, range(1, 251)))
    unbake(talk, last=True)
    for first in (False, True):
        bake(talk, listening=first)
        mine = set(map(float, LINE))
        assert at_frames(talk) == (set(map(float, range(1, 251))) - mine if first else mine)
        bake(talk, listening=not first)
        assert keys(talk).keys() == together.keys()
        np.testing.assert_allclose(flat(keys(talk)), flat(together), atol=1e-5)
        unbake(talk)
        unbake(talk, listening=True)
        assert not curves(talk)


@pytest.mark.parametrize("baking", [(False, True), (True, False)])
@pytest.mark.parametrize("taking", [(False, True), (True, False)])
def test_each_goes_alone_and_leaves_the_other_as_it_is(talk, baking, taking):
    for listening in baking:
        bake(talk, listening=listening)
    before, mine = keys(talk), set(map(float, LINE))
    unbake(talk, listening=taking[0])
    left = keys(talk)
    for place, found in before.items():
        stays = {frame: value for frame, value in found.items() if (frame in mine) == taking[0]}
        assert left[place] == pytest.approx(stays, abs=1e-5)
    unbake(talk, listening=taking[1])
    assert not curves(talk) and not bpy.data.actions


def test_a_line_that_moved_leaves_no_hole_and_nothing_twice(talk, scene):
    bpy.ops.facewright.bake_scene()
    talk.facewright.frame = 75.0
    select(talk)
    bake(talk)
    assert at_frames(talk) == set(map(float, range(1, 251)))
    moved = keys(talk)
    bpy.ops.facewright.bake_scene()
    np.testing.assert_allclose(flat(moved), flat(keys(talk)), atol=1e-5)
    jaw = baked(talk, "jawOpen", np.arange(1, 251))
    assert not jaw[:66].any() and jaw[80:170].max() > 0.5 and not jaw[186:].any()
    unbake(talk)
    assert not baked(talk, "jawOpen", np.arange(1, 251)).any()
    for _ in range(3):  # it was baked that often
        unbake(talk, listening=True)
    assert not curves(talk)


@pytest.mark.parametrize(("frame", "to"), [(1, 60), (-20, 40), (220, 150)])
def test_a_line_that_moved_from_an_end_of_the_shot_leaves_no_open_mouth_there(pair, scene, frame, to):
    ann, ben = pair
    say(scene, ann, frame, 2.0)
    ann.facewright.partner = ben
    select(ann)
    bpy.ops.facewright.bake_scene()
    ann.facewright.frame = float(to)
    bake(ann)
    jaw = dict(zip(range(-60, 320), baked(ann, "jawOpen", np.arange(-60, 320)), strict=True))
    assert max(jaw.values()) > 0.5
    assert not any(value for at, value in jaw.items() if not to - 7 < at < to + 58)
    assert at_frames(ann) >= set(map(float, range(1, 251)))


def test_listening_that_is_not_baked_takes_no_line_back(talk):
    bpy.ops.facewright.bake_scene()
    unbake(talk, listening=True)
    before = keys(talk)
    assert before and "not baked" in error_of(bpy.ops.facewright.unbake, listening=True)
    assert keys(talk) == before


def test_a_line_alone_touches_only_its_own_frames(talk):
    bake(talk, listening=True)
    before = keys(talk)
    bake(talk)
    for place, found in keys(talk).items():
        assert {frame: value for frame, value in found.items() if frame not in LINE} == before[place]


def test_listening_is_baked_anew_as_the_partner_moves_and_stays_where_it_is_locked(talk, pair):
    bpy.ops.facewright.bake_scene()
    before = turn(talk, 2, range(1, 251))
    pair[1].location.x = -0.2
    pair[1].location.y = -0.6
    talk.facewright.listening_lock = True
    assert "locked" in error_of(bpy.ops.facewright.bake, listening=True)
    assert "locked" in error_of(bpy.ops.facewright.unbake, listening=True)
    np.testing.assert_array_equal(turn(talk, 2, range(1, 251)), before)
    talk.facewright.listening_lock = False
    bpy.ops.facewright.bake_scene()
    now = turn(talk, 2, range(1, 251))
    assert np.abs(now - before).min() > 5 and np.abs(np.diff(now)).max() < 1.5


@pytest.mark.parametrize("listening", [True, False])
def test_what_is_baked_alone_joins_what_was_baked_before_the_partner_moved(talk, pair, listening):
    bpy.ops.facewright.bake_scene()
    pair[1].location = (-0.2, -0.6, 0)
    bake(talk, listening=listening)
    turned = turn(talk, 2, range(1, 251))
    assert np.ptp(turned) > 30
    assert np.abs(np.diff(turned)).max() < 0.3 * np.ptp(turned)  # in a quarter of a second, not in one frame


def test_a_line_begins_and_ends_in_keys_by_hand_where_no_listening_is_baked(talk):
    smile = skin(talk).data.shape_keys.key_blocks["mouthSmileLeft"]
    for frame in (20, 200):
        smile.value = 0.6
        smile.keyframe_insert("value", frame=frame)
    bake(talk)
    found = baked(talk, "mouthSmileLeft", np.arange(1, 251))
    assert found[[19, 42, 43, 156, 157, 199]] == pytest.approx(0.6, abs=0.02) and found[70:130].max() < 0.1


def test_keys_by_hand_stay(talk):
    bpy.ops.facewright.bake_scene()
    block = skin(talk).data.shape_keys
    smile = next(c for c in actions.fcurves_of(block) if c.data_path == 'key_blocks["mouthSmileLeft"].value')
    at = {20.0: 0.6, 80.0: 0.7, 200.0: 0.8}
    for frame, value in at.items():
        next(point for point in smile.keyframe_points if point.co.x == frame).co.y = value
    smile.update()
    place = (block.name, smile.data_path, 0)
    bpy.ops.facewright.bake_scene()
    assert {frame: keys(talk)[place][frame] for frame in at} == pytest.approx(at, abs=1e-6)
    unbake(talk, listening=True)
    left = keys(talk)[place]
    assert left[20.0] == pytest.approx(0.6, abs=1e-6) and left[80.0] == pytest.approx(0.7, abs=1e-6)


def test_it_outlives_save_and_open(talk, tmp_path):
    bpy.ops.facewright.bake_scene()
    before = keys(talk)
    path = str(tmp_path / "talk.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    ann = bpy.data.objects["Ann"]
    select(ann)
    assert ann.facewright.partner == bpy.data.objects["Ben"]
    bpy.ops.facewright.bake_scene()
    np.testing.assert_allclose(flat(keys(ann)), flat(before), atol=1e-5)
    unbake(ann, listening=True)
    assert at_frames(ann) == set(map(float, LINE))


@pytest.mark.parametrize("mode", [{"into": "ADDITIVE"}, {"keys": "SPARSE", "interpolation": "BEZIER"}])
def test_two_who_talk_to_each_other_in_other_ways_to_bake(talk, pair, scene, mode):
    pair[1].facewright.partner = talk
    bpy.ops.facewright.bake_scene()
    frames = range(8, 243, 5)
    dense = [baked_gaze(one, frames) for one in pair]
    for one in pair:
        unbake(one, last=True)
    bpy.ops.facewright.bake_scene(**mode)
    for one, gaze in zip(pair, dense, strict=True):
        added = nla.additive_home(neck(one)) is not None
        assert added == (mode.get("into") == "ADDITIVE")
        now = []
        for frame in frames:
            scene.frame_set(frame)
            now.append(seen(one))
        np.testing.assert_allclose(now, gaze, atol=0.05 if added else 1.5)
        assert np.ptp(gaze[:, 0]) > 10
        select(one)
        unbake(one, listening=True)
        unbake(one)
        assert not curves(one) and nla.additive_home(neck(one)) is None
