# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist does after a bake, and what Unbake and the saving of the file leave of it: all."""

import bpy
import pytest
from support.bakes import action_of, hand_animate
from support.characters import bake_it, curve, held, random_motion

from facewright.addon.bake import unbake
from facewright.addon.blender import actions
from facewright.addon.character import character


def set_key(obj, frame, value):
    one = curve(obj)
    next(key for key in one.keyframe_points if key.co[0] == frame).co[1] = value
    one.update()


def kept_in(action, obj):
    """The keys of the jaw in an Action that is not in use, by frame."""
    home = next(slot for slot in actions.slots_of(action) if slot.mark == actions.slot_in_use(obj.data.shape_keys).mark)
    one = next(c for c in home.existing_fcurves if "jawOpen" in c.data_path)
    return {round(float(key.co[0]), 2): float(key.co[1]) for key in one.keyframe_points}


def save_and_open(tmp_path):
    for _ in range(3):
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))


def test_keys_set_after_a_bake_into_the_action_in_use_stay(face, who, scene, motion):
    bake_it(who, motion)
    set_key(face, 80, 0.801)
    bake_it(who, random_motion(200, seed=2), into="EXISTING", span=(20, 60))
    for frame in (30, 40, 50, 90):
        set_key(face, frame, frame / 1000)
    said = unbake.unbake(who)
    assert "Kept 3 keys that you set or deleted since" in said  # and no word of the one beside the frames baked
    copy = next(action for action in bpy.data.actions if f"'{action.name}'" in said)
    assert copy.use_fake_user
    now, kept = held(face), kept_in(copy, face)
    assert [kept[frame] for frame in (30.0, 40.0, 50.0)] == pytest.approx([0.03, 0.04, 0.05])
    assert (now[80.0], now[90.0]) == pytest.approx((0.801, 0.09))
    assert now[30.0] == pytest.approx(motion.select(["jawOpen"]).at([29 / 24])[0, 0])


def test_keys_beside_a_bake_stay_in_place(face, who, scene, motion):
    hand_animate(face, frames=(200, 240))
    bake_it(who, motion, into="EXISTING")
    curve(face).keyframe_points.insert(150.5, 0.5)
    said = unbake.unbake(who)
    assert list(held(face)) == [150.5, 200.0, 240.0]
    assert said == "Took the last bake back."


@pytest.mark.parametrize("into", ["NEW", "EXISTING", "ADDITIVE"])
def test_nothing_is_kept_where_nothing_was_done(face, who, scene, motion, into):
    hand_animate(face)
    bake_it(who, motion)
    set_key(face, 30, 0.3)
    bake_it(who, random_motion(200, seed=2), into=into)
    before = len(bpy.data.actions)
    assert unbake.unbake(who) == "Took the last bake back. Unbake again for the bake before it."
    assert len(bpy.data.actions) <= before


def test_own_keys_that_a_bake_replaces_are_kept_in_a_copy(face, who, scene, motion):
    hand_animate(face)
    report = bake_it(who, motion, into="EXISTING")
    assert report.replaced == 2
    copy = bpy.data.actions[f"{action_of(face).name} before bake"]
    assert copy.use_fake_user and f"'{copy.name}'" in str(report)
    assert list(kept_in(copy, face)) == [1.0, 40.0, 80.0, 120.0]
    name = copy.name
    unbake.unbake(who)
    assert name not in bpy.data.actions


def test_a_curve_of_the_artists_own_in_a_new_action_is_work(face, who, scene, motion):
    """It is not on a shape that speech moves, so no bake ever wrote it."""
    face.shape_key_add(name="wrinkles")
    bake_it(who, motion)
    hand_animate(face, shape="wrinkles")
    name = action_of(face).name
    assert f"'{name}' has keys that you changed" in unbake.unbake(who)
    assert bpy.data.actions[name].use_fake_user


def test_an_edit_in_place_of_another_is_work(face, who, scene, motion):
    """As many keys differ as the bake left, but they are others."""
    bake_it(who, motion)
    set_key(face, 30, 0.3)
    bake_it(who, random_motion(200, seed=2))
    set_key(face, 30, 0.31)
    name = action_of(face).name
    assert f"'{name}' has keys that you changed" in unbake.unbake(who)


def test_an_action_laid_over_an_added_bake_stays_in_use(face, who, scene, motion):
    bake_it(who, motion, into="ADDITIVE")
    hand_animate(face)
    name = action_of(face).name
    unbake.unbake(who)
    assert action_of(face).name == name


def test_an_action_laid_over_an_added_bake_is_named_where_another_comes_back(face, who, scene, motion):
    hand_animate(face)
    bake_it(who, motion, into="ADDITIVE")
    hand_animate(face, frames=(5, 15))
    name = action_of(face).name
    said = unbake.unbake(who)
    assert f"'{name}'" in said and bpy.data.actions[name].use_fake_user


def test_a_hand_keyed_strip_stays_muted(face, who, scene, motion):
    bake_it(who, motion, into="ADDITIVE")
    strip = face.data.shape_keys.animation_data.nla_tracks["Facewright"].strips[0]
    strip.use_animated_influence = True
    strip.influence = 0.5
    strip.keyframe_insert("influence", frame=10)
    assert "You keyed the strip" in unbake.unbake(who)
    (track,) = face.data.shape_keys.animation_data.nla_tracks
    assert track.mute
    assert [key.co[1] for key in track.strips[0].fcurves[0].keyframe_points if key.co[0] == 10] == [0.5]


@pytest.mark.parametrize("what", ["join", "delete", "delete the character"])
@pytest.mark.parametrize("back", [False, True], ids=["", "unbake"])
def test_an_action_that_was_worked_in_outlives_its_mesh(face, who, scene, motion, tmp_path, what, back):
    teeth = bpy.data.objects["Bob teeth"]
    bake_it(who, motion)
    set_key(teeth, 30, 0.12345)
    if what == "join":
        bpy.ops.object.select_all(action="DESELECT")
        face.select_set(True)
        teeth.select_set(True)
        bpy.context.view_layer.objects.active = face
        bpy.ops.object.join()
    else:
        bpy.data.batch_remove([teeth] if what == "delete" else list(bpy.data.objects))
    if back and what != "delete the character":
        unbake.unbake(character.find(face, scene))
    save_and_open(tmp_path)
    keys = [
        key.co[1]
        for action in bpy.data.actions
        for slot in actions.slots_of(action)
        for one in slot.existing_fcurves
        for key in one.keyframe_points
    ]
    assert any(value == pytest.approx(0.12345) for value in keys)


def test_an_untouched_bake_of_a_deleted_character_goes_with_it(face, who, scene, motion, tmp_path):
    bake_it(who, motion)
    bpy.data.batch_remove(list(bpy.data.objects))
    save_and_open(tmp_path)
    assert not bpy.data.actions


def test_influences_of_poses_can_be_baked_again_after_unbake(puppet, scene):
    """The memory of their keys was cut off at the first zero byte, and the next bake failed."""
    who = character.find(puppet, scene)
    for _ in range(2):
        bake_it(who, random_motion(40), into="STRIPS")
    unbake.unbake(who)
    assert bake_it(who, random_motion(40, seed=2), into="STRIPS").kept == 0
