# SPDX-License-Identifier: GPL-3.0-or-later
"""The film of the built-in head: rendered for real, by the bpy wheel, and decoded again."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from support.paths import ROOT

from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import CHANNELS, EYES
from facewright.inference.core.motion import Motion
from facewright.inference.heads.builtin import builtin_head
from facewright.inference.preview.scene import build_stage

bpy = pytest.importorskip("bpy", reason="needs the bpy wheel, the optional extra `preview`")
av = pytest.importorskip("av", reason="needs PyAV, the optional extra `video`")
if bpy.app.version < (5, 0, 0):
    pytest.skip("the preview needs bpy 5.0 or later", allow_module_level=True)


def preview(*arguments):
    command = [sys.executable, "-m", "inference", "preview", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


def test_the_stage_moves_the_head_as_the_face_model_does():
    values = np.random.default_rng(0).random((8, len(CHANNELS)), dtype=np.float32) * 0.3
    motion = Motion(values, CHANNELS, 25.0).select([name for name in CHANNELS if name not in EYES])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    head = builtin_head()
    obj = build_stage(bpy.context.scene, head, motion)
    expected = head.vertices(motion)
    for frame in (1, 4, 8):
        bpy.context.scene.frame_set(frame)
        shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        flat = np.empty(len(head.neutral) * 3, np.float32)
        shown.data.vertices.foreach_get("co", flat)
        matrix = np.array(shown.matrix_world)
        np.testing.assert_allclose(
            flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], expected[frame - 1], atol=1e-5
        )


def test_speech_becomes_a_film_with_its_sound(speech, tmp_path):
    film = tmp_path / "Мой film à moi {#}.mp4"
    film.write_bytes(b"an older film")
    sound = speech.read_bytes()
    done = preview(speech, "-o", film, "--start", 0.5, "--duration", 0.4, "--size", 96)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Rendering" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [film.name] and speech.read_bytes() == sound
    with av.open(str(film)) as container:
        picture = container.streams.video[0]
        assert (picture.width, picture.height, picture.average_rate, picture.codec.name) == (96, 96, 25, "h264")
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 10
    middle = frames[0][30:60, 40:56].reshape(-1, 3).mean(0)
    assert middle[0] > middle[2] + 15  # skin in the middle ...
    assert np.ptp(frames[0][:4].mean(axis=(1, 2))) < 10  # ... before an even background
    assert max(np.abs(frames[0].astype(int) - frame).max() for frame in frames[1:]) > 8  # and it moves
    heard, said = load_audio(film).samples, load_audio(speech, start=0.5, duration=0.4).samples
    match = np.correlate(heard, said, "full")
    lag = (int(np.abs(match).argmax()) - (len(said) - 1)) / 16_000
    assert abs(lag) < 0.005
    assert np.abs(match).max() > 0.8 * np.linalg.norm(said) * np.linalg.norm(heard[: len(said) + 1600])


def test_a_film_that_cannot_be_written_leaves_the_older_one(speech, tmp_path):
    (tmp_path / "file").write_bytes(b"mine")
    done = preview(speech, "-o", tmp_path / "file" / "film.mp4", "--duration", 0.2)
    assert done.returncode == 1 and "is not a folder that exists" in done.stderr
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_full_folder_for_temporary_files_is_told_and_the_older_film_stays(speech, tmp_path, disk, monkeypatch):
    (tmp_path / "film.mp4").write_bytes(b"an older film")
    monkeypatch.setenv("TMPDIR", str(disk("size=16k")))
    done = preview(speech, "-o", tmp_path / "film.mp4", "--duration", 0.3, "--size", 128)
    assert done.returncode == 1 and "Is there room for the pictures" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "film.mp4").read_bytes() == b"an older film"


def test_ctrl_c_stops_between_two_frames_and_leaves_nothing(speech, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "inference", "preview", speech, "-o", tmp_path / "film.mp4"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while running.stderr.readline() not in ("Rendering\n", ""):
            pass
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130 and "interrupted; nothing was written" in rest
    assert not [path.name for path in tmp_path.rglob("*.*") if path.suffix in (".mp4", ".jpg")]
