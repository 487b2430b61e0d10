# SPDX-License-Identifier: GPL-3.0-or-later
"""Few keys, ranges, the Action in use, added strips; hand edits, locks and Unbake: in Blender's own curves."""

from dataclasses import replace

import bpy
import numpy as np
import pytest
from support.characters import JAW, bake_it, curve, held, random_motion, top, value

from facewright.addon.bake import bake, edits, unbake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.motion import Motion
from facewright.inference.lips.contacts import LOST, lip_contacts, lip_opening
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def talk(speech):
    return animate(load_audio(speech), fps=50.0)


def action_of(obj):
    return obj.data.shape_keys.animation_data.action


def hand_animate(obj, frames=(1, 40, 80, 120), shape="jawOpen"):
    """Bezier keys as an artist sets them."""
    block = obj.data.shape_keys.key_blocks[shape]
    for number, frame in enumerate(frames):
        block.value = 0.2 + 0.5 * (number % 2)
        block.keyframe_insert("value", frame=frame)
    return curve(obj, f'key_blocks["{shape}"].value')


def snapshot():
    """Everything that Unbake has to bring back."""
    state = []
    for key in bpy.data.shape_keys:
        data = key.animation_data
        state.append((key.name, {block.name: block.value for block in key.key_blocks}))
        if data is not None:
            slot = data.action_slot.identifier if actions.SLOTTED and data.action_slot else ""
            tracks = [(t.name, [(s.name, s.action.name) for s in t.strips]) for t in data.nla_tracks]
            state.append((data.action.name if data.action else "", slot, tracks))
            state += [(c.data_path, c.lock, actions.read(c).tobytes()) for c in actions.fcurves_of(key)]
    return state, sorted((a.name, a.use_fake_user) for a in bpy.data.actions)


# Few keys


@pytest.mark.parametrize("interpolation", ["BEZIER", "LINEAR"])
@pytest.mark.parametrize("fps", [24, 30])
def test_few_keys_stay_within_the_error_as_blender_evaluates_them(face, who, scene, talk, interpolation, fps):
    scene.render.fps = fps
    report = bake_it(who, talk, keys="SPARSE", interpolation=interpolation)
    assert report.keys < report.dense / 3
    assert f"{report.keys} keys instead of {report.dense}" in str(report)
    frames = np.arange(report.frames[0], report.frames[1] + 1)
    for name in ARKIT:
        one = curve(face, f'key_blocks["{name}"].value')
        dense = talk.select([name]).at((frames - 1) / fps)[:, 0]
        shown = np.array([one.evaluate(frame) for frame in frames])
        assert np.abs(shown - dense).max() <= 0.01 + 1e-4
        between = np.array([one.evaluate(frame) for frame in np.arange(frames[0], frames[-1], 0.25)])
        assert between.min() >= talk.channel(name).min() - 1e-6
        assert between.max() <= talk.channel(name).max() + 1e-6
        assert {point.interpolation for point in one.keyframe_points} == {interpolation}


def test_few_keys_at_a_late_frame(face, who, scene, talk):
    """Frames are single precision in Blender: 100,000 frames on, handles lie where they may."""
    report = bake_it(who, talk, frame=100000.0, keys="SPARSE", interpolation="BEZIER")
    frames = np.arange(report.frames[0], report.frames[1] + 1)
    dense = talk.select(["jawOpen"]).at((frames - 100000) / 24)[:, 0]
    assert max(abs(curve(face).evaluate(f) - v) for f, v in zip(frames, dense, strict=True)) <= 0.012
    assert bake_it(who, talk, frame=100000.0, keys="SPARSE", interpolation="BEZIER").kept == 0


def test_lips_meet_exactly_at_every_closure(face, who, scene, talk):
    bake_it(who, talk, keys="SPARSE", interpolation="BEZIER")
    moments = lip_contacts(talk).moments
    assert len(moments)
    for moment in moments:
        at = 1 + moment * 24
        near = abs(at - round(at)) <= 0.2
        seconds = (round(at) - 1) / 24 if near else moment
        for name in ("jawOpen", "mouthClose"):
            expected = talk.select([name]).at([seconds])[0, 0]
            one = curve(face, f'key_blocks["{name}"].value')
            assert one.evaluate(round(at) if near else at) == pytest.approx(float(expected), abs=2e-4)


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_a_key_on_every_frame_has_every_closure_on_one(face, who, scene, talk, fps):
    """Lips that meet between two frames meet on the nearer one, wherever the sound begins."""
    scene.render.fps = fps
    names = (
        "jawOpen",
        "mouthClose",
        *(f"mouth{way}{s}" for way in ("LowerDown", "UpperUp") for s in ("Left", "Right")),
    )
    moments = lip_contacts(talk).moments
    for start in (1.0, 1.4, 1.8):
        report = bake_it(who, talk, frame=start)
        frames = np.arange(report.frames[0], report.frames[1] + 1)
        curves = [curve(face, f'key_blocks["{name}"].value') for name in names]
        shown = lip_opening(Motion([[one.evaluate(frame) for one in curves] for frame in frames], names, fps))
        for moment, least in zip(moments, lip_opening(replace(talk, values=talk.at(moments))), strict=True):
            near = np.abs(frames - start - moment * fps) <= 1
            assert shown[near].min() <= least + LOST + 1e-3


def test_bezier_on_every_frame_does_not_overshoot(face, who, scene, motion):
    bake_it(who, motion, interpolation="BEZIER")
    shown = [curve(face).evaluate(frame) for frame in np.arange(1, 97, 0.1)]
    assert min(shown) >= 0
    assert max(shown) <= 1
    assert curve(face).keyframe_points[3].interpolation == "BEZIER"


# Ranges


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


# Added to what is there


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
    strip = actions.additive_strip(face.data.shape_keys)
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
    below = next(t for t in face.data.shape_keys.animation_data.nla_tracks if t.name == actions.BEFORE).strips[0]
    assert (below.frame_start, below.frame_end) == pytest.approx(tuple(below.action.frame_range))


# Hand edits


def test_hand_edits_in_an_added_strip_survive(face, who, scene, motion):
    bake_it(who, motion, into="ADDITIVE")
    home = actions.additive_home(face.data.shape_keys)
    one = next(c for c in home.fcurves if c.data_path == JAW)
    one.keyframe_points[9].co.y = 0.77
    one.update()
    assert bake_it(who, random_motion(200, seed=2), into="ADDITIVE").kept == 1
    home = actions.additive_home(face.data.shape_keys)
    one = next(c for c in home.fcurves if c.data_path == JAW)
    assert one.evaluate(10) == pytest.approx(0.77)


def edit(obj):
    """Change a key, move one, add one, delete two."""
    one = curve(obj)
    one.keyframe_points[9].co.y = 0.77
    one.keyframe_points[19].co.x += 0.4
    one.keyframe_points.insert(30.5, 0.33)
    for _ in range(2):
        one.keyframe_points.remove(one.keyframe_points[50])
    one.update()


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


# Unbake


@pytest.mark.parametrize(
    "mode",
    [
        {},
        {"keys": "SPARSE", "interpolation": "BEZIER"},
        {"into": "EXISTING"},
        {"into": "EXISTING", "span": (30, 60)},
        {"span": (30, 60)},
        {"into": "ADDITIVE"},
    ],
    ids=lambda mode: "-".join(str(v) for v in mode.values()) or "plain",
)
@pytest.mark.parametrize("start", ["values", "hand", "beside", "baked"])
def test_unbake_brings_everything_back(face, who, scene, motion, mode, start):
    face.data.shape_keys.key_blocks["browInnerUp"].value = 0.4
    if start == "hand":
        hand_animate(face)
    if start == "beside":
        face.shape_key_add(name="wrinkles")
        hand_animate(face, shape="wrinkles")
        hand_animate(face)
    if start == "baked":
        bake_it(who, random_motion(150, seed=7))
        edit(face)
    scene.frame_set(10)
    before = snapshot()
    bake_it(who, motion, **mode)
    assert snapshot() != before
    unbake.unbake(who)
    scene.frame_set(10)
    assert snapshot() == before


def test_unbake_goes_back_bake_by_bake(face, who, scene, motion):
    states = [snapshot()]
    for seed in (1, 2, 3):
        bake_it(who, random_motion(100, seed=seed), into="EXISTING" if seed == 2 else "NEW")
        states.append(snapshot())
    for state in states[-2::-1]:
        unbake.unbake(who)
        assert snapshot() == state
    with pytest.raises(FacewrightError, match="holds no bake"):
        unbake.unbake(who)


def test_unbake_keeps_a_bake_that_was_worked_on(face, who, scene, motion):
    bake_it(who, motion)
    edit(face)
    name = action_of(face).name
    said = unbake.unbake(who)
    assert bpy.data.actions[name].use_fake_user
    assert name in said


def test_unbake_refuses_when_another_action_is_in_use(face, who, scene, motion):
    bake_it(who, motion)
    face.data.shape_keys.animation_data.action = bpy.data.actions.new("mine")
    before = snapshot()
    with pytest.raises(FacewrightError, match="another Action"):
        unbake.unbake(who)
    assert snapshot() == before


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
    put = actions.put

    def full(home, place, keys, one):
        if home.block == last.block:
            raise MemoryError
        put(home, place, keys, one)

    monkeypatch.setattr(actions, "put", full)
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
