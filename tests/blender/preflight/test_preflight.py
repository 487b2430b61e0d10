# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight in real Blender: each trouble is made, found, mended by its button, and gone."""

import json
import shutil

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, top
from support.preflight_examples import (
    TROUBLES,
    absolute,
    add_driver,
    baked,
    blocks,
    data,
    mute_key,
    pin,
    shorten_slider,
)

from facewright.addon import command
from facewright.addon.bake import unbake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.preflight.keys import slider
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.motion import Motion
from facewright.inference.retarget.rig import Line, Rig


def find():
    who = character.find(bpy.context.view_layer.objects.active, bpy.context.scene)
    return inspection.inspect(bpy.context.scene, who)


def names():
    return [one.check for one in find()]


def mend(check):
    assert bpy.ops.facewright.mend(check=check) == {"FINISHED"}


def test_nothing_is_said_of_a_sound_character(who):
    assert find() == []
    baked(who)
    assert find() == []


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
