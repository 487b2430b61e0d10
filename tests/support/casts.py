# SPDX-License-Identifier: GPL-3.0-or-later
"""Ann and Bob, and a Sequencer with the lines they say."""

import bpy
import pytest
import soundfile

from facewright.addon.blender import sequencer
from facewright.inference import load_audio
from facewright.inference.core.channels import ARKIT
from support.characters import make_mesh

GAP = 60  # frames from line to line


def write_sounds(speech, folder):
    """Six different seconds of speech."""
    paths = []
    for number in range(6):
        path = folder / f"line {number}.wav"
        soundfile.write(path, load_audio(speech, start=0.3 + number * 0.8, duration=1.2).samples, 16_000)
        paths.append(path)
    return paths


def make_cast(sounds):
    """Ann and Bob, and six strips that alternate between channels 1 and 2."""
    people = [make_mesh(name, ARKIT) for name in ("Ann", "Bob")]
    for number, path in enumerate(sounds):
        strips = sequencer.strip_collection(bpy.context.scene)
        try:
            strips.new_sound(f"{'ab'[number % 2]}_{number}", str(path), 1 + number % 2, 1 + number * GAP)
        except RuntimeError:
            pytest.skip("this Blender was built without sound")
    return people
