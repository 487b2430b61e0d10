# SPDX-License-Identifier: GPL-3.0-or-later
"""Punch-in: the frames asked for are new, all others as they were; in the take and in what was baked."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, value

from facewright.addon.blender import actions, nla
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.addon.ui.takes.retake import free_rows
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def said(long_speech):
    """What the worker makes of the first seconds of speech."""
    line = Speech(str(long_speech), duration=4.0)
    return store.Take(animate(load_audio(long_speech, duration=4.0), fps=50.0, seed=3), line, 3, "CPU")


@pytest.fixture
def spoken_for(face, scene, said):
    """A face with a take of its own."""
    store.store(character.family_root(face), said)
    return face


def motion_of(face):
    return store.get(character.family_root(face)).motion


def test_frames_that_may_change_leave_the_motion_at_both_ends_as_it_is():
    old = random_motion(200)
    for first, last, begin, end in (
        (1.0, 2.0, 51, 100),
        (1.01, 1.99, 52, 99),
        (-1.0, 2.0, 0, 100),
        (1.0, 9.0, 51, 200),
    ):
        rows = free_rows(old, first, last)
        assert (rows.start, rows.stop) == (begin, end)


def test_punching_into_a_take(spoken_for, scene):
    old = motion_of(spoken_for)
    assert bpy.ops.facewright.punch_in(first=20, last=60, blend=3, seed=9) == {"FINISHED"}
    new = motion_of(spoken_for)
    times = old.times
    outside = (times <= 19 / 24) | (times >= 59 / 24)
    assert np.array_equal(new.values[outside], old.values[outside])
    assert not np.array_equal(new.values, old.values)  # blinks and gaze, at least, are others
    assert len(bpy.data.actions) == 0


def test_punching_into_a_bake_leaves_all_other_keys(spoken_for, scene):
    bpy.ops.facewright.bake()
    block = spoken_for.data.shape_keys
    curves = {c.data_path: actions.read(c) for c in actions.fcurves_of(block)}
    assert bpy.ops.facewright.punch_in(first=20, last=60, blend=3, seed=9) == {"FINISHED"}
    moved = 0
    for curve in actions.fcurves_of(block):
        old, new = curves[curve.data_path], actions.read(curve)
        outside = (old["co"][:, 0] < 20) | (old["co"][:, 0] > 60)
        assert np.array_equal(new["co"][outside], old["co"][outside])
        moved += not np.array_equal(new["co"], old["co"])
    assert moved
    scene.frame_set(40)
    expected = motion_of(spoken_for).at([39 / 24])[0][CHANNELS.index("eyeLookDownLeft")]
    assert value(spoken_for, "eyeLookDownLeft") == pytest.approx(expected, abs=1e-5)
    assert bpy.ops.facewright.unbake() == {"FINISHED"}
    for curve in actions.fcurves_of(block):
        assert np.array_equal(actions.read(curve)["co"], curves[curve.data_path]["co"])


def test_frames_outside_the_take_are_refused(spoken_for, scene):
    assert "within the take, which lasts from 1 to" in error_of(bpy.ops.facewright.punch_in, first=5000, last=6000)
    assert "got 60 to 20" in error_of(bpy.ops.facewright.punch_in, first=60, last=20)


def test_without_a_take_there_is_nothing_to_punch_into(face, scene):
    assert "Generate one" in error_of(bpy.ops.facewright.punch_in, first=1, last=20)


def test_the_policy_flows_out_of_what_was_and_into_it_again(spoken_for, scene):
    old = motion_of(spoken_for)
    assert bpy.ops.facewright.punch_in(first=30, last=78, seed=9) == {"FINISHED"}
    new = motion_of(spoken_for)
    times = old.times
    outside = (times <= 29 / 24) | (times >= 77 / 24)
    assert np.array_equal(new.values[outside], old.values[outside])
    inside = np.flatnonzero(~outside)
    moved = np.abs(new.values - old.values)
    assert moved[inside[0] + 10 : inside[-1] - 9, :61].max() > 0.05  # another seed: other brows, lids, eyes, head
    # but the same words at the same time; jaw and lips vary a little, as they do between takes
    for name, least in (("jawOpen", 0.85), ("mouthClose", 0.85), ("mouthPucker", 0.8)):
        a, b = (motion.channel(name)[outside.argmin() :][: len(inside)] for motion in (old, new))
        by_shift = {k: np.corrcoef(a[6:-6], np.roll(b, k)[6:-6])[0, 1] for k in range(-5, 6)}
        assert max(by_shift, key=by_shift.__getitem__) == 0 and by_shift[0] > least
    usual = np.abs(np.diff(old.values, axis=0)).max(axis=0)
    steps = np.abs(np.diff(new.values, axis=0))
    for seam in (inside[0], inside[-1]):
        assert (steps[seam - 3 : seam + 4].max(axis=0) <= 1.25 * usual + 0.02).all()


def test_the_bake_is_the_take_at_both_ends(spoken_for, scene):
    """Nothing is blended where the curves are as they were baked; where an artist changed them, it is."""
    bpy.ops.facewright.bake()
    bpy.ops.facewright.punch_in(first=30, last=78, seed=9)
    jaw = next(c for c in actions.fcurves_of(spoken_for.data.shape_keys) if "jawOpen" in c.data_path)
    said = motion_of(spoken_for).select(["jawOpen"]).at((np.arange(20, 90) - 1) / 24)[:, 0]
    np.testing.assert_allclose([jaw.evaluate(frame) for frame in range(20, 90)], said, atol=1e-5)
    for point in jaw.keyframe_points:
        if 70 <= point.co[0] <= 90:
            point.co[1] = 0.95
    jaw.update()
    bpy.ops.facewright.punch_in(first=20, last=80, blend=6, seed=4)
    jaw = next(c for c in actions.fcurves_of(spoken_for.data.shape_keys) if "jawOpen" in c.data_path)
    assert [jaw.evaluate(frame) for frame in range(70, 91)] == pytest.approx([0.95] * 21, abs=1e-6)
    assert jaw.evaluate(50) == pytest.approx(motion_of(spoken_for).select(["jawOpen"]).at([49 / 24])[0, 0], abs=1e-5)


def test_an_added_strip_is_punched_into_too(spoken_for, scene):
    bpy.ops.facewright.bake(into="ADDITIVE")
    block = spoken_for.data.shape_keys
    old = {c.data_path: actions.read(c)["co"] for c in nla.additive_home(block).existing_fcurves}
    assert bpy.ops.facewright.punch_in(first=30, last=78, seed=9) == {"FINISHED"}
    new = {c.data_path: actions.read(c)["co"] for c in nla.additive_home(block).existing_fcurves}
    for path, keys in old.items():
        outside = (keys[:, 0] <= 30) | (keys[:, 0] >= 78)
        np.testing.assert_allclose(new[path][outside], keys[outside], atol=1e-5)
    assert any(np.abs(new[path] - keys).max() > 0.02 for path, keys in old.items())


def test_too_few_frames_are_refused(spoken_for, scene):
    scene.render.fps = 120
    assert "Expected at least 0.06 s to make again" in error_of(bpy.ops.facewright.punch_in, first=20, last=22)


def test_punching_into_a_bake_is_one_undo_step(spoken_for, scene):
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facewright.bake("EXEC_DEFAULT", True) == {"FINISHED"}
    block = spoken_for.data.shape_keys
    baked = [actions.read(c).tobytes() for c in actions.fcurves_of(block)]
    assert bpy.ops.facewright.punch_in("EXEC_DEFAULT", True, first=20, last=60, seed=9) == {"FINISHED"}
    assert [actions.read(c).tobytes() for c in actions.fcurves_of(block)] != baked
    bpy.ops.ed.undo()
    block = bpy.data.objects["Bob face"].data.shape_keys
    assert [actions.read(c).tobytes() for c in actions.fcurves_of(block)] == baked
