# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges, the Action in use, added strips: a bake changes nothing else; locks and linked Actions."""

import bpy
import numpy as np
import pytest
from support.bakes import action_of, edit, hand_animate, snapshot
from support.characters import bake_it, curve, held, random_motion, top, value

from facewright.addon.bake import bake, edits, unbake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions, nla
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.motion import Motion


def test_a_range_changes_nothing_outside_it(face, who, scene, motion):
    bake_it(who, motion)
    before = held(face)
    report = bake_it(who, random_motion(200, seed=2), into="EXISTING", span=(30, 60), blend=4)
    after = held(face)
    assert report.frames == (30, 60)
    assert {f: v for f, v in before.items() if not 30 <= f <= 60} == {
        f: v for f, v in after.items() if not 30 <= f <= 60
    }
    assert after[30.0] == pytest.approx(before[30.0], abs=1e-6)
    assert after[60.0] == pytest.approx(before[60.0], abs=1e-6)
    expected = random_motion(200, seed=2).select(["jawOpen"]).at([44 / 24])[0, 0]
    assert after[45.0] == pytest.approx(expected, abs=1e-6)
    assert len(bpy.data.actions) == len({action_of(part.obj) for part in who.meshes})


def test_a_range_in_hand_animation_keeps_its_keys_and_its_shape_around(face, who, scene, motion):
    one = hand_animate(face)
    frames = np.arange(1, 120, 0.5)
    before = np.array([one.evaluate(f) for f in frames])
    keys = held(face)
    report = bake_it(who, motion, into="EXISTING", span=(50, 70), blend=5)
    assert report.replaced == 0
    after = np.array([curve(face).evaluate(f) for f in frames])
    outside = (frames <= 50) | (frames >= 70)
    np.testing.assert_allclose(after[outside], before[outside], atol=2e-4)
    assert np.abs(after[~outside] - before[~outside]).max() > 0.05
    assert keys.items() <= held(face).items()


def test_keys_that_were_replaced_are_counted(face, who, scene, motion):
    hand_animate(face)
    report = bake_it(who, motion, into="EXISTING", span=(30, 90))
    assert report.replaced == 2  # frames 40 and 80
    assert "Replaced 2 keys that you had set; Unbake brings them back." in str(report)
    unbake.unbake(who)
    assert list(held(face)) == [1.0, 40.0, 80.0, 120.0]


def test_a_range_outside_the_take_is_refused(who, motion):
    with pytest.raises(FacewrightError, match=r"from frame 1 to 97, got 200 to 300"):
        bake_it(who, motion, span=(200, 300))
    with pytest.raises(FacewrightError, match="Swap First and Last"):
        bake_it(who, motion, span=(30, 20))
    assert len(bpy.data.actions) == 0


def test_a_range_into_a_new_action_keeps_the_rest_and_the_old_one(face, who, motion):
    hand_animate(face)
    old = action_of(face)
    report = bake_it(who, motion, span=(50, 70), blend=0)
    assert action_of(face) != old
    assert old.use_fake_user
    assert {1.0, 40.0, 80.0, 120.0} <= set(held(face))
    assert report.previous == (f"'{old.name}' (kept with a fake user)",)


def test_an_added_strip_plays_on_top(face, who, scene, motion):
    hand_animate(face)
    scene.frame_set(40)
    standing = value(face, "jawOpen")
    assert standing > 0.5
    half = Motion(motion.values * 0.25, motion.channels, motion.fps)
    report = bake_it(who, half, into="ADDITIVE", blend=0)
    assert "as an added NLA strip" in str(report)
    scene.frame_set(40)
    expected = standing + half.at([39 / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-4)
    again = bake_it(who, half, into="ADDITIVE", blend=0)
    assert again.kept == 0
    tracks = face.data.shape_keys.animation_data.nla_tracks
    assert sorted(track.name for track in tracks) == ["Before facewright", "Facewright", "Facewright rest"]
    scene.frame_set(40)
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-4)


def test_an_added_strip_adds_to_what_stands_still(face, who, scene, motion):
    """What nothing animates stays where it was set by hand, and the strip is added to that."""
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    quarter = Motion(motion.values * 0.25, motion.channels, motion.fps)
    bake_it(who, quarter, into="ADDITIVE", blend=0)
    for frame in (20, 60):
        scene.frame_set(frame)
        at = quarter.at([(frame - 1) / 24])[0]
        assert value(face, "jawOpen") == pytest.approx(0.25 + at[CHANNELS.index("jawOpen")], abs=1e-4)
        assert value(face, "jawForward") == pytest.approx(at[CHANNELS.index("jawForward")], abs=1e-4)
    scene.frame_set(150)
    assert value(face, "jawOpen") == pytest.approx(0.25, abs=1e-4)
    assert value(face, "jawForward") == pytest.approx(0, abs=1e-4)
    unbake.unbake(who)
    assert len(bpy.data.actions) == 0
    assert value(face, "jawOpen") == 0.25


@pytest.mark.parametrize("start", [1, 10, -20, 10.5])
def test_an_added_strip_plays_where_the_sound_starts(face, who, scene, motion, start):
    bake_it(who, motion, frame=start, into="ADDITIVE", blend=0)
    strip = nla.additive_strip(face.data.shape_keys)
    begin, end = strip.action.frame_range
    assert (strip.frame_start, strip.frame_end) == pytest.approx((begin, end))
    assert (strip.action_frame_start, strip.action_frame_end) == pytest.approx((begin, end))
    for frame in (20, 60):
        scene.frame_set(frame)
        expected = motion.at([(frame - start) / 24])[0][CHANNELS.index("jawOpen")]
        assert value(face, "jawOpen") == pytest.approx(expected, abs=2e-2 if start % 1 else 1e-4)


def test_an_added_strip_is_laid_over_an_earlier_bake(face, who, scene, motion):
    half = Motion(motion.values * 0.5, motion.channels, motion.fps)
    bake_it(who, half)
    bake_it(who, half, into="ADDITIVE", blend=0)
    for frame in (20, 60):
        scene.frame_set(frame)
        assert value(face, "jawOpen") == pytest.approx(
            motion.at([(frame - 1) / 24])[0][CHANNELS.index("jawOpen")], abs=1e-4
        )
    below = next(t for t in face.data.shape_keys.animation_data.nla_tracks if t.name == nla.BEFORE).strips[0]
    assert (below.frame_start, below.frame_end) == pytest.approx(tuple(below.action.frame_range))


def test_a_shorter_take_leaves_nothing_of_the_longer_one(face, who, scene, motion):
    bake_it(who, motion)
    bake_it(who, random_motion(100, seed=2))
    assert max(held(face)) == 49 or max(held(face)) == 50


def test_locked_ranges_and_curves_are_left_alone(face, who, scene, motion):
    bake_it(who, motion)
    before, funnel = held(face), held(face, 'key_blocks["mouthFunnel"].value')
    scene.timeline_markers.new(edits.LOCK, frame=20)
    scene.timeline_markers.new(edits.UNLOCK.title(), frame=40)
    curve(face, 'key_blocks["mouthFunnel"].value').lock = True
    report = bake_it(who, random_motion(200, seed=2), blend=3)
    after = held(face)
    assert {f: v for f, v in before.items() if 20 <= f <= 40} == {f: v for f, v in after.items() if 20 <= f <= 40}
    assert after[60.0] != before[60.0]
    assert held(face, 'key_blocks["mouthFunnel"].value') == funnel
    assert curve(face, 'key_blocks["mouthFunnel"].value').lock
    assert (report.locked_curves, report.locked_ranges) == (1, 1)
    assert "Left 1 locked curve and 1 locked range alone." in str(report)


def test_a_lock_protects_hand_animation_that_was_never_baked(face, who, scene, motion):
    one = hand_animate(face)
    frames = np.arange(30, 90, 0.5)
    before = np.array([one.evaluate(f) for f in frames])
    scene.timeline_markers.new(edits.LOCK, frame=30)
    scene.timeline_markers.new(edits.UNLOCK, frame=90)
    bake_it(who, motion)
    after = np.array([curve(face).evaluate(f) for f in frames])
    np.testing.assert_allclose(after, before, atol=2e-4)
    assert held(face)[15.0] == pytest.approx(motion.select(["jawOpen"]).at([14 / 24])[0, 0], abs=1e-5)


@pytest.mark.parametrize("mode", [{}, {"span": (30, 60)}, {"into": "ADDITIVE"}], ids=["new", "range", "added"])
def test_a_linked_action_is_left_as_it_is(face, who, scene, motion, tmp_path, mode):
    """A character linked with its hand animation, overridden: what is baked is this file's own."""
    hand_animate(face)
    library = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Bob", "Bob face", "Bob teeth", "Bob tongue"]
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = bpy.data.objects["Bob face"]
    bpy.ops.facewright.mend(check="linked")
    face = bpy.context.view_layer.objects.active
    linked = action_of(face)
    assert linked.library is not None
    who = character.find(face, bpy.context.scene)
    with pytest.raises(FacewrightError, match=r"is linked and cannot be changed here\. Bake into a new Action"):
        bake_it(who, motion, into="EXISTING")
    report = bake_it(who, motion, **mode)
    assert linked.name in str(report.previous)
    bpy.context.scene.frame_set(40)
    assert value(face, "jawForward") == pytest.approx(motion.select(["jawForward"]).at([39 / 24])[0, 0], abs=1e-4)
    unbake.unbake(who)
    assert action_of(face) == linked
    bpy.context.scene.frame_set(40)
    assert value(face, "jawOpen") == pytest.approx(0.7, abs=1e-3)


def test_operators_take_arguments_and_are_one_undo_step(face, who, scene, talk):
    store.store(who.root, store.Take(talk, Speech("/nowhere/hello.wav", frame=1.0), 0, "CPU"))
    scene.facewright_bake.keys = "SPARSE"
    scene.facewright_bake.error = 0.2
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    assert bpy.ops.facewright.bake("EXEC_DEFAULT", True, interpolation="BEZIER") == {"FINISHED"}
    face = bpy.data.objects["Bob face"]
    assert len(held(face)) < 90
    assert curve(face).keyframe_points[0].interpolation == "BEZIER"
    assert bpy.ops.facewright.unbake("EXEC_DEFAULT", True) == {"FINISHED"}
    assert snapshot() == before
    bpy.ops.ed.undo()
    assert len(held(bpy.data.objects["Bob face"])) < 90
    bpy.ops.ed.undo()
    assert snapshot() == before


def test_a_failed_bake_into_the_action_in_use_leaves_it_as_it_was(face, who, scene, motion, monkeypatch):
    bake_it(who, motion)
    edit(face)
    before = snapshot()
    last = who.parts[-1]
    put = actions.replace_keys

    def full(home, place, keys, one):
        if home.block == last.block:
            raise MemoryError
        put(home, place, keys, one)

    monkeypatch.setattr(actions, "replace_keys", full)
    with pytest.raises(MemoryError):
        bake.bake_motion(scene, who, random_motion(90), frame=1.0, name="x", mode=Mode(into="EXISTING"))
    monkeypatch.undo()
    assert snapshot() == before


def test_the_whole_head_moves_after_a_range(face, who, scene, motion):
    """Blender evaluates what was written, on every mesh."""
    bake_it(who, motion, into="EXISTING", span=(1, 60), blend=0)
    scene.frame_set(30)
    at = motion.at([29 / 24])[0]
    for obj in (bpy.data.objects["Bob face"], bpy.data.objects["Bob teeth"]):
        expected = np.zeros(3)
        for number, block in enumerate(obj.data.shape_keys.key_blocks[1:]):
            expected[number % 3] += at[CHANNELS.index(block.name)]
        np.testing.assert_allclose(top(obj), expected, atol=1e-4)
