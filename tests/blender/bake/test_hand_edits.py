# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand edits: kept by every later bake until the artist says otherwise."""

import bpy
import numpy as np
import pytest
from support.bakes import edit
from support.characters import JAW, bake_it, held, random_motion

from facewright.addon.blender import nla
from facewright.addon.character import character
from facewright.inference.core.motion import Motion


def test_hand_edits_in_an_added_strip_survive(face, who, scene, motion):
    bake_it(who, motion, into="ADDITIVE")
    home = nla.additive_home(face.data.shape_keys)
    one = next(c for c in home.fcurves if c.data_path == JAW)
    one.keyframe_points[9].co.y = 0.77
    one.update()
    assert bake_it(who, random_motion(200, seed=2), into="ADDITIVE").kept == 1
    home = nla.additive_home(face.data.shape_keys)
    one = next(c for c in home.fcurves if c.data_path == JAW)
    assert one.evaluate(10) == pytest.approx(0.77)


@pytest.mark.parametrize("into", ["NEW", "EXISTING"])
@pytest.mark.parametrize("interpolation", ["LINEAR", "BEZIER"])
def test_hand_edits_survive_every_bake(face, who, scene, motion, into, interpolation):
    bake_it(who, motion, interpolation=interpolation)
    edit(face)
    for seed in (2, 3):
        report = bake_it(who, random_motion(200, seed=seed), into=into, interpolation=interpolation)
        now = held(face)
        assert now[10.0] == pytest.approx(0.77)
        assert 20.0 not in now
        assert 20.4 in now
        assert now[30.5] == pytest.approx(0.33)
        assert not {50.0, 51.0} & set(now)
        expected = random_motion(200, seed=seed).select(["jawOpen"]).at([5 / 24])[0, 0]
        assert now[6.0] == pytest.approx(expected, abs=1e-6)
        changed = 5 if interpolation == "LINEAR" else 7  # Blender bends the handles beside a key that is added
        assert (report.kept, report.kept_curves) == (changed, 1)
        assert f"Kept {changed} keys of yours on 1 curve." in str(report)


def test_nothing_touched_is_nothing_kept(face, who, scene, motion, talk):
    for mode in ({}, {"keys": "SPARSE", "interpolation": "BEZIER"}, {"interpolation": "BEZIER"}, {"keys": "SPARSE"}):
        for _ in range(2):
            report = bake_it(who, talk, **mode)
            assert report.kept == 0


def test_bakes_of_all_kinds_over_one_another_are_no_edits(face, who, scene, talk):
    few = {"keys": "SPARSE", "interpolation": "BEZIER"}
    part = {"into": "EXISTING", "span": (40, 61)}
    order = [
        few,
        part,
        {},
        few,
        part | few,
        part | few | {"span": (50, 90)},
        part | {"blend": 0},
        few | {"span": (20, 45)},
    ]
    for number, mode in enumerate(order + order[::-1]):
        take = Motion(np.clip(talk.values * (1 + 0.1 * number), 0, 1), talk.channels, talk.fps)
        assert bake_it(who, take, **mode).kept == 0, (number, mode)


def test_hand_edits_survive_save_and_load(face, who, scene, motion, tmp_path):
    bake_it(who, motion, keys="SPARSE", interpolation="BEZIER")
    edit(face)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    face = bpy.data.objects["Bob face"]
    report = bake_it(character.find(face, bpy.context.scene), random_motion(200, seed=2))
    assert report.kept >= 4
    assert held(face)[30.5] == pytest.approx(0.33)


def test_edits_go_when_told_so(face, who, scene, motion):
    bake_it(who, motion)
    edit(face)
    report = bake_it(who, motion, keep_edits=False)
    assert report.kept == 0
    assert list(held(face)) == list(range(1, 98))


def test_edits_in_the_action_in_use_go_when_told_so_and_are_counted(face, who, scene, motion):
    bake_it(who, motion)
    edit(face)
    report = bake_it(who, motion, keep_edits=False, into="EXISTING")
    assert report.replaced == 3  # one changed, one moved, one added
    assert list(held(face)) == list(range(1, 98))
