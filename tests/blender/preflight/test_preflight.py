# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight in real Blender: each trouble is made, found, mended by its button, and gone."""

import json
import shutil

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, top

from facewright.addon import command
from facewright.addon.bake import bake, unbake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.preflight.keys import slider
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.motion import Motion
from facewright.inference.retarget.rig import Line, Rig


@pytest.fixture
def who(face, scene, speech):
    """A character with which nothing is wrong."""
    face.parent.facewright.filepath = str(speech)
    return character.find(face, scene)


def find():
    who = character.find(bpy.context.view_layer.objects.active, bpy.context.scene)
    return inspection.inspect(bpy.context.scene, who)


def names():
    return [one.check for one in find()]


def mend(check):
    assert bpy.ops.facewright.mend(check=check) == {"FINISHED"}


def blocks(obj):
    return obj.data.shape_keys.key_blocks


def data(obj):
    return obj.data.shape_keys.animation_data


def baked(who, **mode):
    return bake.bake_motion(bpy.context.scene, who, random_motion(100), frame=1.0, name="speech", mode=Mode(**mode))


def test_nothing_is_said_of_a_sound_character(who):
    assert find() == []
    baked(who)
    assert find() == []


def lock_curve(face, who):
    baked(who)
    actions.fcurves_of(face.data.shape_keys)[3].lock = True


def mute_curve(face, who):
    baked(who)
    actions.fcurves_of(face.data.shape_keys)[3].mute = True


def add_driver(face, who):
    blocks(face)["jawOpen"].driver_add("value")


def mute_key(face, who):
    blocks(face)["jawOpen"].mute = True


def shorten_slider(face, who):
    blocks(face)["jawOpen"].slider_max = 0.5


def push_and_tweak(face, who):
    baked(who)
    action = data(face).action
    data(face).action = None
    strip = data(face).nla_tracks.new().strips.new("hand", 1, action)
    strip.select = True
    data(face).nla_tracks[0].select = True
    data(face).nla_tracks.active = data(face).nla_tracks[0]
    data(face).use_tweak_mode = True


def unassign_slot(face, who):
    if not actions.SLOTTED:
        pytest.skip("Actions have slots since Blender 4.4")
    baked(who)
    data(face).action_slot = None


def absolute(face, who):
    face.data.shape_keys.use_relative = False


def pin(face, who):
    face.show_only_shape_key = True


def other_rate(face, who):
    baked(who)
    bpy.context.scene.render.fps = 30


def stretch_time(face, who):
    bpy.context.scene.render.frame_map_new = 200


def solo(face, who):
    baked(who)
    hand = bpy.data.actions.new("hand")
    track = data(face).nla_tracks.new()
    track.strips.new("hand", 1, hand)
    track.is_solo = True


def turn_down(face, who):
    baked(who)
    data(face).nla_tracks.new().strips.new("hand", 1, bpy.data.actions.new("hand"))
    data(face).action_influence = 0.0


def mute_added_strip(face, who):
    baked(who, into="ADDITIVE")
    data(face).nla_tracks["Facewright"].strips[0].mute = True


def switch_off_nla(face, who):
    baked(who, into="ADDITIVE")
    data(face).use_nla = False


TROUBLES = {
    lock_curve: ("locked_curve", "'Bob face', F-curves are locked (1)"),
    mute_curve: ("muted_curve", "muted (1), so their keys show nothing"),
    add_driver: ("driver", "On 'Bob face', drivers win over keys: jawOpen."),
    mute_key: ("muted_key", "shape keys are muted: jawOpen"),
    shorten_slider: ("slider", "sliders end before the motion does: jawOpen"),
    push_and_tweak: ("tweak_mode", "An NLA strip of 'Bob face' is in tweak mode."),
    unassign_slot: ("slot", "'Bob face' uses 'speech' without a slot"),
    absolute: ("absolute_keys", "'Bob face' uses absolute shape keys"),
    pin: ("pinned_key", "'Bob face' shows only its active shape key"),
    other_rate: ("frame_rate", "Baked at 24 frames per second, but the scene runs at 30"),
    stretch_time: ("frame_rate", "Time Stretching remaps frames"),
    solo: ("nla", "On 'Bob face', an NLA track is played alone"),
    turn_down: ("nla", "On 'Bob face', the NLA lets the Action in use count for less than all"),
    mute_added_strip: ("nla", "On 'Bob face', the NLA track or strip of the bake is muted"),
    switch_off_nla: ("nla", "On 'Bob face', the NLA is switched off"),
}


@pytest.mark.parametrize("make", TROUBLES, ids=lambda make: make.__name__)
def test_a_trouble_is_found_mended_and_gone(face, who, make, capsys):
    check, text = TROUBLES[make]
    make(face, who)
    (found,) = find()
    assert found.check == check
    assert text in found.text
    assert found.mend
    assert command.main(["--check"]) == (found.severity == "ERROR")
    (said,) = json.loads(capsys.readouterr().out.splitlines()[-1])["findings"]
    assert (said["check"], said["text"], said["mend"]) == (check, found.text, found.mend)
    mend(check)
    assert find() == []


def test_after_mending_the_face_moves(face, who, scene):
    for make in (mute_key, add_driver, absolute, pin, shorten_slider):
        make(face, who)
    assert sorted(names()) == ["absolute_keys", "driver", "muted_key", "pinned_key", "slider"]
    for check in names():
        mend(check)
    baked(who)
    scene.frame_set(1)
    still = top(face)
    scene.frame_set(20)
    assert abs(top(face) - still).max() > 0.1


def test_a_muted_driver_is_still_there(face, who):
    add_driver(face, who)
    mend("driver")
    assert [one.mute for one in data(face).drivers] == [True]


def test_channels_that_move_nothing_are_named(make_mesh, scene, speech):
    obj = make_mesh("face", ARKIT[:-3])
    obj.facewright.filepath = str(speech)
    (found,) = find()
    assert found.check == "unmapped"
    assert found.text.startswith("3 of 52 channels move nothing here:")
    assert ARKIT[-1] in found.text
    assert not found.mend
    assert "Expected one of" in error_of(bpy.ops.facewright.mend, check="unmapped")


def test_no_sound_is_an_error(face, scene):
    (found,) = find()
    assert (found.check, found.severity, found.mend) == ("sound", "ERROR", "")
    face.parent.facewright.filepath = "//gone.wav"
    assert "gone.wav' is not there" in find()[0].text


def test_a_sound_that_moved_along_with_the_blend_is_found(face, who, speech, tmp_path):
    (tmp_path / "sound").mkdir()
    shutil.copy(speech, tmp_path / "sound" / "line.wav")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    root = bpy.data.objects["Bob"]
    root.facewright.filepath = "/Volumes/old disk/line.wav"
    assert find()[0].mend == "Use line.wav beside the .blend"
    mend("sound")
    assert find() == []


def test_a_part_in_an_excluded_collection_is_named(face, who, scene):
    aside = bpy.data.collections.new("aside")
    scene.collection.children.link(aside)
    teeth = bpy.data.objects["Bob teeth"]
    aside.objects.link(teeth)
    scene.collection.objects.unlink(teeth)
    bpy.context.view_layer.layer_collection.children["aside"].exclude = True
    assert names() == ["hidden"]
    mend("hidden")
    assert names() == []
    assert teeth.visible_get()
    aside.objects.unlink(teeth)  # a child of Bob still, but in no collection of the scene
    assert names() == ["hidden"]
    mend("hidden")
    assert names() == []
    assert teeth.visible_get()


@pytest.mark.parametrize("how", ["collection", "objects"])
def test_a_linked_character_becomes_an_override_that_moves(face, who, scene, tmp_path, how):
    library = tmp_path / "library.blend"
    people = bpy.data.collections.new("Bob")
    scene.collection.children.link(people)
    for name in ("Bob", "Bob face", "Bob teeth", "Bob tongue"):
        obj = bpy.data.objects[name]
        people.objects.link(obj)
        scene.collection.objects.unlink(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        if how == "collection":
            wanted.collections = ["Bob"]
        else:
            wanted.objects = ["Bob", "Bob face", "Bob teeth", "Bob tongue"]
    scene = bpy.context.scene
    for one in wanted.collections:
        scene.collection.children.link(one)
    for one in wanted.objects:
        scene.collection.objects.link(one)
    bpy.context.view_layer.objects.active = bpy.data.objects["Bob face"]
    found = find()[0]
    assert (found.check, found.severity) == ("linked", "ERROR")
    assert "Linked from 'library.blend'" in found.text
    mend("linked")
    assert sorted(obj.name for obj in scene.objects) == ["Bob", "Bob face", "Bob teeth", "Bob tongue"]
    face = bpy.context.view_layer.objects.active
    assert face.name == "Bob face"
    assert face.parent.library is None
    assert names() == []
    baked(character.find(face, scene))
    scene.frame_set(1)
    still = top(face)
    scene.frame_set(20)
    assert abs(top(face) - still).max() > 0.1
    shot = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    scene = bpy.context.scene
    face = bpy.context.view_layer.objects.active
    scene.frame_set(20)
    assert abs(top(face) - still).max() > 0.1
    unbake.unbake(character.find(face, scene))
    scene.frame_set(20)
    assert abs(top(face)).max() == pytest.approx(0, abs=1e-6)


def test_a_slider_that_only_a_mix_of_channels_in_the_take_goes_beyond(face, who, speech, scene):
    """Two lines on one shape, each within its slider: only the take shows that their sum is not."""
    bpy.ops.facewright.mapping_match()
    lines = face.parent.facewright.mapping
    jaw = next(line for line in lines if line.target == "jawOpen")
    jaw.max = 2.0
    extra = next(line for line in lines if line.target == "jawForward")
    extra.target, extra.max = "jawOpen", 2.0
    assert "slider" not in names()
    store.store(who.root, store.Take(random_motion(50), Speech(str(speech)), 0, "CPU"))
    assert "slider" in names()
    mend("slider")
    assert "slider" not in names()
    assert blocks(face)["jawOpen"].slider_max > 1.5


def test_how_far_a_take_takes_each_slider_is_seen_without_moving_them_on_every_frame():
    values = np.random.default_rng(0).uniform(-1.2, 1.2, (300, 3)).astype(np.float32)
    lines = (
        Line("a", "eased", -1.5, low=-2.0, high=2.0, curve="ease"),
        Line("b", "bent", 0.8, 0.1, -0.5, 2.0, curve="power", power=0.5),
        Line("a", "both", 0.7, low=-2.0),
        Line("b", "plain"),
        Line("c", "both", -0.4, high=2.0),
        Line("gone", "still", offset=0.3),
        Line("c", "plain", 9.0, use=False),
    )
    motion = Motion(values, ("a", "b", "c"), 50.0)
    low, high = slider.reach_of_lines(motion, lines)
    moved = Rig(lines).retarget(motion)
    assert np.array_equal(low, moved.min(axis=0)) and np.array_equal(high, moved.max(axis=0))


@pytest.mark.parametrize("arguments", [["check"], ["--check"], ["check", "--object", "Bob teeth"]])
def test_the_command_line_says_it_as_json(face, who, capsys, arguments):
    assert command.main(arguments) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["character"] == "Bob"
    assert report["coverage"] == "52 of 52 ARKit shapes on 3 meshes"
    assert len(report["moves"]["Bob face"]) == 52
    mute_key(face, who)
    assert command.main(arguments) == 0  # one shape that rests keeps nobody from baking
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "muted_key"
    absolute(face, who)
    assert command.main(arguments) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_the_command_line_may_be_given_the_sound(face, scene, speech, capsys, tmp_path):
    assert command.main(["--check"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "sound"
    assert command.main(["--check", "--audio", str(speech)]) == 0
    assert command.main(["--check", "--audio", str(tmp_path / "none.wav")]) == 1


def test_the_command_line_without_a_character(scene, capsys):
    assert command.main(["--check"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert "No object is active" in report["findings"][0]["text"]
    assert command.main(["check", "--object", "Nobody"]) == 1
    nobody = json.loads(capsys.readouterr().out)
    assert "got 'Nobody'" in nobody["findings"][0]["text"]
    assert report.keys() == nobody.keys() == {"ok", "character", "coverage", "moves", "missing", "findings"}


def test_the_json_says_all_that_moves_on_one_object(face, speech, scene):
    face["lips"] = 0.0
    bpy.ops.facewright.mapping_add(source="mouthFunnel", target="lips")
    face.parent.facewright.mapping[-1].kind = "property"
    assert set(inspection.report(scene, face, str(speech))["moves"]["Bob face"]) == {*ARKIT, '["lips"]'}
