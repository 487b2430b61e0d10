# SPDX-License-Identifier: GPL-3.0-or-later
"""How commands end in a world that is not as it should be: pipes, full devices, odd names, no home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from support.command_line import facewright
from support.paths import ROOT

from facewright.inference.cli.ending import ended

FULL = Path("/dev/full")


def run(arguments, **given):
    command = [sys.executable, "-m", "inference", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, check=False, **given)


def test_an_error_nobody_foresaw_is_one_line(capsys, monkeypatch):
    def wrong():
        raise RuntimeError("first\nsecond \x1b[31mred" + "x" * 5000)

    assert ended(wrong) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and len(told) < 420 and "\x1b" not in told
    assert "RuntimeError: first\\nsecond \\x1b[31mred" in told and "Please report it" in told
    monkeypatch.setenv("FACEWRIGHT_DEBUG", "1")
    ended(wrong)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "enough memory"),
        (PermissionError(13, "Permission denied", "/somewhere/a.wav"), 1, "'/somewhere/a.wav', but: Permission denied"),
    ],
)
def test_what_everybody_meets_has_its_own_words(capsys, error, status, said):
    def wrong():
        raise error

    assert ended(wrong) == status
    assert said in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_pipe_that_nobody_reads_ends_quietly():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = run(["style", "list"], stdout=closed)
    assert done.returncode == 141 and done.stderr == b""


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["info"], ["style", "list"]])
def test_a_full_device_is_told(arguments):
    with FULL.open("wb") as full:
        done = run(arguments, stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith(b"facewright: Expected to read or write") and done.stderr.count(b"\n") == 1


def test_a_terminal_of_any_encoding_can_be_written_to(speech, tmp_path):
    name = "Stimme-é-声-🎤.wav"
    soundfile.write(tmp_path / name, *soundfile.read(speech, frames=8000))
    given = {"stdout": subprocess.PIPE, "env": {**os.environ, "PYTHONIOENCODING": "ascii:strict"}}
    done = run(["animate", tmp_path / name, "-o", tmp_path / "声.npz"], **given)
    assert done.returncode == 0 and (tmp_path / "声.npz").exists()
    assert run(["recipe", tmp_path / "声.npz"], **given).stdout.isascii()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_a_name_that_is_no_unicode(speech, tmp_path):
    sound = os.path.join(os.fsencode(tmp_path), b"take-\xff.wav")  # noqa: PTH118
    Path(os.fsdecode(sound)).write_bytes(Path(speech).read_bytes())
    for suffix in (b".npz", b".json", b".csv"):
        done = facewright("animate", os.fsdecode(sound), "--duration", "1", "-o", os.fsdecode(sound[:-4] + suffix))
        assert done.returncode == 0, done.stderr
    done = facewright("animate", os.fsdecode(sound[:-4] + b".not"), "-o", tmp_path / "a.npz")
    assert done.returncode == 1 and done.stderr.count("\n") == 2  # "Reading", and why not


def test_presets_need_no_home(speech, tmp_path):
    bare = {key: value for key, value in os.environ.items() if key not in ("HOME", "XDG_DATA_HOME", "USERPROFILE")}
    environment = {**bare, "HOME": "/nonexistent/nobody"}
    arguments = ["animate", speech, "--duration", "1", "--style", "broad stage", "-o", tmp_path / "a.npz"]
    done = run(arguments, env=environment)
    assert done.returncode == 0, done.stderr
    assert run(["style", "list"], env=environment, stdout=subprocess.PIPE).returncode == 0


def test_a_name_of_255_bytes(speech, tmp_path):
    name = "n" * 251 + ".npz"
    done = facewright("animate", speech, "--duration", "1", "-o", tmp_path / name)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).is_file() and len(list(tmp_path.iterdir())) == 1
