# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright batch`` as a person meets it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from support.command_line import facewright
from support.paths import ROOT

pytest.importorskip("distributed")


@pytest.fixture
def shots(spoken, tmp_path):
    shutil.copy(spoken, tmp_path / "line.wav")
    path = tmp_path / "shots.csv"
    path.write_text("sound,start,duration,name,make\nline.wav,0,1,a,csv\nline.wav,1,1,ep/b,npz\n")
    return path


def test_all_made(shots, tmp_path):
    done = facewright("batch", shots, "-o", tmp_path / "out", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "2 made, 0 kept, 0 failed" in done.stderr
    assert {path.name for path in (tmp_path / "out").rglob("[!.]*.*")} >= {"a.csv", "b.npz", "report.html"}
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [(shot["row"], shot["name"], shot["state"]) for shot in report["shots"]] == [
        (2, "a", "made"),
        (3, "ep/b", "made"),
    ]
    assert all(len(digest) == 64 for shot in report["shots"] for digest in shot["outputs"].values())


def test_some_failed(shots, tmp_path):
    shots.write_text(shots.read_text() + "absent\x1b[31m.wav,,,,\n")
    done = facewright("batch", shots, "-o", tmp_path / "out", "--workers", "1")
    assert done.returncode == 1
    assert "row 4 'absent" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("arguments", [["--set", "sead=1"], ["--set", "seed"], ["--part", "3/2"], ["--workers", "0"]])
def test_nonsense(shots, tmp_path, arguments):
    assert facewright("batch", shots, "-o", tmp_path / "out", *arguments).returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_dry_run_checks_and_makes_nothing(shots, tmp_path):
    shots.write_text(shots.read_text() + "line.wav,,,c,exe\nabsent.wav,,,,\n")
    done = facewright("batch", shots, "-o", tmp_path / "out", "--dry-run")
    assert done.returncode == 1
    assert "2 rows are right, 2 are not" in done.stdout
    assert "row 4" in done.stdout
    assert "row 5" in done.stdout
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_cannot_be_made(shots, tmp_path):
    (tmp_path / "out").write_text("a file")
    done = facewright("batch", shots, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "Expected" in done.stderr or "Cannot" in done.stderr


def test_an_interrupted_run_ends_cleanly_and_can_be_resumed(shots, tmp_path):
    shots.write_text("sound,seed,name\n" + "".join(f"line.wav,{k},shot{k}\n" for k in range(60)))
    command = [sys.executable, "-m", "inference", "batch", shots, "-o", tmp_path / "out", "--workers", "1"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell may have turned it off
    given = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True, "preexec_fn": heard}
    started = subprocess.Popen(command, cwd=ROOT, **given)
    deadline = time.monotonic() + 60
    while not (tmp_path / "out/shot1.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to every process
    said = started.communicate(timeout=60)[1]
    assert started.returncode == 130, said
    assert "Traceback" not in said
    assert "The same command makes the rest" in said
    there = list((tmp_path / "out").glob("shot*.csv"))
    assert 1 <= len(there) < 60
    done = facewright("batch", shots, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert f"{len(there)} kept, 0 failed" in done.stderr
