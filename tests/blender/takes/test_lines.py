# SPDX-License-Identifier: GPL-3.0-or-later
"""Several lines of a character in one shot: each keeps its takes, its sound, its keys and its hand edits."""

import shutil

import bpy
import numpy as np
import pytest
from support.characters import curve, error_of, held, shape_over

from facewright.addon.blender import sequencer
from facewright.addon.takes import lines, store

SECOND = 200


@pytest.fixture
def other(line, tmp_path):
    """A second sound."""
    return shutil.copy(line, tmp_path / "other.wav")


@pytest.fixture
def root(face):
    return face.parent


def say(path, frame, **given):
    bpy.ops.facewright.generate(filepath=str(path), frame=frame, **given)


def spoken(root):
    """The names and starts of a character's lines."""
    return [(one.name, one.frame) for one in lines.items(root)]


def heard_at(scene, frames):
    """Whether the sounds of the Sequencer begin at these frames; a Blender that was built without sound has none."""
    strips = sequencer.sound_strips(scene)
    return not strips or sorted(sequencer.extent(strip)[0] for strip in strips) == frames


@pytest.mark.parametrize("into", ["EXISTING", "NEW", "ADDITIVE"])
def test_a_second_line_leaves_the_first_as_it_is(face, root, scene, line, other, into):
    say(line, 1)
    bpy.ops.facewright.bake(into=into)
    frames = np.arange(1, 100)
    first = shape_over(face, scene, frames)
    assert np.ptp(first) > 0.05
    say(other, SECOND, seed=3)
    bpy.ops.facewright.bake(into=into)
    assert spoken(root) == [("line", 1.0), ("other", 200.0)]
    assert heard_at(scene, [1, 200])
    assert np.allclose(shape_over(face, scene, frames), first, atol=1e-5)
    assert np.ptp(shape_over(face, scene, SECOND + frames)) > 0.05


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0, 1, 0, 2)])
def test_lines_may_be_baked_in_any_order(face, root, scene, line, order):
    begins = (1, 120, 260)
    for frame in begins:
        say(line, frame, seed=frame)
    for number in order:
        root.facewright.line_index = number
        bpy.ops.facewright.bake()
    keys = held(face)
    for frame in begins:
        assert {float(one) for one in range(frame, frame + 40)} <= set(keys)
    baked = curve(face)
    assert all(baked.evaluate(frame) == pytest.approx(0, abs=1e-6) for frame in (-30, 110, 250, 500))


def test_hand_edits_of_a_line_outlive_bakes_of_others(face, root, scene, line, other):
    say(line, 1)
    bpy.ops.facewright.bake()
    edited = curve(face)
    edited.keyframe_points[40].co.y = 0.9
    edited.update()
    at = edited.keyframe_points[40].co.x
    say(other, SECOND)
    bpy.ops.facewright.bake()
    assert held(face)[at] == pytest.approx(0.9)
    root.facewright.line_index = 0
    bpy.ops.facewright.bake()
    assert held(face)[at] == pytest.approx(0.9)


def test_no_frame_around_a_line_holds_an_open_mouth(face, root, scene, line):
    say(line, 100)
    take = store.get(root)
    bpy.ops.facewright.bake()
    first, last = 100 - 0.4 * 24, 100 + (take.motion.end + 0.4) * 24
    outside = np.concatenate([np.arange(1, int(first)), np.arange(int(last) + 1, int(last) + 60)])
    for name in ("jawOpen", "mouthFunnel", "browInnerUp", "eyeBlinkLeft"):
        assert not shape_over(face, scene, outside, name).any(), name


def test_the_preview_shows_every_line_where_it_lies(face, root, scene, line, other):
    say(line, 1)
    before = shape_over(face, scene, np.arange(1, 60))
    say(other, SECOND, seed=3)
    assert np.array_equal(shape_over(face, scene, np.arange(1, 60)), before)
    previewed = shape_over(face, scene, np.arange(SECOND - 8, SECOND + 60))
    bpy.ops.facewright.bake()
    assert np.allclose(shape_over(face, scene, np.arange(SECOND - 8, SECOND + 60)), previewed, atol=1e-5)


def test_a_line_that_is_chosen_brings_its_speech_takes_and_seed(root, scene, line, other):
    say(line, 1, seed=4, count=2)
    say(other, SECOND, seed=9)
    settings = root.facewright
    assert (settings.filepath, settings.frame, settings.seed) == (str(other), 200.0, 9)
    settings.line_index = 0
    assert (settings.filepath, settings.frame, settings.seed) == (str(line), 1.0, 4)
    assert store.get(root).seed == 4
    settings.take_index = 1
    settings.line_index = 1
    assert store.get(root).seed == 9
    settings.line_index = 0
    assert store.get(root).seed == 5, "the take that was chosen for the line"
    settings.frame = 20.0
    assert spoken(root) == [("line", 20.0), ("other", 200.0)]
    assert heard_at(scene, [20, 200])


def test_a_line_that_moved_takes_its_keys_along_and_no_others(face, root, scene, line):
    say(line, 1)
    bpy.ops.facewright.bake()
    say(line, 150, seed=2)
    bpy.ops.facewright.bake()
    second = {frame: y for frame, y in held(face).items() if frame >= 140}
    root.facewright.line_index = 0
    root.facewright.frame = 400.0
    bpy.ops.facewright.bake()
    keys = held(face)
    assert not any(frame < 140 for frame in keys)
    assert {frame: y for frame, y in keys.items() if 140 <= frame < 390} == pytest.approx(second)


def test_lines_that_overlap_are_said_and_the_later_takes_over(face, root, scene, line, other):
    say(line, 1)
    end = 1 + store.get(root).motion.end * 24
    begin = int(end) - 12
    say(other, begin, seed=2)
    assert any(f"begins at frame {begin}" in text for text in lines.overlapping(scene, root))
    for number in (0, 1):
        root.facewright.line_index = number
        bpy.ops.facewright.bake()
    once = held(face)
    root.facewright.line_index = 0
    bpy.ops.facewright.bake()
    assert held(face) == pytest.approx(once, abs=1e-5), "the order of bakes is of no account"


def test_a_locked_line_is_left_alone(face, root, scene, line):
    say(line, 1)
    lines.items(root)[0].lock = True
    assert "locked" in error_of(bpy.ops.facewright.generate, filepath=str(line), frame=1.0, seed=5)
    assert "locked" in error_of(bpy.ops.facewright.bake)
    assert len(store.items(root)) == 1 and face.data.shape_keys.animation_data is None


def test_a_removed_line_takes_its_takes_and_sound_with_it(root, scene, line, other):
    say(line, 1)
    say(other, SECOND)
    assert bpy.ops.facewright.line_remove() == {"FINISHED"}
    assert spoken(root) == [("line", 1.0)] and len(store.items(root)) == 1
    assert heard_at(scene, [1])
    assert store.get(root).speech.path == str(line)


def test_lines_outlive_save_and_open(root, scene, line, other, tmp_path):
    say(line, 1)
    say(other, SECOND)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert spoken(bpy.data.objects["Bob"]) == [("line", 1.0), ("other", 200.0)]
