# SPDX-License-Identifier: GPL-3.0-or-later
"""Dials that drivers move: followed over the take, stepped through once, never while rendering."""

import bpy
import numpy as np
import pytest
from support.characters import value
from support.dials import curves_of_dials, drive, now, settings

from facewright.addon.adjust import evaluate
from facewright.addon.bake import bake
from facewright.addon.blender.stepping import FrameStepper
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.takes import store
from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.core.channels import CHANNELS
from facewright.inference.takes.ends import from_rest


@pytest.fixture
def control(scene):
    """An armature with a bone "control" that moves along Y, keyed; hidden, as rigs may be."""
    obj = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    obj.data.edit_bones.new("control").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    bone = obj.pose.bones["control"]
    for frame, y in ((4, 0.0), (50, 0.9), (100, -0.5)):
        bone.location.y = y
        bone.keyframe_insert("location", frame=frame)
    obj.hide_viewport = True
    return obj


TOLD_OF_FRAMES = ("frame_change_pre", "frame_change_post", "depsgraph_update_pre", "depsgraph_update_post")


def data_blocks():
    """All data-blocks of the file by name."""
    kinds = [getattr(bpy.data, prop.identifier) for prop in bpy.data.bl_rna.properties if prop.type == "COLLECTION"]
    return sorted(block.name_full for kind in kinds for block in kind)


def test_handlers_of_others_stay_in_their_lists_while_drivers_are_read(shown, scene, control, monkeypatch):
    """Also in the middle of it, and where reading fails; and nothing that was made for it is left."""
    drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(20)
    lists = [getattr(bpy.app.handlers, name) for name in TOLD_OF_FRAMES]
    before, blocks, seen = [list(handlers) for handlers in lists], data_blocks(), []
    evaluate_frame = FrameStepper.evaluate

    def watched(*args):
        seen.append([list(handlers) for handlers in lists] == before)
        if len(seen) > 40:
            raise RuntimeError("in the middle")
        return evaluate_frame(*args)

    monkeypatch.setattr(FrameStepper, "evaluate", watched)
    with pytest.raises(RuntimeError, match="in the middle"):
        evaluate.adjustments_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    assert all(seen) and len(seen) > 40
    assert data_blocks() == blocks


def test_a_driven_slider_is_followed_over_the_take_and_baked_so(shown, face, scene, control, quiet):
    own, told = settings(shown), []
    drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    drive(shown.root, "emotion_joy", "frame / 200")
    drive(shown.root, "mask_brows", "2 * joy", joy=(shown.root, "facewright.emotion_joy"))  # a dial that another drives
    times = 4.3 + quiet.times * 24
    curve = next(one for one in curves_of_dials(control) if one.array_index == 1)
    expected = {
        "slider_jaw": np.array([1 + curve.evaluate(frame) for frame in times]),
        "emotion_joy": times / 200,
        "mask_brows": (times / 100).clip(0, 1),
    }
    scene.frame_set(20)
    lists = [getattr(bpy.app.handlers, name) for name in TOLD_OF_FRAMES]
    for handlers in lists:
        handlers.append(lambda scene, *_: told.append(scene.name))
    before = [list(handlers) for handlers in lists]
    names, dirty = [one.name for one in (*bpy.data.scenes, *bpy.data.objects)], scene.frame_current
    dials = evaluate.adjustments_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    assert ([one.name for one in (*bpy.data.scenes, *bpy.data.objects)], scene.frame_current) == (names, dirty)
    assert not told, "nobody is told of frames that only we step through"
    assert [list(handlers) for handlers in lists] == before
    for handlers in lists:
        handlers.pop()
    found = {
        "slider_jaw": dials.values["jaw"],
        "emotion_joy": dials.emotions["joy"],
        "mask_brows": dials.masks["brows"],
    }
    for field, level in expected.items():
        np.testing.assert_allclose(found[field], level, atol=1e-5, err_msg=field)
    frames, seen = (5, 20, 51, 80, 99), []
    for frame in frames:
        scene.frame_set(frame)
        seen.append(now(shown))
        assert own.slider_jaw == pytest.approx(1 + curve.evaluate(frame), abs=1e-5)
    plain = Adjustments(
        {"jaw": expected["slider_jaw"]}, {"joy": expected["emotion_joy"]}, seed=store.get(shown.root).seed
    )
    wanted = adjust(quiet, plain).at([(51 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    scene.frame_set(51)
    assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    bake.bake(scene, shown)
    for frame, before in zip(frames, seen, strict=True):
        scene.frame_set(frame)
        np.testing.assert_allclose(now(shown), before, atol=1e-6)


def test_the_preview_follows_what_a_driver_reads(shown, face, scene, control, quiet):
    def jaw_is(level):
        time = (scene.frame_current - 4.3) / 24
        wanted = from_rest(adjust(quiet, Adjustments({"jaw": level}))).at([time])[0][CHANNELS.index("jawOpen")]
        return value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)

    shown.root["control"] = 1.0
    curve = drive(shown.root, "slider_jaw", "control", control=(shown.root, '["control"]'))
    for frame, level in ((1, 0.5), (1, 1.5), (30, 0.5), (30, 1.5)):  # frame 1 is before the take
        scene.frame_set(frame)
        shown.root["control"] = level  # nothing but the property changes, as when it is dragged
        shown.root.update_tag()
        bpy.context.view_layer.update()
        assert jaw_is(level)
    curve.driver.expression = "control / 2"
    shown.root.update_tag()
    bpy.context.view_layer.update()
    assert jaw_is(0.75)
    shown.root.driver_remove("facewright.slider_jaw")
    drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(99)
    key = next(one for one in curves_of_dials(control) if one.array_index == 1)
    key.keyframe_points[1].co.y = -0.4  # at frame 50, far from the one that is seen
    key.update()
    control.animation_data.action.update_tag()
    bpy.context.view_layer.update()
    level = np.array([1 + key.evaluate(frame) for frame in 4.3 + quiet.times * 24])
    assert jaw_is(level)
    scene.frame_set(50)
    assert jaw_is(level)
    bpy.ops.facewright.dial_reset(fields="slider_jaw")
    assert shown.root.animation_data.drivers, "drivers are the rigger's"
    shown.root.driver_remove("facewright.slider_jaw")
    settings(shown).slider_jaw = 1.0
    assert jaw_is(1.0)


@pytest.fixture
def stepped(monkeypatch):
    """A list that grows whenever the frames of a take are stepped through."""
    steps, sampled = [], evaluate.sampled

    def counted(*args):
        steps.append(args)
        return sampled(*args)

    monkeypatch.setattr(evaluate, "sampled", counted)
    return steps


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 0.8*sin(frame/24*6.28)",
        "1 + 0.8*cos(frame/3)",
        "fabs(frame % 8 - 4) / 4",
        "frame % 5 / 5",
        "frame // 7 % 2",
    ],
)
def test_plain_playback_steps_through_the_frames_once(shown, scene, stepped, expression):
    curve = drive(shown.root, "slider_jaw", expression)
    for frame in range(1, 101):
        scene.frame_set(frame)
    assert len(stepped) == 1
    curve.driver.expression = "1.9"  # at a turning point of the others, too
    scene.frame_set(53)
    assert len(stepped) == 2


def test_nothing_is_stepped_through_while_a_render_runs(shown, face, scene, control, stepped, monkeypatch):
    """What a window answers during a render is put in by hand: without one, a render is no job."""
    drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(50)
    count, before = len(stepped), value(face, "jawOpen")
    rendering = [True]
    monkeypatch.setattr(evaluate, "_rendering", lambda: rendering[0])
    key = next(one for one in curves_of_dials(control) if one.array_index == 1)
    key.keyframe_points[1].co.y = -0.4
    key.update()
    control.animation_data.action.update_tag()
    bpy.context.view_layer.update()
    take = store.get(shown.root)
    evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    assert value(face, "jawOpen") == before, "as it was found last"
    assert np.ndim(evaluate.adjustments_of(scene, shown.root, take, timeline_of(scene, 5.0)).values["jaw"]) == 0, (
        "found nowhere"
    )
    assert len(stepped) == count
    rendering[0] = False
    scene.frame_set(51)
    scene.frame_set(50)
    assert len(stepped) == count + 1 and value(face, "jawOpen") != before


def test_a_pose_without_keys_is_not_lost_while_drivers_are_stepped_through(shown, scene, control):
    drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(30)
    control.pose.bones["control"].location = (5, 6, 7)
    before = control.pose.bones["control"].location.copy()
    evaluate.motion_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    assert control.pose.bones["control"].location == before


@pytest.mark.parametrize("place", ["frame_current", "frame_current_final", "frame_float", "frame_subframe"])
def test_a_driver_that_does_not_work_is_told_of_and_the_rest_goes_on(shown, scene, place):
    broken = drive(shown.root, "slider_jaw", "lost", lost=(shown.root, '["lost"]'))
    other = drive(shown.root, "slider_lips", "now", now=(shown.root, '["now"]'))
    other.driver.variables[0].targets[0].id_type = "SCENE"
    other.driver.variables[0].targets[0].id = scene
    other.driver.variables[0].targets[0].data_path = place
    drive(shown.root, "emotion_joy", "0.5")
    scene.frame_set(30)
    first, second = evaluate.troubles(shown.root)
    assert first.startswith("The driver of Jaw does not work: correct it in the Drivers Editor; it stays at")
    assert second.startswith("The driver of Lips reads the current frame of a scene: write 'frame'")
    dials = evaluate.adjustments_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    np.testing.assert_allclose(dials.emotions["joy"], 0.5, atol=1e-6)
    assert np.ndim(dials.values.get("jaw", 1.0)) == np.ndim(dials.values.get("lips", 1.0)) == 0, "they stay"
    assert first in str(bake.bake(scene, shown))
    broken.mute = other.mute = True
    assert not evaluate.troubles(shown.root)
