# SPDX-License-Identifier: GPL-3.0-or-later
"""Dials on a character: live in the preview, keyed, baked just as shown, saved, overridden, reset."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, top, value

from facewright.addon.adjust import evaluate
from facewright.addon.adjust.properties import DIALS
from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import analysis, store
from facewright.addon.ui.adjust import phonemes_panel
from facewright.inference.adjust.adjustments import Sliders, dialled
from facewright.inference.adjust.phoneme_gains import SPOKEN
from facewright.inference.core.analysis import CURVES, SpeechAnalysis
from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.core.regions import WEIGHTS

JAW = "facewright.slider_jaw"


@pytest.fixture
def quiet():
    """Four seconds of motion with weights up to a half, so that there is room above."""
    rng = np.random.default_rng(2)
    knots = rng.random((21, len(CHANNELS))) * [0.5 if name in WEIGHTS else 0.05 for name in CHANNELS]
    curves = [np.interp(np.linspace(0, 20, 200), np.arange(21), column) for column in knots.T]
    return Motion(np.stack(curves, axis=1), CHANNELS, 50.0)


@pytest.fixture
def shown(face, scene, quiet):
    """The face with a take that starts at frame 4.3, listened to, and its preview on."""
    who = character.find(face, scene)
    take = store.Take(quiet, Speech("/nowhere/hello.wav", frame=4.3), 0, "CPU")
    store.store(who.root, take)
    rng = np.random.default_rng(3)
    shares = np.repeat(rng.dirichlet(np.full(40, 0.02), 25), 8, axis=0)  # 160 ms each
    heard = Motion(np.column_stack([shares, rng.normal(0, 6, 200)]), CURVES, 50.0)
    analysis.remember(who.root, take, SpeechAnalysis.from_curves(heard))
    preview.start(scene, who, store.get(who.root))
    return who


def settings(who):
    return who.root.facewright


def now(who):
    return np.array([part.block.key_blocks[n].value for part in who.parts for n in part.rig.controls])


def test_every_dial_is_a_property_with_its_range_and_neutral(face):
    own = face.parent.facewright
    for field, dial in DIALS.items():
        rna = own.bl_rna.properties[field]
        assert getattr(own, field) == pytest.approx(dial.neutral)
        assert (rna.hard_min, rna.hard_max) == pytest.approx((dial.low, dial.high))
        assert rna.description and rna.is_animatable and rna.is_overridable


def test_a_slider_is_live(shown, face, scene, quiet):
    scene.frame_set(30)
    was = value(face, "jawOpen")
    settings(shown).slider_jaw = 1.5
    expected = dialled(quiet, Sliders({"jaw": 1.5})).at([(30 - 4.3) / 24])[0]
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
    curve = next(one for one in _curves(shown.root) if one.data_path == JAW)
    level = np.array([curve.evaluate(frame) for frame in frames])
    expected = dialled(quiet, Sliders({"jaw": level}))
    for frame in (10, 50, 95):
        scene.frame_set(frame)
        wanted = expected.at([(frame - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
        assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    curve.keyframe_points[0].co.y = 2.0  # as in the Graph Editor
    curve.update()
    shown.root.update_tag()
    bpy.context.view_layer.update()
    wanted = dialled(quiet, Sliders({"jaw": 2.0})).at([(95 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
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


def _curves(root):
    from facewright.addon.blender import actions

    return actions.home_of(root).kept_fcurves


def _drive(root, field, expression, **variables):
    """A driver on a dial; variables are (id, data path), or (armature, bone) for its local Y."""
    curve = root.driver_add(f"facewright.{field}")
    for name, (block, place) in variables.items():
        variable = curve.driver.variables.new()
        variable.name, target = name, variable.targets[0]
        if block.type == "ARMATURE":
            variable.type = "TRANSFORMS"
            target = variable.targets[0]
            target.bone_target, target.transform_type, target.transform_space = place, "LOC_Y", "LOCAL_SPACE"
        else:
            target.data_path = place
        target.id = block
    curve.driver.expression = expression
    return curve


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


def test_a_driven_slider_is_followed_over_the_take_and_baked_so(shown, face, scene, control, quiet):
    own, told = settings(shown), []
    _drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    _drive(shown.root, "emotion_joy", "frame / 200")
    _drive(
        shown.root, "mask_brows", "2 * joy", joy=(shown.root, "facewright.emotion_joy")
    )  # a dial that another drives
    times = 4.3 + quiet.times * 24
    curve = next(one for one in _curves(control) if one.array_index == 1)
    expected = {
        "slider_jaw": np.array([1 + curve.evaluate(frame) for frame in times]),
        "emotion_joy": times / 200,
        "mask_brows": (times / 100).clip(0, 1),
    }
    scene.frame_set(20)
    bpy.app.handlers.frame_change_post.append(lambda scene, *_: told.append(scene.name))
    names, dirty = [one.name for one in (*bpy.data.scenes, *bpy.data.objects)], scene.frame_current
    dials = evaluate.sliders_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    assert ([one.name for one in (*bpy.data.scenes, *bpy.data.objects)], scene.frame_current) == (names, dirty)
    assert not told, "nobody is told of frames that only we step through"
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
    plain = Sliders({"jaw": expected["slider_jaw"]}, {"joy": expected["emotion_joy"]}, seed=store.get(shown.root).seed)
    wanted = dialled(quiet, plain).at([(51 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    scene.frame_set(51)
    assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    bake.bake(scene, shown)
    for frame, before in zip(frames, seen, strict=True):
        scene.frame_set(frame)
        np.testing.assert_allclose(now(shown), before, atol=1e-6)


def test_the_preview_follows_what_a_driver_reads(shown, face, scene, control, quiet):
    def jaw_is(level):
        time = (scene.frame_current - 4.3) / 24
        wanted = dialled(quiet, Sliders({"jaw": level})).at([time])[0][CHANNELS.index("jawOpen")]
        return value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)

    shown.root["control"] = 1.0
    curve = _drive(shown.root, "slider_jaw", "control", control=(shown.root, '["control"]'))
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
    _drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(99)
    key = next(one for one in _curves(control) if one.array_index == 1)
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
    curve = _drive(shown.root, "slider_jaw", expression)
    for frame in range(1, 101):
        scene.frame_set(frame)
    assert len(stepped) == 1
    curve.driver.expression = "1.9"  # at a turning point of the others, too
    scene.frame_set(53)
    assert len(stepped) == 2


def test_nothing_is_stepped_through_while_a_render_runs(shown, face, scene, control, stepped, monkeypatch):
    """What a window answers during a render is put in by hand: without one, a render is no job."""
    _drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(50)
    count, before = len(stepped), value(face, "jawOpen")
    rendering = [True]
    monkeypatch.setattr(evaluate, "_rendering", lambda: rendering[0])
    key = next(one for one in _curves(control) if one.array_index == 1)
    key.keyframe_points[1].co.y = -0.4
    key.update()
    control.animation_data.action.update_tag()
    bpy.context.view_layer.update()
    take = store.get(shown.root)
    evaluate.motion_of(scene, shown.root, take, timeline_of(scene, 4.3))
    assert value(face, "jawOpen") == before, "as it was found last"
    assert np.ndim(evaluate.sliders_of(scene, shown.root, take, timeline_of(scene, 5.0)).values["jaw"]) == 0, (
        "found nowhere"
    )
    assert len(stepped) == count
    rendering[0] = False
    scene.frame_set(51)
    scene.frame_set(50)
    assert len(stepped) == count + 1 and value(face, "jawOpen") != before


def test_a_pose_without_keys_is_not_lost_while_drivers_are_stepped_through(shown, scene, control):
    _drive(shown.root, "slider_jaw", "1 + y", y=(control, "control"))
    scene.frame_set(30)
    control.pose.bones["control"].location = (5, 6, 7)
    before = control.pose.bones["control"].location.copy()
    evaluate.motion_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    assert control.pose.bones["control"].location == before


@pytest.mark.parametrize("place", ["frame_current", "frame_current_final", "frame_float", "frame_subframe"])
def test_a_driver_that_does_not_work_is_told_of_and_the_rest_goes_on(shown, scene, place):
    broken = _drive(shown.root, "slider_jaw", "lost", lost=(shown.root, '["lost"]'))
    other = _drive(shown.root, "slider_lips", "now", now=(shown.root, '["now"]'))
    other.driver.variables[0].targets[0].id_type = "SCENE"
    other.driver.variables[0].targets[0].id = scene
    other.driver.variables[0].targets[0].data_path = place
    _drive(shown.root, "emotion_joy", "0.5")
    scene.frame_set(30)
    first, second = evaluate.troubles(shown.root)
    assert first.startswith("The driver of Jaw does not work: correct it in the Drivers Editor; it stays at")
    assert second.startswith("The driver of Lips reads the current frame of a scene: write 'frame'")
    dials = evaluate.sliders_of(scene, shown.root, store.get(shown.root), timeline_of(scene, 4.3))
    np.testing.assert_allclose(dials.emotions["joy"], 0.5, atol=1e-6)
    assert np.ndim(dials.values.get("jaw", 1.0)) == np.ndim(dials.values.get("lips", 1.0)) == 0, "they stay"
    assert first in str(bake.bake(scene, shown))
    broken.mute = other.mute = True
    assert not evaluate.troubles(shown.root)


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
    assert not [one for one in _curves(shown.root) if one.data_path == JAW]
    bpy.ops.facewright.dial_reset(fields="slider")
    assert (own.slider_lips, own.emotion_joy) == (1.0, 0.5)
    bpy.ops.facewright.dial_reset()
    scene.frame_set(40)
    wanted = quiet.at([(40 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(wanted, abs=1e-5)
    assert "Expected dials such as" in error_of(bpy.ops.facewright.dial_reset, fields="slider_jow")


def test_a_group_of_phones_is_one_drag_that_keeps_their_differences(shown):
    own = settings(shown)
    own.phone_M = 1.2
    assert own.group_0 == pytest.approx((1.2 + 1 + 1) / 3)
    own.group_0 = 1.6
    assert own.group_0 == pytest.approx(1.6, abs=1e-5)
    assert own.phone_M == pytest.approx(1.2 * own.phone_B, abs=1e-5)
    own.group_0 = 0.0
    own.group_0 = 1.0
    assert (own.phone_M, own.phone_B, own.phone_P) == (1.0, 1.0, 1.0)


def test_the_table_of_phones_is_sorted_and_searched():
    counts = {"M": 3, "AE": 7, "B": 1}
    groups = [f"group_{number}" for number in range(10)]
    assert phonemes_panel.rows(counts, "GROUP", "", ()) == groups
    opened = phonemes_panel.rows(counts, "GROUP", "", {"group_0"})
    assert opened == ["group_0", "phone_M", "phone_B", "phone_P", *groups[1:]]
    often = phonemes_panel.rows(counts, "OFTEN", "", ())
    assert often[:3] == ["phone_AE", "phone_M", "phone_B"] and len(often) == 39
    named = phonemes_panel.rows(counts, "NAME", "", ())
    assert named == sorted(f"phone_{phone}" for phone in SPOKEN)
    assert phonemes_panel.rows(counts, "GROUP", "m pee", ()) == ["phone_M", "phone_P"]
    assert phonemes_panel.rows(counts, "OFTEN", "CHEESE", ()) == ["phone_CH"]


def test_phones_are_marked_where_they_are_spoken_and_only_those_marks_go(shown, scene):
    scene.timeline_markers.new("mine", frame=7)
    bpy.ops.facewright.phones_mark(phones="M B P")
    names = {marker.name for marker in scene.timeline_markers}
    assert names <= {"mine", "[M]", "[B]", "[P]"} and len(names) > 1
    count = len(scene.timeline_markers)
    bpy.ops.facewright.phones_mark(phones="M B P")
    assert len(scene.timeline_markers) == count, "marked again, not twice"
    heard = analysis.of(shown.root, store.get(shown.root)).curves()
    for marker in scene.timeline_markers:
        if marker.name != "mine":
            shares = heard.at([(marker.frame - 4.3) / 24])[0]
            assert shares[CURVES.index(marker.name[1:-1])] > 0.1
    bpy.ops.facewright.phones_unmark()
    assert [marker.name for marker in scene.timeline_markers] == ["mine"]
    assert "got 'XX'" in error_of(bpy.ops.facewright.phones_mark, phones="XX")


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
        expected = dialled(motion, Sliders({"jaw": 1.7})).at([(40 - 4.3) / 24])[0]
        assert value(obj, "jawOpen") == pytest.approx(expected[CHANNELS.index("jawOpen")], abs=1e-5)


def test_what_needs_ears_rests_without_them(face, scene, quiet):
    who = character.find(face, scene)
    take = store.Take(quiet, Speech("/nowhere/other.wav", frame=1.0), 0, "CPU")
    store.store(who.root, take)
    who.root.facewright.slider_energy = who.root.facewright.phone_M = 1.5
    made = evaluate.motion_of(scene, who.root, store.get(who.root), timeline_of(scene, 1.0))
    np.testing.assert_array_equal(made.values, quiet.values)
    assert "Nobody listened" in error_of(bpy.ops.facewright.phones_mark, phones="M")


def test_generate_listens(face, scene, speech):
    bpy.ops.facewright.generate(filepath=str(speech), frame=1.0)
    root = face.parent
    take = store.get(root)
    assert analysis.of(root, take).phonemes.frames == take.motion.frames
    counts = analysis.counts(root, take)
    assert sum(counts.values()) > 20
    root.facewright.slider_energy = 1.0
    louder = evaluate.motion_of(scene, root, take, timeline_of(scene, 1.0))
    assert np.abs(louder.select(ARKIT).values - take.motion.select(ARKIT).values).max() > 0.02


def test_a_take_made_again_is_listened_to_again(face, scene, speech):
    bpy.ops.facewright.generate(filepath=str(speech), frame=1.0)
    root = face.parent
    root.facewright.heard = root.facewright.heard_key = ""
    analysis.clear()
    assert analysis.of(root, store.get(root)) is None
    bpy.ops.facewright.take_again()
    assert analysis.of(root, store.get(root)).phonemes.frames == store.get(root).motion.frames
