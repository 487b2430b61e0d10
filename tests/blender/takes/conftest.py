# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of speech, and a face with three takes of it."""

import bpy
import pytest
from support.characters import FEW_SHAPES, make_face

from facewright.inference import load_audio


@pytest.fixture
def face(scene):
    """A face with few shape keys, for there are many bakes here."""
    return make_face(FEW_SHAPES)


@pytest.fixture(scope="module")
def line(speech, tmp_path_factory):
    """Two seconds of speech."""
    import soundfile

    path = tmp_path_factory.mktemp("line") / "line.wav"
    audio = load_audio(speech, start=0.3, duration=2.0)
    soundfile.write(path, audio.samples, 16_000, subtype="FLOAT")
    return path


@pytest.fixture
def three(face, line):
    """The face with three takes."""
    assert bpy.ops.facewright.generate(filepath=str(line), seed=4, count=3) == {"FINISHED"}
    return face.parent
