# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does not speak listens: lips at rest, eyes at the partner most of the time, in preview and in keys."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.dialogue import FPS, MOUTH, add_head, bake, baked, baked_gaze, curves, empty, keys, say, seen, select, turn

from facewright.addon.preview import preview
from facewright.inference.core.curves import runs

AT = 4.5  # degrees from the partner, half of what the shortest glance away is


def near(gaze, yaw, pitch=0.0):
    return np.hypot(*(gaze - (yaw, pitch)).T) < AT


def test_a_listener_rests_its_lips_and_looks_at_the_speaker_two_thirds_of_the_time(pair, scene):
    ann, ben = pair
    say(scene, ann, 26, 60.0)
    ben.facewright.partner = ann
    bake(ben)
    frames = np.arange(30, 26 + 60 * FPS)
    for shape in MOUTH:
        if f'key_blocks["{shape}"].value' in {path for _, path, _ in curves(ben)}:
            assert not baked(ben, shape, frames).any(), shape
    gaze = baked_gaze(ben, frames)
    assert 0.60 <= near(gaze, 40).mean() <= 0.75
    moves = runs(np.hypot(*np.diff(gaze, axis=0).T) > 1.5)
    assert len(moves) > 20 and (moves[:, 1] - moves[:, 0]).max() / FPS <= 0.2
    assert 8 <= len(runs(baked(ben, "eyeBlinkLeft", frames) > 0.5)) <= 30
    assert 0.2 < np.ptp(turn(ben, 0, frames)) < 10


def test_a_speaker_looks_less_and_its_own_mouth_speaks(pair, scene):
    ann, ben = pair
    say(scene, ann, 26, 60.0)
    ann.facewright.partner = ben
    bake(ann)
    frames = np.arange(40, 20 + 60 * FPS)
    assert 0.25 <= near(baked_gaze(ann, frames), -40).mean() <= 0.5
    assert np.ptp(baked(ann, "jawOpen", frames)) > 0.5


def test_preview_shows_what_is_baked(pair, scene):
    ann, ben = pair
    say(scene, ann, 26, 4.0)
    say(scene, ben, 140, 3.0)
    for one, other in ((ann, ben), (ben, ann)):
        one.facewright.partner, one.facewright.listening_seed = other, 3
        one.facewright.preview = True
    frames = (1, 20, 24, 30, 80, 125, 131, 134, 139, 150, 216, 221, 230, 250)
    shown = []
    for frame in frames:
        scene.frame_set(frame)
        shown.append(np.concatenate([seen(ann), seen(ben)]))
    assert bpy.ops.facewright.bake_scene() == {"FINISHED"}
    assert not preview.is_on(ann)
    np.testing.assert_allclose(np.hstack([baked_gaze(ann, frames), baked_gaze(ben, frames)]), shown, atol=0.01)
    every = range(1, 251)
    for one in pair:  # the head never jumps, neither where a line begins nor where it ends
        assert all({float(frame) for frame in every} <= set(found) for found in keys(one).values())
        assert np.abs(np.diff(turn(one, 2, every))).max() < 1.5


def test_the_gaze_goes_with_a_partner_that_moves(pair, scene):
    _, ben = pair
    ball = empty(scene, "Ball", (-0.3, -0.6, 0))
    ben.facewright.partner = ball
    assert preview.is_on(ben)
    scene.frame_set(3)
    before = seen(ben)[0]
    ball.location = (-1.0, 0, 0)
    bpy.context.view_layer.update()
    assert seen(ben)[0] > before + 30
    for frame, place in ((1, (-0.3, -0.6, 0)), (250, (-1.0, 0, 0))):
        ball.location = place
        ball.keyframe_insert("location", frame=frame)
    bake(ben)
    gaze = baked_gaze(ben, np.arange(1, 251))[:, 0]
    assert np.median(gaze[:20]) == pytest.approx(before, abs=AT)
    assert np.median(gaze[-20:]) == pytest.approx(40, abs=AT)


def test_a_single_character_looks_at_a_target_while_it_speaks(pair, scene):
    ann, _ = pair
    say(scene, ann, 40, 4.0)
    bake(ann)
    alone = keys(ann)
    bpy.ops.facewright.unbake()
    ann.facewright.partner = empty(scene, "Look here", (0.2, -0.5, 0.3))
    bake(ann)
    looking = keys(ann)
    assert {place: set(found) for place, found in looking.items()} == {p: set(found) for p, found in alone.items()}
    jaw = next(place for place in looking if place[1] == 'key_blocks["jawOpen"].value')
    assert looking[jaw] == pytest.approx(alone[jaw], abs=1e-6)
    assert baked_gaze(ann, np.arange(50, 130))[:, 1].min() < -15  # up


def test_three_listen_to_whoever_speaks(pair, scene):
    ann, ben = pair
    cat = add_head("Cat", 0.0, 180)
    cat.location.y = -0.5
    for one, other in ((ben, ann), (cat, ann), (ann, ben)):
        one.facewright.partner = other
    say(scene, ben, 1, 3.0)
    say(scene, cat, 90, 3.0)
    bake(ann)
    yaw = baked_gaze(ann, np.arange(1, 165))[:, 0]
    assert np.median(yaw[10:70]) == pytest.approx(-40, abs=AT)
    assert np.median(yaw[100:160]) == pytest.approx(50 - np.degrees(np.arctan2(0.3, 0.42)), abs=2 * AT)


def test_a_partner_behind_is_looked_at_as_far_as_head_and_eyes_go(pair, scene):
    _, ben = pair
    ben.facewright.partner = empty(scene, "Behind", (0.3, 1.0, 0.0))
    bake(ben)
    assert 90 < np.abs(baked_gaze(ben, np.arange(1, 250))).max() < 105


@pytest.mark.parametrize("how", ["delete", "remove"])
def test_a_partner_that_was_deleted_is_told_and_nothing_else_happens(pair, scene, how):
    ann, ben = pair
    say(scene, ann, 26, 4.0)
    ann.facewright.partner = ball = empty(scene, "Ball", (0, -1, 0))
    ann.facewright.preview = True
    if how == "delete":
        with bpy.context.temp_override(selected_objects=[ball], active_object=ball):
            bpy.ops.object.delete()
    else:
        bpy.data.objects.remove(ball)
    scene.frame_set(60)
    select(ann)
    assert "'Ball', was deleted" in error_of(bpy.ops.facewright.bake, listening=True)
    assert not curves(ann) and preview.is_on(ann)
    bake(ann)
    assert np.abs(baked_gaze(ann, np.arange(40, 120))).max() < 1
    ben.facewright.partner = ben.children[0]
    select(ben)
    assert "part of 'Ben' itself" in error_of(bpy.ops.facewright.bake, listening=True)
