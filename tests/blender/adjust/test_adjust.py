# SPDX-License-Identifier: GPL-3.0-or-later
"""Dials on a character: live in the preview, keyed, baked just as shown."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, top, value
from support.dials import JAW, curves_of_dials, now, settings

from facewright.addon.adjust import evaluate
from facewright.addon.adjust.properties import ADJUSTMENTS
from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.takes import store
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion


def test_every_dial_is_a_property_with_its_range_and_neutral(face):
    own = face.parent.facewright
    for field, dial in ADJUSTMENTS.items():
        rna = own.bl_rna.properties[field]
        assert getattr(own, field) == pytest.approx(dial.neutral)
        assert (rna.hard_min, rna.hard_max) == pytest.approx((dial.low, dial.high))
        assert rna.description and rna.is_animatable and rna.is_overridable


def test_a_slider_is_live(shown, face, scene, quiet):
    scene.frame_set(30)
    was = value(face, "jawOpen")
    settings(shown).slider_jaw = 1.5
    expected = adjust(quiet, Adjustments({"jaw": 1.5})).at([(30 - 4.3) / 24])[0]
    assert value(face, "jawOpen") == pytest.approx(expected[CHANNELS.index("jawOpen")], abs=1e-5) != was
    settings(shown).slider_jaw = 1.0
    assert value(face, "jawOpen") == was


def test_what_is_baked_is_what_was_shown(shown, scene):
    own = settings(shown)
    own.slider_articulation, own.slider_lead, own.slider_smoothing, own.slider_energy = 1.4, 60.0, 50.0, 0.7
    own.emotion_joy, own.mask_brows, own.phone_M, own.phone_AA = 0.6, 0.25, 1.7, 1.5
    for frame, level in ((10, 0.5), (60, 2.0)):
        own.slider_lips = level
        own.keyframe_insert("slider_lips", frame=frame)
    frames, seen, places = (1, 5, 30, 31, 61, 99), [], []
    for frame in frames:
        scene.frame_set(frame)
        seen.append(now(shown))
        places.append([top(part.obj) for part in shown.parts])
    bake.bake(scene, shown)
    for frame, before, place in zip(frames, seen, places, strict=True):
        scene.frame_set(frame)
        np.testing.assert_allclose(now(shown), before, atol=1e-6)
        np.testing.assert_allclose([top(part.obj) for part in shown.parts], place, atol=1e-5)
    assert np.ptp(seen, axis=0).max() > 0.1


def test_keys_are_honoured_as_curves_over_the_take(shown, face, scene, quiet):
    own = settings(shown)
    for frame, level in ((4, 0.0), (100, 2.0)):
        own.slider_jaw = level
        own.keyframe_insert("slider_jaw", frame=frame)
    frames = 4.3 + quiet.times * 24
    curve = next(one for one in curves_of_dials(shown.root) if one.data_path == JAW)
    level = np.array([curve.evaluate(frame) for frame in frames])
    expected = adjust(quiet, Adjustments({"jaw": level}))
    for frame in (10, 50, 95):
        scene.frame_set(frame)
        wanted = expected.at([(frame - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
        assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    curve.keyframe_points[0].co.y = 2.0  # as in the Graph Editor
    curve.update()
    shown.root.update_tag()
    bpy.context.view_layer.update()
    wanted = adjust(quiet, Adjustments({"jaw": 2.0})).at([(95 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(wanted, abs=2e-3)


def test_keys_in_an_nla_strip_count_too(shown, scene, quiet):
    own = settings(shown)
    for frame, level in ((4, 0.0), (100, 2.0)):
        own.slider_jaw = level
        own.keyframe_insert("slider_jaw", frame=frame)
    take = store.get(shown.root)
    before = evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    data = shown.root.animation_data
    action = data.action
    strip = data.nla_tracks.new().strips.new("Dials", int(action.frame_range[0]), action)
    if getattr(data, "action_slot", None) is not None:
        strip.action_slot = data.action_slot
    data.action = None
    after = evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    np.testing.assert_allclose(after.values, before.values, atol=1e-5)
    strip.mute = True
    muted = evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    assert np.abs(muted.values - before.values).max() > 0.1


def test_nothing_dialled_is_the_take_itself(shown, scene, quiet):
    take = store.get(shown.root)
    assert evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3)) is take.motion
    settings(shown).mask_jaw = 0.5
    assert evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3)) is take.motion
    settings(shown).emotion_anger = 0.5
    made = evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    assert made is not take.motion
    assert evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3)) is made, "made once"


def test_dials_survive_save_and_load(shown, scene, tmp_path):
    own = settings(shown)
    own.slider_gaze, own.emotion_doubt, own.phone_UW, own.mask_head = 2.0, 0.25, 1.5, 0.0
    own.keyframe_insert("slider_gaze", frame=3)
    before = evaluate.motion_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3)).values
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    root, scene = bpy.data.objects["Bob"], bpy.context.scene
    own = root.facewright
    assert (own.slider_gaze, own.emotion_doubt, own.phone_UW, own.mask_head) == (2.0, 0.25, 1.5, 0.0)
    again = evaluate.motion_of(scene, root, store.get(root), timeline_of(scene, 4.3))
    np.testing.assert_array_equal(again.values, before)


def test_dials_of_a_library_override_are_saved(face, scene, tmp_path):
    face.parent.facewright.slider_jaw = 1.25
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.objects = ["Bob", "Bob face"]
    for obj in into.objects:
        bpy.context.scene.collection.objects.link(obj)
    root = bpy.data.objects["Bob"].override_create(remap_local_usages=True)
    root.override_library.is_system_override = False
    assert root.facewright.slider_jaw == 1.25
    root.facewright.slider_jaw, root.facewright.emotion_joy, root.facewright.phone_M = 0.5, 0.75, 1.5
    shot = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=shot)
    bpy.ops.wm.open_mainfile(filepath=shot)
    own = next(obj for obj in bpy.data.objects if obj.override_library).facewright
    assert (own.slider_jaw, own.emotion_joy, own.phone_M, own.slider_lips) == (0.5, 0.75, 1.5, 1.0)


def test_reset_takes_value_and_keys_back(shown, face, scene, quiet):
    own = settings(shown)
    own.slider_jaw, own.slider_lips, own.emotion_joy = 1.5, 1.5, 0.5
    own.keyframe_insert("slider_jaw", frame=3)
    bpy.ops.facewright.dial_reset(fields="slider_jaw")
    assert (own.slider_jaw, own.slider_lips, own.emotion_joy) == (1.0, 1.5, 0.5)
    assert not [one for one in curves_of_dials(shown.root) if one.data_path == JAW]
    bpy.ops.facewright.dial_reset(fields="slider")
    assert (own.slider_lips, own.emotion_joy) == (1.0, 0.5)
    bpy.ops.facewright.dial_reset()
    scene.frame_set(40)
    wanted = quiet.at([(40 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    assert "Expected dials such as" in error_of(bpy.ops.facewright.dial_reset, fields="slider_jow")


def test_a_double_beside_the_character_has_the_same_dials(shown, face, scene, quiet):
    other = Motion(quiet.values[::-1].copy(), CHANNELS, 50.0)
    store.add(shown.root, [store.Take(other, Speech("/nowhere/hello.wav", frame=4.3), 1, "CPU")])
    store.choose(shown.root, 0)
    bpy.context.view_layer.objects.active = face
    bpy.ops.facewright.take_compare(index=1)
    scene.frame_set(40)
    settings(shown).slider_jaw = 1.7
    double = next(obj for obj in bpy.data.objects if obj.get("facewright_double_of") == shown.root)
    twin = next(obj for obj in double.children_recursive if obj.data and "jawRight" in obj.data.shape_keys.key_blocks)
    for obj, motion in ((face, quiet), (twin, other)):
        expected = adjust(motion, Adjustments({"jaw": 1.7})).at([(40 - 4.3) / 24])[0]
        assert value(obj, "jawOpen") == pytest.approx(expected[CHANNELS.index("jawOpen")], abs=1e-5)
