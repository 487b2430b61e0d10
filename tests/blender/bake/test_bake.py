# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframes: the right values on the right frames, on every mesh, and the artist's own work still there."""

from dataclasses import replace

import bpy
import numpy as np
import pytest
from support.characters import random_motion, top, value

from facewright.addon.bake import bake
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.addon.targets.kinds import shape_keys
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.motion import Motion


def keys(curve):
    points = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", points)
    return points.reshape(-1, 2)


def curves_of(obj):
    return {curve.data_path: curve for curve in actions.fcurves_of(obj.data.shape_keys)}


def action_of(obj):
    data = obj.data.shape_keys.animation_data
    return data.action if data else None


@pytest.fixture
def who(face, scene):
    return character.find(face, scene)


def bake_it(scene, who, motion, frame=1.0):
    return bake.bake_motion(scene, who, motion, frame=frame, name="speech")


RATES = {
    "24": (24, 1.0),
    "23.976": (24, 1.001),
    "25": (25, 1.0),
    "29.97": (30, 1.001),
    "60": (60, 1.0),
    "12.5": (25, 2.0),
}


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
@pytest.mark.parametrize("frame", [1.0, -7.0, 10.4, 100000.25])
def test_keys_hold_the_motion_at_the_time_of_their_frame(face, who, scene, motion, rate, frame):
    scene.render.fps, scene.render.fps_base = rate
    report = bake_it(scene, who, motion, frame)
    found = keys(curves_of(face)['key_blocks["jawOpen"].value'])
    seconds = (found[:, 0].astype(float) - frame) * rate[1] / rate[0]
    expected = motion.select(["jawOpen"]).at(seconds)[:, 0]
    np.testing.assert_allclose(found[:, 1], expected, atol=1e-4)  # fps_base is a float32
    assert np.array_equal(found[:, 0], np.arange(report.frames[0], report.frames[1] + 1))
    assert seconds[0] <= 0 < seconds[1]
    assert seconds[-2] < motion.end <= seconds[-1]


def test_a_motion_that_starts_later_is_keyed_later(face, who, scene):
    bake_it(scene, who, random_motion(50, start=2.0), frame=1.0)
    assert keys(curves_of(face)['key_blocks["jawOpen"].value'])[0, 0] == 1 + 2 * 24


def test_a_single_frame_is_one_key(face, who, scene):
    report = bake_it(scene, who, random_motion(1))
    assert report.frames == (1, 1)
    assert report.keys == 56


def test_every_mesh_moves_as_the_motion_says(face, who, scene, motion):
    bake_it(scene, who, motion)
    for frame in (1, 13, 40):
        scene.frame_set(frame)
        at = motion.at([(frame - 1) / 24])[0]
        for obj in (bpy.data.objects["Bob face"], bpy.data.objects["Bob teeth"], bpy.data.objects["Bob tongue"]):
            expected = np.zeros(3)
            for number, block in enumerate(obj.data.shape_keys.key_blocks[1:]):
                expected[number % 3] += at[CHANNELS.index(block.name)]
            np.testing.assert_allclose(top(obj), expected, atol=1e-4)


def test_keys_are_linear_and_ready_to_become_bezier(face, who, scene, motion):
    bake_it(scene, who, motion)
    point = curves_of(face)['key_blocks["jawOpen"].value'].keyframe_points[3]
    assert point.interpolation == "LINEAR"
    assert point.handle_left_type == point.handle_right_type == "AUTO_CLAMPED"
    assert abs(point.handle_left.x - point.co.x) < 1.0


def test_one_action_with_a_slot_for_each_data_block(face, who, scene, motion):
    report = bake_it(scene, who, motion)
    objects = [part.obj for part in who.parts]
    if bpy.app.version < (4, 4, 0):
        assert len({action_of(obj).name for obj in objects}) == len(report.actions) == 3
        return
    assert {action_of(obj).name for obj in objects} == set(report.actions) == {"speech"}
    slots = [obj.data.shape_keys.animation_data.action_slot for obj in objects]
    assert len({slot.handle for slot in slots}) == 3
    assert [slot.target_id_type for slot in slots] == ["KEY"] * 3


def test_the_report_counts(who, scene, motion):
    report = bake_it(scene, who, motion)
    assert (report.curves, report.meshes, report.frames) == (56, 3, (1, 97))
    assert report.keys == 56 * 97
    assert str(report).startswith("Baked 56 curves on 3 meshes, frames 1 to 97, into")


def test_the_previous_action_is_kept_and_named(face, who, scene, motion):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.75
    block.keyframe_insert("value", frame=5)
    action_of(face).name = "week of work"
    report = bake_it(scene, who, motion)
    kept = bpy.data.actions["week of work"]
    assert kept.use_fake_user
    assert action_of(face) != kept
    assert report.previous == ("'week of work' (kept with a fake user)",)
    assert "week of work" in str(report)


def test_what_the_previous_action_moves_beside_speech_moves_on(make_mesh, scene, motion):
    obj = make_mesh("face", [*ARKIT, "wrinkles"])
    for frame, wrinkled in ((1, 0.0), (11, 1.0)):
        for shape in ("wrinkles", "jawOpen"):
            block = obj.data.shape_keys.key_blocks[shape]
            block.value = wrinkled
            block.keyframe_insert("value", frame=frame)
    for curve in actions.fcurves_of(obj.data.shape_keys):
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"
    action_of(obj).name = "hand made"
    report = bake_it(scene, character.find(obj, scene), motion)
    scene.frame_set(6)
    assert value(obj, "wrinkles") == pytest.approx(0.5)
    assert value(obj, "jawOpen") == pytest.approx(motion.at([5 / 24])[0][CHANNELS.index("jawOpen")], abs=1e-6)
    assert "moved to the NLA" in report.previous[0]
    (again,) = bake_it(scene, character.find(obj, scene), motion).previous
    assert "fake user" in again
    scene.frame_set(6)
    assert value(obj, "wrinkles") == pytest.approx(0.5)


def test_baking_again_replaces_what_is_in_use(face, who, scene, motion):
    bake_it(scene, who, motion)
    first = action_of(face)
    bake_it(scene, who, random_motion(100, seed=2))
    assert action_of(face) != first
    assert first.use_fake_user
    assert len(curves_of(face)) == 52


def test_names_with_quotes_survive(make_mesh, scene, motion):
    obj = make_mesh('Zoë\'s "face"', ['Head".jawOpen', "Head'.mouthClose", "Head\\.jawLeft", "Kopf.jawRight"])
    for name in ("mouthPucker", "mouthFunnel", "mouthLeft"):
        obj.shape_key_add(name=f'Head".{name}', from_mix=False)
    bake_it(scene, character.find(obj, scene), motion)
    scene.frame_set(30)
    expected = motion.at([29 / 24])[0][CHANNELS.index("jawOpen")]
    assert value(obj, 'Head".jawOpen') == pytest.approx(expected, abs=1e-6)


def test_a_slider_that_stops_short_is_reported_and_left_as_it_is(face, who, scene, motion):
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    report = bake_it(scene, who, motion)
    assert report.warnings == ("On 'Bob face', cut off at the end of the slider: jawOpen (0 to 0.5).",)
    assert face.data.shape_keys.key_blocks["jawOpen"].slider_max == 0.5
    assert keys(curves_of(face)['key_blocks["jawOpen"].value'])[:, 1].max() > 0.9


def test_muted_driven_and_pinned_shapes_are_reported(face, who, scene, motion):
    blocks = face.data.shape_keys.key_blocks
    blocks["jawOpen"].mute = True
    blocks["jawLeft"].driver_add("value")
    face.show_only_shape_key = True
    said = " ".join(bake_it(scene, who, motion).warnings)
    assert "muted, so nothing shows: jawOpen." in said
    assert "moved by a driver, which wins over keys: jawLeft." in said
    assert "Shape Key Lock" in said


def test_a_linked_character_is_refused_with_what_to_do(face, scene, motion, tmp_path):
    library = tmp_path / "Bibliothèque перс.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Bob", "Bob face", "Bob teeth", "Bob tongue"]
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    linked = character.find(bpy.data.objects["Bob face"], bpy.context.scene)
    before = len(bpy.data.actions)
    with pytest.raises(FacewrightError, match=r"linked from 'Bibliothèque перс\.blend'.*Library Override"):
        bake_it(bpy.context.scene, linked, motion)
    assert len(bpy.data.actions) == before


class _SamePath:
    """A kind of control that says the same path for all: Blender takes no second F-curve for one path."""

    def __getattr__(self, name):
        return getattr(shape_keys, name)

    def curve(self, block, name):
        return 'key_blocks["jawOpen"].value', 0


def test_when_keys_cannot_be_written_nothing_is_left_behind(face, who, scene, motion):
    broken = replace(who, parts=tuple(replace(part, target=_SamePath()) for part in who.parts))
    with pytest.raises(RuntimeError):
        bake_it(scene, broken, motion)
    assert len(bpy.data.actions) == 0
    assert not face.data.shape_keys.keys()


def test_the_operator_bakes_the_take_in_one_undo_step(face, who, scene, motion):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.75
    block.keyframe_insert("value", frame=5)
    action_of(face).name = "mine"
    store.store(who.root, store.Take(motion, Speech("/nowhere/hello.wav", frame=3.0), 0, "CPU"))
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facewright.bake("EXEC_DEFAULT", True, into="NEW") == {"FINISHED"}
    face = bpy.data.objects["Bob face"]
    assert action_of(face).name.startswith("Bob hello")
    bpy.ops.ed.undo()
    face = bpy.data.objects["Bob face"]
    assert [action.name for action in bpy.data.actions] == ["mine"]
    assert action_of(face).name == "mine"
    bpy.ops.ed.redo()
    assert action_of(bpy.data.objects["Bob face"]).name.startswith("Bob hello")


def test_without_a_take_bake_says_what_to_do(face, scene):
    with pytest.raises(RuntimeError, match="press Generate first"):
        bpy.ops.facewright.bake()
    with pytest.raises(FacewrightError, match="There is no take for 'Bob'"):
        bake.bake(scene, character.find(face, scene))


def test_a_million_keys(make_mesh, scene):
    """52 curves, 11 minutes, 30 frames per second: every key is there (make bench says how fast)."""
    scene.render.fps = 30
    obj = make_mesh("face", ARKIT)
    motion = Motion(np.random.default_rng(0).random((33000, 52)), ARKIT, 50.0)
    report = bake_it(scene, character.find(obj, scene), motion)
    assert report.keys == 52 * 19801
    assert all(len(curve.keyframe_points) == 19801 for curve in curves_of(obj).values())
