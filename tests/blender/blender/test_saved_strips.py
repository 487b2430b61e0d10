# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips that Blender 4.5 saved, retimed and in meta strips: every Blender reads them as it plays them."""

import shutil

import bpy
import pytest
from support import listening
from support.paths import ROOT

from facewright.addon.blender import sequencer, strips
from facewright.inference.core.errors import AudioError

SAVED = ROOT / "tests" / "saved" / "files" / "retimed.blend"
# Frames on which the first and the last click are heard in Blender 4.5: in 4.2 the wheel plays nothing.
PLAYED = {
    "plain": (39.6, 111.6),
    "fast": (35.4, 71.8),
    "slow and trimmed": (82.8, 193.2),
    "fast in meta": (43.3, 64.0),
    "content trimmed": (41.4, 96.6),
}


@pytest.fixture
def opened(addon, tmp_path):
    shutil.copy(SAVED, tmp_path)
    listening.write_clicks(tmp_path / "clicks.wav")
    assert bpy.ops.wm.open_mainfile(filepath=str(tmp_path / SAVED.name)) == {"FINISHED"}
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 0, 320
    return scene


def spoken(scene, name):
    """Frames on which the clicks of a strip are spoken, earliest first."""
    speech = sequencer.from_strip(scene, name)
    timeline, end = speech.timeline(scene), speech.start + speech.duration
    return [timeline.frame(click - speech.start) for click in listening.CLICKS if speech.start <= click < end - 0.01]


@pytest.mark.parametrize("name", PLAYED)
def test_a_strip_is_spoken_where_4_5_plays_it(opened, name):
    if bpy.app.version >= (5, 0, 0):
        pytest.skip("5.0 plays strips that were retimed in 4.5 a little slower or faster")
    first, *_, last = spoken(opened, name)
    assert (first, last) == pytest.approx(PLAYED[name], abs=0.9)


@pytest.mark.parametrize("name", PLAYED)
def test_a_strip_is_spoken_where_this_blender_plays_it(opened, tmp_path, name):
    listening.need_sound(opened, tmp_path / "clicks.wav")
    for strip in strips.sound_strips(opened):
        strip.mute = strip.name != name
    heard = listening.heard_frames(opened, tmp_path)
    assert heard.tolist() == pytest.approx(spoken(opened, name)[: len(heard)], abs=0.9)


@pytest.mark.parametrize("name", ["fast", "plain"])
def test_a_speed_that_4_2_does_not_tell_is_said(opened, name):
    notes = sequencer.hear(opened, sequencer.from_strip(opened, name), 2.0, "Bob")
    guessed = name == "fast" and bpy.app.version < (4, 5, 0)
    assert any("taken for one speed" in note for note in notes) == guessed


def test_a_strip_that_is_not_there_is_none_to_speak(opened):
    with pytest.raises(AudioError, match="none called 'nothing'"):
        sequencer.from_strip(opened, "nothing")
