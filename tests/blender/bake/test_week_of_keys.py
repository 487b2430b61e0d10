# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's week of work under a bake and its Unbake: nothing of it may be lost, whatever it is made of."""

import bpy
import pytest
from support.characters import JAW, bake_it, curve, held, random_motion
from support.week_of_keys import MODES, a_week, action_of, assert_same, bits, curves_of, everything, key, where

from facewright.addon.bake import unbake
from facewright.addon.blender import actions, nla
from facewright.addon.character import character
from facewright.inference.core.errors import FacewrightError

each_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(str(v) for v in mode.values()) or "plain")


@each_mode
def test_unbake_gives_a_week_back_bit_for_bit(face, who, scene, motion, mode):
    a_week(face)
    scene.frame_set(10)
    before = everything()
    bake_it(who, motion, **mode)
    assert everything() != before
    unbake.unbake(who)
    scene.frame_set(10)
    assert_same(everything(), before)


@each_mode
def test_unbake_gives_the_nla_back(face, who, scene, motion, mode):
    """The week in a strip with its own time and blending, under a second Action that is in use."""
    a_week(face)
    block = face.data.shape_keys
    data, (action, slot) = block.animation_data, where(face)
    data.action = None
    track = data.nla_tracks.new()
    track.name = "Facewright notes"
    strip = track.strips.new("week", 5, action)
    if actions.SLOTTED:
        strip.action_slot = slot
    strip.blend_type, strip.blend_in, strip.scale, strip.influence = "COMBINE", 3.0, 1.5, 0.5
    data.nla_tracks.new().name = "empty"
    key(block, "jawOpen", [3, 50.5])
    data.action_blend_type, data.action_influence, data.action_extrapolation = "ADD", 0.75, "NOTHING"
    scene.frame_set(10)
    before = everything()
    bake_it(who, motion, **mode)
    unbake.unbake(who)
    scene.frame_set(10)
    assert_same(everything(), before)


def test_bakes_that_move_actions_into_the_nla_go_back_one_by_one(face, who, scene, motion):
    face.shape_key_add(name="hand pose", from_mix=False).value = 0.0
    key(face.data.shape_keys, "jawOpen", [1, 40, 60])
    key(face.data.shape_keys, "hand pose", [1, 60])  # moves on below the bake
    scene.frame_set(10)
    states = [everything()]
    for mode in ({}, {"keys": "SPARSE", "interpolation": "BEZIER"}, {"into": "ADDITIVE"}):
        bake_it(who, motion, **mode)
        scene.frame_set(10)
        states.append(everything())
    assert [track.name for track in face.data.shape_keys.animation_data.nla_tracks].count(nla.BEFORE) == 2
    for state in states[-2::-1]:
        unbake.unbake(who)
        scene.frame_set(10)
        assert_same(everything(), state)


@each_mode
def test_one_action_for_face_and_teeth(face, who, scene, motion, mode):
    """One Action, and from 4.4 on one slot of it, moves the shape keys of two meshes."""
    key(face.data.shape_keys, "jawOpen", [1, 40, 60])
    teeth = bpy.data.objects["Bob teeth"]
    actions.assign(actions.SlotRef(teeth.data.shape_keys, *where(face)))
    scene.frame_set(10)
    states = [everything()]
    for seed, how in ((3, {"into": "EXISTING"}), (4, mode)):
        bake_it(who, random_motion(150, seed=seed), **how)
        scene.frame_set(10)
        states.append(everything())
    assert bake_it(who, motion, **mode).kept == 0
    unbake.unbake(who)
    for state in states[-2::-1]:
        unbake.unbake(who)
        scene.frame_set(10)
        assert_same(everything(), state)


@each_mode
def test_another_character_with_the_same_action_is_left_as_it_is(face, who, scene, motion, make_mesh, mode):
    a_week(face)
    twin = make_mesh("Twin", ["jawOpen", "jawLeft", "mouthLeft"])
    actions.assign(actions.SlotRef(twin.data.shape_keys, *where(face)))
    scene.frame_set(10)
    before, his = everything(), [bits(c) for c in actions.fcurves_of(twin.data.shape_keys)]
    bake_it(who, motion, **mode)
    assert [bits(c) for c in actions.fcurves_of(twin.data.shape_keys)] == his
    with pytest.raises(FacewrightError, match="no bake"):
        unbake.unbake(character.find(twin, scene))
    unbake.unbake(who)
    scene.frame_set(10)
    assert_same(everything(), before)


def test_a_strip_that_plays_the_action_in_use_is_left_as_it_is(face, who, motion):
    a_week(face)
    action, slot = where(face)
    strip = face.data.shape_keys.animation_data.nla_tracks.new().strips.new("again", 200, action)
    if actions.SLOTTED:
        strip.action_slot = slot
    week = bits(curve(face))
    report = bake_it(who, motion, into="EXISTING")
    assert strip.action == action != action_of(face)
    assert next(bits(c) for c in curves_of(action)[0][1] if c.data_path == JAW) == week
    assert action.name in str(report)


@pytest.mark.parametrize("into", ["NEW", "EXISTING"])
@pytest.mark.parametrize("name", ["JawOpen", "ARKit.jawOpen"])
def test_edits_survive_the_renaming_of_a_shape_key(face, who, scene, motion, into, name):
    key(face.data.shape_keys, "jawOpen", [1, 40, 60])
    key(face.data.shape_keys, "mouthLeft", [1, 40, 60])
    scene.frame_set(10)
    before = everything()
    bake_it(who, motion, into=into)
    curve(face).keyframe_points[40].co[1] = 0.123
    curve(face).update()
    at = curve(face).keyframe_points[40].co[0]
    face.data.shape_keys.key_blocks["jawOpen"].name = name
    who = character.find(face, scene)
    other = random_motion(200, seed=5)
    for new in (other, motion, other):
        assert bake_it(who, new, into=into).kept == 1
        path = f'key_blocks["{name}"].value'
        assert held(face, path)[round(at, 3)] == pytest.approx(0.123)
        assert held(face, path)[60.0] == pytest.approx(new.select(["jawOpen"]).at([59 / 24])[0, 0])
    for _ in range(4):
        unbake.unbake(who)
    for action in [one for one in bpy.data.actions if one.name.startswith("speech") or "unbaked" in one.name]:
        bpy.data.actions.remove(action)  # kept, since a key in it was changed by hand
    assert [c.data_path for c in actions.fcurves_of(face.data.shape_keys)].count(JAW) == 0
    face.data.shape_keys.key_blocks[name].name = "jawOpen"
    scene.frame_set(10)
    assert_same(everything(), before)


@each_mode
def test_saved_opened_and_renamed_between_bake_and_unbake(face, who, scene, motion, tmp_path, mode):
    a_week(face)
    scene.frame_set(10)
    before = everything()
    bake_it(who, motion, **mode)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    for obj in list(bpy.data.objects):
        obj.name = obj.name.replace("Bob", "Alice")
    unbake.unbake(character.find(bpy.data.objects["Alice face"], bpy.context.scene))
    for obj in list(bpy.data.objects):
        obj.name = obj.name.replace("Alice", "Bob")
    bpy.context.scene.frame_set(10)
    assert_same(everything(), before)


def test_other_rates_and_starts_keep_edits_where_they_are(face, who, scene, motion):
    bake_it(who, motion)
    curve(face).keyframe_points[40].co[1] = 0.123
    curve(face).update()
    scene.render.fps = 30
    for frame in (1, 7.5, -20):
        assert bake_it(who, motion, frame=frame).kept == 1
        assert held(face)[41.0] == pytest.approx(0.123)
    assert min(held(face)) == -20


def test_undone_and_redone_bakes_know_the_edits(face, who, scene, motion):
    bpy.ops.ed.undo_push(message="start")
    bake_it(who, motion)
    bpy.ops.ed.undo_push(message="baked")
    curve(face).keyframe_points[40].co[1] = 0.123
    curve(face).update()
    bpy.ops.ed.undo_push(message="edited")
    for step in (bpy.ops.ed.undo, bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.redo):
        step()
    face = bpy.data.objects["Bob face"]
    who = character.find(face, bpy.context.scene)
    assert bake_it(who, random_motion(200, seed=5)).kept == 1
    assert held(face)[41.0] == pytest.approx(0.123)


def test_a_locked_group_locks_its_curves(face, who, scene, motion):
    a_week(face)
    curve(face).group.lock = True
    before = bits(curve(face))
    report = bake_it(who, motion, into="EXISTING")
    assert bits(curve(face)) == before
    assert report.locked_curves == 2
    assert bpy.ops.facewright.mend(check="locked_curve") == {"FINISHED"}
    assert bake_it(who, motion, into="EXISTING").locked_curves == 0


def test_curves_with_modifiers_are_named(face, who, motion):
    a_week(face)
    assert "2 curves have modifiers" in str(bake_it(who, motion, into="EXISTING"))


def test_tracks_of_the_artists_own_stay(face, who, motion):
    """Made after the bake, with names like ours, or strips laid into our own track."""
    hand = key(face.data.shape_keys, "jawOpen", [1, 40]).id_data
    bake_it(who, motion, into="ADDITIVE")
    data = face.data.shape_keys.animation_data
    for track in (data.nla_tracks.new(), next(t for t in data.nla_tracks if t.name == nla.TRACK)):
        track.strips.new("mine", 500, hand)
    data.nla_tracks[-1].name = "Facewright fixes"
    unbake.unbake(who)
    assert sum(strip.name.startswith("mine") for track in data.nla_tracks for strip in track.strips) == 2
