# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender itself lets be heard of a scene: clicks in a sound file, and the frames on which they come out of it."""

import wave

import bpy
import numpy as np
import pytest
import soundfile

CLICKS = (0.4, 1.1, 1.9, 2.8, 3.4)  # seconds of the file; no two gaps are alike
SECONDS = 4.0
RATE = 48000
_LOUD = 0.1
_APART = 0.08  # seconds; what is nearer is the same click


def write_clicks(path):
    """A WAV file with a burst of 20 ms at each of CLICKS."""
    samples = np.zeros(int(SECONDS * RATE))
    burst = np.random.default_rng(1).uniform(-0.9, 0.9, RATE // 50)
    for click in CLICKS:
        begin = round(click * RATE)
        samples[begin : begin + len(burst)] = burst
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def need_sound(scene, path):
    """Skip where this bpy is built without sound."""
    try:
        strip = strips_of(scene).new_sound("probe", str(path), 1, 1)
    except RuntimeError as error:
        if "Audaspace" not in str(error):
            raise
        pytest.skip("this bpy wheel is built without sound, so its Sequencer takes no sound strips")
    strips_of(scene).remove(strip)


def strips_of(scene):
    """The collection of strips; Blender 4.4 renamed it."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def heard_frames(scene, folder):
    """The frames on which clicks are heard in a mixdown of the scene, earliest first."""
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    path = folder / "mixdown.wav"
    bpy.context.view_layer.update()
    bpy.ops.sound.mixdown(filepath=str(path), check_existing=False, container="WAV", codec="PCM", format="F32")
    samples, rate = soundfile.read(str(path), always_2d=True)
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _LOUD) / rate
    begins = loud[np.append(True, np.diff(loud) > _APART)] if len(loud) else loud
    fps = scene.render.fps / scene.render.fps_base
    return scene.frame_start + begins * fps
