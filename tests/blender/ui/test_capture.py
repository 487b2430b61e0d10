# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture from video in Blender: a process of another Python, and a take out of it."""

import sys
from importlib.util import find_spec
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from support.characters import value
from support.paths import ROOT

from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import store
from facewright.addon.ui.capture import operator
from facewright.addon.worker import capture_process
from facewright.inference.core.channels import LIVE_LINK, VISEMES
from facewright.inference.core.errors import CaptureError
from facewright.inference.core.motion import Motion

CLIP = "lbax4n"
JAW = LIVE_LINK.index("jawOpen")


@pytest.fixture
def python() -> str:
    """A Python that has MediaPipe."""
    if find_spec("mediapipe"):
        return sys.executable
    made = ROOT / ".venvs" / "capture" / "bin" / "python"
    if not made.is_file():
        pytest.skip("needs a Python with MediaPipe: `make .venvs/capture/ready`")
    return str(made)


def refused(**options) -> str:
    """What the operator says when it refuses."""
    with pytest.raises(RuntimeError) as told:
        bpy.ops.facewright.capture(**options)
    return str(told.value)


def test_a_video_becomes_a_take_that_is_shown_and_baked(face, scene, python, shared):
    film = shared / "grid_unseen_dev" / f"{CLIP}.mpg"
    scene.render.fps = 25
    assert bpy.ops.facewright.capture(filepath=str(film), python=python, frame=11) == {"FINISHED"}
    take = store.get(face.parent)
    assert store.active_item(face.parent).name == CLIP
    assert take.provider == "from video" and take.recipe is None and take.speech.frame == 11
    assert take.motion.frames == 75 and take.motion.fps == 25
    assert bpy.ops.facewright.bake() == {"FINISHED"}
    jaw = []
    for frame in range(11, 86):
        scene.frame_set(frame)
        jaw.append(value(face, "jawOpen"))
    assert np.ptp(jaw) > 0.1
    np.testing.assert_allclose(jaw[1:], take.motion.at(np.arange(1, 75) / 25)[:, JAW], atol=2e-3)


def test_a_character_that_has_only_visemes_is_warned_of(scene, make_mesh):
    mesh = make_mesh("Ann", VISEMES)
    motion = Motion(np.zeros((30, len(LIVE_LINK))), LIVE_LINK, 25.0)
    request = operator.Request(scene.session_uid, mesh.session_uid, Speech("clip.mp4"))
    done = SimpleNamespace(motion=motion, report=[])
    assert "Its mouth will not move" in operator.finish(request, done)


def test_without_a_python_it_says_how_to_make_one(face, tmp_path):
    film = tmp_path / "clip.mp4"
    film.write_bytes(b"")
    said = refused(filepath=str(film))
    assert "pip install mediapipe==0.10.21" in said and "Preferences" in said
    assert "found none" in refused(filepath=str(film), python=str(tmp_path / "nowhere"))


def test_a_python_without_mediapipe_says_so_and_changes_nothing(face, tmp_path):
    if find_spec("mediapipe"):
        pytest.skip("this Python has MediaPipe")
    film = tmp_path / "clip.mp4"
    film.write_bytes(b"")
    assert "pip install mediapipe==0.10.21" in refused(filepath=str(film), python=sys.executable)
    assert store.active_item(face.parent) is None and not capture_process.running()


def test_a_missing_video_is_told(face, tmp_path):
    assert "is none" in refused(filepath=str(tmp_path / "gone.mp4"), python=sys.executable)


def test_a_program_that_is_no_python_is_told(addon, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no such thing >&2\nexit 3\n")
    program.chmod(0o755)
    job = capture_process.CaptureJob(str(program), {"path": "clip.mp4"})
    with pytest.raises(CaptureError, match="It last said: no such thing"):
        assert job.poll(wait=20.0)


def test_the_folder_of_an_environment_will_do(tmp_path):
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    assert capture_process.python_of(str(folder)) == str(folder / "bin" / "python")


def test_cancel_ends_the_process(addon, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    job = capture_process.CaptureJob(str(program), {"path": "clip.mp4"})
    assert not job.poll()
    job.cancel()
    assert not job.alive and not capture_process.running()
