# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a person meets it: in a process of its own, from a checkout."""

import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import soundfile
from support.command_line import facewright
from support.paths import ROOT

from facewright.inference.core.channels import ARKIT
from facewright.inference.formats import exporter_for


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".json"])
def test_speech_becomes_curves(speech, tmp_path, suffix):
    out = tmp_path / f"Звук à côté{suffix}"
    done = facewright("animate", speech, "-o", out)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Animating" in done.stderr and str(out) in done.stderr
    motion = exporter_for(out).read(out)
    seconds = soundfile.info(speech).duration
    assert motion.fps == pytest.approx(60, abs=1e-3) and motion.end == pytest.approx(seconds, abs=0.05)
    assert np.ptp(motion.channel("jawOpen")) > 0
    beside = [out.with_suffix(".recipe.json").name] if suffix == ".csv" else []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, *beside])


def test_a_seed_is_a_take(speech, tmp_path):
    for name, seed in [("a", 3), ("again", 3), ("other", 4)]:
        done = facewright(
            "animate", speech, "-o", tmp_path / f"{name}.npz", "--seed", seed, "--quiet", "--fps", "24000/1001"
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    a, again, other = (exporter_for("a.npz").read(tmp_path / f"{name}.npz") for name in ("a", "again", "other"))
    assert a.fps == 24000 / 1001
    np.testing.assert_array_equal(a.values, again.values)
    assert not np.array_equal(a.values, other.values)


def test_a_part_keeps_its_time_in_the_whole(speech, tmp_path):
    done = facewright("animate", speech, "-o", tmp_path / "a.npz", "--start", 1.5, "--duration", 1)
    assert done.returncode == 0
    with np.load(tmp_path / "a.npz") as held:
        assert float(held["start"]) == 1.5 and tuple(held["channels"]) == ARKIT
        assert len(held["weights"]) == pytest.approx(60, abs=2)


def test_info_names_model_device_and_versions():
    done = facewright("info")
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert lines["model"].strip() and lines["runs on"].strip() in ("CPU", "CUDA")
    assert lines["numpy"].strip() == np.__version__


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("sing",),
        ("animate", "a.wav"),
        ("animate", "a.wav", "-o", "a.npz", "--fps", "0"),
        ("animate", "a.wav", "-o", "a.npz", "--fps", "fast"),
        ("animate", "a.wav", "-o", "a.npz", "--fps", "1/0"),
        ("animate", "a.wav", "-o", "a.npz", "--seed", "x"),
        ("animate", "a.wav", "-o", "a.npz", "--device", "tpu"),
        ("animate", "a.wav", "-o", "a.npz", "--steps", "3"),
        ("preview", "a.wav", "-o", "a.mp4", "--size", "4"),
    ],
)
def test_wrong_usage_is_two_and_shows_the_usage(arguments):
    done = facewright(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("usage: facewright") and "Traceback" not in done.stderr


def refused(*arguments):
    done = facewright(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_bad_sound_is_one_and_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "notes.txt").write_text("not sound")
    (tmp_path / "empty.wav").touch()
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    (tmp_path / "out.npz").write_bytes(b"an older take")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for name, said in [
        ("notes.txt", "is none or damaged"),
        ("empty.wav", "empty (0 bytes)"),
        ("silent.wav", "holds only silence"),
        ("gone.wav", "there is none at"),
        (".", "is a folder"),
    ]:
        message = refused("animate", tmp_path / name, "-o", tmp_path / "out.npz")
        assert message.startswith("facewright: Expected") and said in message
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_output_that_cannot_be_written_is_refused_before_any_work(speech, tmp_path):
    assert "ends in one of .csv, .json, .npz" in refused("animate", speech, "-o", tmp_path / "a.fbx", "--quiet")
    assert "ends in .mp4" in refused("preview", speech, "-o", tmp_path / "a.npz", "--quiet")
    assert "not a folder that exists" in refused("animate", speech, "-o", tmp_path / "gone" / "a.npz", "--quiet")
    assert "seed from 0 to" in refused("animate", speech, "-o", tmp_path / "a.npz", "--seed", -1, "--quiet")
    assert not list(tmp_path.iterdir())


def test_the_sound_is_never_overwritten(tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"the only copy")
    assert "another file than the sound" in refused("preview", film, "-o", film)
    assert film.read_bytes() == b"the only copy"


def test_style_and_steps_make_another_take(tiny, speech, spoken, tmp_path):
    """With the tiny model in the place of the released one."""
    folder = tiny.card.folder
    code = (
        "import sys, pathlib\nfrom inference.cli import main as cli\nfrom inference.policy import predictor\n"
        f"predictor.RELEASED, predictor.DEFAULT = pathlib.Path({str(folder.parent)!r}), {folder.name!r}\n"
        "sys.exit(cli.main())"
    )
    takes = []
    for options in ((), ("--style", spoken), ("--steps", "4")):
        out = tmp_path / f"{len(takes)}.npz"
        command = [sys.executable, "-c", code, "animate", speech, "-o", out, "--quiet", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        takes.append(exporter_for(out).read(out).values)
    assert not np.array_equal(takes[0], takes[1]) and not np.array_equal(takes[0], takes[2])
    command[-2:] = ["--style", tmp_path / "gone.wav"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "there is none at" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C reaches a child process differently there")
def test_ctrl_c_is_130_and_writes_nothing(spoken, tmp_path):
    samples, rate = soundfile.read(spoken, dtype="float32")
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 3600 * rate // len(samples)), rate)
    command = [sys.executable, "-m", "inference", "animate", tmp_path / "long.wav", "-o", tmp_path / "a.npz"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # jobs in the background may be started deaf to it
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "Reading\n"
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "interrupted; nothing was written" in rest
    assert [path.name for path in tmp_path.iterdir()] == ["long.wav"]
