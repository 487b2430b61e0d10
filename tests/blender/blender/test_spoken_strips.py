# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips that are spoken or refused: packed, linked, muted, with several speeds, of other kinds."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from support import listening
from support.characters import error_of
from support.strips import into_meta, retime, trim

from facewright.addon.blender import sequencer, strips
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.takes import store
from facewright.inference.audio.decode import load_audio, load_clip
from facewright.inference.core.errors import AudioError


@pytest.fixture(autouse=True)
def clicks(tmp_path, scene):
    path = listening.write_clicks(tmp_path / "clicks.wav")
    listening.need_sound(scene, path)
    return path


def add(scene, path, frame=30, channel=1, name="line"):
    return listening.strips_of(scene).new_sound(name, str(path), channel, frame)


def findings(scene, face):
    return inspection.inspect(scene, character.find(face, scene))


def refused(scene):
    with pytest.raises(AudioError) as error:
        sequencer.from_strip(scene, "line")
    return str(error.value)


@pytest.mark.parametrize("percent", [100, 200])
def test_a_packed_sound_is_spoken_from_a_copy(scene, clicks, percent):
    strip = add(scene, clicks)
    strip.sound.pack()
    clicks.unlink()
    if percent != 100:
        retime(scene, strip, percent)
    trim(strip, 12)
    speech = sequencer.from_strip(scene, "line")
    assert Path(speech.path) == clicks
    assert speech.speed == pytest.approx(percent / 100, rel=0.02)
    again = listening.write_clicks(clicks)
    np.testing.assert_array_equal(load_clip(speech.clip).samples, load_audio(again, start=speech.start).samples)


def test_a_take_of_a_packed_sound_is_made_and_made_again(face, scene, speech, tmp_path):
    path = tmp_path / "said.wav"
    path.write_bytes(speech.read_bytes())
    add(scene, path).sound.pack()
    path.unlink()
    assert bpy.ops.facewright.generate(strip="line") == {"FINISHED"}
    recipe = store.get(face.parent).recipe
    assert recipe.sound.name == "said.wav"
    assert bpy.ops.facewright.take_again() == {"FINISHED"}


def test_a_linked_sound_lies_beside_its_library(scene, clicks, tmp_path):
    add(scene, clicks)
    (tmp_path / "sounds").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sounds" / "library.blend"))
    bpy.data.sounds[0].filepath = "//../clicks.wav"
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(str(tmp_path / "sounds" / "library.blend"), link=True) as (there, wanted):
        wanted.sounds = there.sounds
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    scene = bpy.context.scene
    other = listening.write_clicks(tmp_path / "other.wav")
    strip = add(scene, other)
    strip.sound = next(one for one in bpy.data.sounds if one.library)
    assert Path(sequencer.from_strip(scene, "line").path).resolve() == clicks


def test_several_speeds_are_refused(scene, clicks):
    strip = add(scene, clicks)
    trim(strip, 0, 20)
    retime(scene, strip, 200)
    if len(strip.retiming_keys) == 2:
        pytest.skip("this Blender retimes all of the strip")
    assert "several speeds (3 retiming keys)" in refused(scene)


def test_a_retimed_meta_strip_is_refused(scene, clicks):
    meta = into_meta(scene, add(scene, clicks))
    retime(scene, meta, 200)
    assert "meta strip 'MetaStrip', which is retimed" in refused(scene)


def test_what_no_meta_strip_shows_is_refused(scene, clicks):
    add(scene, clicks, 200, 3, "other")
    strip = add(scene, clicks)
    meta = into_meta(scene, strip, strips.every_strip(scene)[0])
    trim(meta, 150)
    assert "its meta strip shows none of it" in refused(scene)


def test_a_scene_strip_says_where_to_put_the_sound(scene):
    other = bpy.data.scenes.new("other")
    listening.strips_of(scene).new_scene("line", other, 1, 1)
    assert "Strip 'line' plays another scene" in refused(scene)


def test_a_meta_strip_is_none_that_speaks(scene, clicks):
    into_meta(scene, add(scene, clicks, name="inside")).name = "line"
    assert "'line' is a strip of another kind" in refused(scene)


def mute_strip(scene, strip):
    strip.mute = True
    return "Strip 'line' is muted, so"


def mute_channel(scene, strip):
    scene.sequence_editor.channels[strip.channel].mute = True
    return "Strip 'line' lies on channel 1, which is muted, so"


def mute_meta(scene, strip):
    into_meta(scene, strip).mute = True
    return "Strip 'line' lies in meta strip 'MetaStrip', which is muted, so"


def mute_channel_of_meta(scene, strip):
    meta = into_meta(scene, strip)
    scene.sequence_editor.channels[meta.channel].mute = True
    return "Strip 'line' lies in meta strip 'MetaStrip' on channel 1, which is muted, so"


@pytest.mark.parametrize("mute", [mute_strip, mute_channel, mute_meta, mute_channel_of_meta])
def test_a_muted_strip_is_said_and_unmuted(face, scene, clicks, tmp_path, mute):
    strip = add(scene, clicks)
    face.parent.facewright.source, face.parent.facewright.strip = "STRIP", "line"
    scene.frame_end = 200
    assert len(listening.heard_frames(scene, tmp_path)) == len(listening.CLICKS)
    assert findings(scene, face) == []
    text = mute(scene, strip)
    assert len(listening.heard_frames(scene, tmp_path)) == 0
    (found,) = findings(scene, face)
    assert (found.check, found.mend) == ("strip_muted", "Unmute")
    assert found.text.startswith(text)
    assert bpy.ops.facewright.mend(check="strip_muted") == {"FINISHED"}
    assert findings(scene, face) == []
    assert len(listening.heard_frames(scene, tmp_path)) == len(listening.CLICKS)


def test_a_file_that_is_gone_says_so(face, scene, clicks):
    add(scene, clicks)
    clicks.unlink()
    assert "clicks.wav' is not there" in error_of(bpy.ops.facewright.generate, strip="line")
