# SPDX-License-Identifier: GPL-3.0-or-later
"""Punch-in: the frames asked for are new, all others as they were; in the take and in what was baked."""

import bpy
import numpy as np
import pytest
from conftest import error_of, random_motion, value

from facewright.addon import character, keyframes, takes, worker_client
from facewright.addon.punch import joined
from facewright.inference.channels import CHANNELS


@pytest.fixture
def spoken_for(face, scene, speech):
    """A face with a take of its own."""
    bpy.ops.facewright.generate(filepath=str(speech), seed=3)
    return face


def motion_of(face):
    return takes.get(character.family_root(face)).motion


def test_joined_changes_only_what_lies_between():
    old, new = random_motion(200), random_motion(200, seed=2)
    mixed = joined(old, new, (1.0, 2.0), 0.2, False)
    times = old.times
    outside = (times <= 1.0) | (times >= 2.0)
    inside = (times >= 1.2) & (times <= 1.8)
    assert np.array_equal(mixed.values[outside], old.values[outside])
    np.testing.assert_allclose(mixed.values[inside], new.values[inside], atol=1e-6)
    pinned = joined(old, new, (1.0, 2.0), 0.2, True)
    np.testing.assert_allclose(pinned.values[50:90], new.values[50:90], atol=1e-6)
    short = random_motion(30, seed=2, start=1.2)
    assert np.array_equal(joined(old, short, (1.0, 3.0), 0.0, False).values[95:], old.values[95:])


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
    curves = {c.data_path: keyframes.read(c) for c in keyframes.fcurves_of(block)}
    assert bpy.ops.facewright.punch_in(first=20, last=60, blend=3, seed=9) == {"FINISHED"}
    moved = 0
    for curve in keyframes.fcurves_of(block):
        old, new = curves[curve.data_path], keyframes.read(curve)
        outside = (old["co"][:, 0] < 20) | (old["co"][:, 0] > 60)
        assert np.array_equal(new["co"][outside], old["co"][outside])
        moved += not np.array_equal(new["co"], old["co"])
    assert moved
    scene.frame_set(40)
    expected = motion_of(spoken_for).at([39 / 24])[0][CHANNELS.index("eyeLookDownLeft")]
    assert value(spoken_for, "eyeLookDownLeft") == pytest.approx(expected, abs=1e-5)
    assert bpy.ops.facewright.unbake() == {"FINISHED"}
    for curve in keyframes.fcurves_of(block):
        assert np.array_equal(keyframes.read(curve)["co"], curves[curve.data_path]["co"])


def test_frames_outside_the_take_are_refused(spoken_for, scene):
    assert "within the take, which lasts from 1 to" in error_of(bpy.ops.facewright.punch_in, first=5000, last=6000)
    assert "got 60 to 20" in error_of(bpy.ops.facewright.punch_in, first=60, last=20)


def test_without_a_take_there_is_nothing_to_punch_into(face, scene):
    assert "Generate one" in error_of(bpy.ops.facewright.punch_in, first=1, last=20)


@pytest.fixture
def tiny_worker(request, monkeypatch):
    """The worker process with a tiny model that has a policy in the place of the released one."""
    pytest.importorskip("onnx", reason="the tiny model is written with onnx")
    folder = request.getfixturevalue("tiny").card.folder
    code = (
        "import sys, pathlib\nfrom inference import predictor, worker\n"
        f"predictor.RELEASED, predictor.DEFAULT = pathlib.Path({str(folder.parent)!r}), {folder.name!r}\n"
        "sys.exit(worker.main())"
    )
    start = worker_client.subprocess.Popen
    monkeypatch.setattr(
        worker_client.subprocess, "Popen", lambda command, **given: start([command[0], "-s", "-c", code], **given)
    )
    worker_client.stop()
    yield
    worker_client.stop()


def test_a_policy_flows_out_of_what_was(face, scene, speech, tiny_worker):
    bpy.ops.facewright.generate(filepath=str(speech), seed=3)
    old = motion_of(face)
    assert bpy.ops.facewright.punch_in(first=30, last=80, blend=4, seed=9) == {"FINISHED"}
    new = motion_of(face)
    times = old.times
    outside = (times <= 29 / 24) | (times >= 79 / 24)
    assert np.array_equal(new.values[outside], old.values[outside])
    assert np.abs(new.values - old.values).max() > 0.1  # another seed is another take, all over the face
    channel = CHANNELS.index("jawOpen")
    first = int(np.argmax(times > 29 / 24))
    steps = np.abs(np.diff(new.values[:, channel]))
    assert steps[first - 1] <= np.abs(np.diff(old.values[:, channel])).max() + 0.05
    assert (
        np.abs(new.values - old.values)[first + 10, :52].max() > 0.01
    )  # not faded in: the policy's own from the start
