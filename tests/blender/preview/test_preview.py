# SPDX-License-Identifier: GPL-3.0-or-later
"""The take shown while scrubbing: the same as the bake, gone when switched off, never saved, safe with undo."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from support.characters import random_motion, top, value

from facewright.addon.bake import bake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT, CHANNELS


@pytest.fixture
def shown(face, scene, motion):
    """The face with a take that starts at frame 4.3, and its preview on."""
    who = character.find(face, scene)
    take = store.Take(motion, Speech("/nowhere/hello.wav", frame=4.3), 0, "CPU")
    store.store(who.root, take)
    preview.start(scene, who, take)
    return who


def values(who):
    return [[part.block.key_blocks[name].value for name in part.rig.controls] for part in who.parts]


def flat(lists):
    return np.array([v for one in lists for v in one])


def test_preview_is_the_bake(shown, scene):
    frames = (1, 4, 5, 30, 31, 99, 103, 200)
    seen, places = [], []
    for frame in frames:
        scene.frame_set(frame)
        seen.append(flat(values(shown)))
        places.append([top(part.obj) for part in shown.parts])
    bake.bake(scene, shown)
    for frame, before, place in zip(frames, seen, places, strict=True):
        scene.frame_set(frame)
        np.testing.assert_allclose(flat(values(shown)), before, atol=1e-6)
        np.testing.assert_allclose([top(part.obj) for part in shown.parts], place, atol=1e-5)
    assert np.ptp(seen, axis=0).max() > 0.1


def test_it_shows_between_frames_too(shown, face, scene, motion):
    scene.frame_set(20, subframe=0.5)
    expected = motion.at([(20.5 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-5)


def test_switching_off_puts_the_artists_values_back(face, scene, motion):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.625
    settings = face.parent.facewright
    store.store(face.parent, store.Take(motion, Speech("/nowhere/a.wav"), 0, "CPU"))
    assert not settings.preview
    settings.preview = True
    scene.frame_set(30)
    assert settings.preview
    assert value(face, "jawOpen") != 0.625
    settings.preview = False
    assert value(face, "jawOpen") == 0.625
    scene.frame_set(31)
    assert value(face, "jawOpen") == 0.625


def test_a_switch_without_a_take_stays_off(face):
    face.parent.facewright.preview = True
    assert not face.parent.facewright.preview


def test_it_shows_over_an_action_and_gives_way_to_it_again(face, scene, motion):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    for frame, level in ((1, 0.0), (101, 1.0)):
        block.value = level
        block.keyframe_insert("value", frame=frame)
    who = character.find(face, scene)
    take = store.Take(motion, Speech("/nowhere/a.wav"), 0, "CPU")
    preview.start(scene, who, take)
    scene.frame_set(51)
    expected = motion.at([50 / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-5)
    preview.stop(who.root)
    bpy.context.view_layer.update()
    assert value(face, "jawOpen") == pytest.approx(0.5, abs=0.01)


def test_a_saved_file_holds_the_artists_values(shown, face, scene, tmp_path):
    scene.frame_set(30)
    now = value(face, "jawOpen")
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    assert value(face, "jawOpen") == now  # still shown
    bpy.ops.wm.open_mainfile(filepath=path)
    assert {value(bpy.data.objects["Bob face"], name) for name in ARKIT} == {0.0}


def test_opening_a_file_forgets_everything(shown, scene):
    root = SimpleNamespace(session_uid=shown.root.session_uid)  # Blender's own is gone with the file
    assert preview.is_on(root)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not preview.is_on(root)
    bpy.context.scene.frame_set(5)


def test_scrubbing_after_objects_and_shapes_were_deleted(shown, face, scene):
    face.shape_key_remove(face.data.shape_keys.key_blocks["jawOpen"])
    bpy.data.objects.remove(bpy.data.objects["Bob teeth"])
    scene.frame_set(30)
    assert value(face, "jawLeft") > 0
    bpy.data.batch_remove([*bpy.data.objects, *bpy.data.meshes])
    scene.frame_set(31)


def test_undo_while_shown(shown, face, scene, motion):
    bpy.ops.ed.undo_push(message="start")
    bpy.data.objects["Bob"].location.x = 3
    bpy.ops.ed.undo_push(message="moved")
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    scene.frame_set(30)
    face = bpy.data.objects["Bob face"]
    expected = motion.at([(30 - 4.3) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-5)
    preview.stop(bpy.data.objects["Bob"])
    assert {value(face, name) for name in ARKIT} == {0.0}


def test_a_new_start_frame_moves_the_take_at_once(face, scene, motion, speech):
    bpy.ops.facewright.generate(filepath=str(speech), frame=1.0)
    motion = store.get(face.parent).motion
    scene.frame_set(40)
    face.parent.facewright.frame = 21.5
    expected = motion.at([(40 - 21.5) / 24])[0][CHANNELS.index("jawOpen")]
    assert value(face, "jawOpen") == pytest.approx(expected, abs=1e-5)


def test_two_characters_show_their_own_takes(make_mesh, scene):
    shows = {}
    for number, name in enumerate(("Ann", "Ben")):
        obj = make_mesh(name, ARKIT)
        take = store.Take(random_motion(100, seed=number), Speech("/nowhere/a.wav"), 0, "CPU")
        preview.start(scene, character.find(obj, scene), take)
        shows[name] = take
    scene.frame_set(20)
    for name, take in shows.items():
        expected = take.motion.at([19 / 24])[0][CHANNELS.index("jawOpen")]
        assert value(bpy.data.objects[name], "jawOpen") == pytest.approx(expected, abs=1e-5)
