# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots are made once: made again only when something they are made from has changed, and nobody's work is lost."""

import shutil

import pytest
from msgspec.structs import replace
from support.command_line import facewright

from facewright.inference.batch import record
from facewright.inference.batch.making import Cancelled, Maker, Run
from facewright.inference.batch.shot import Shot
from facewright.inference.core.errors import FacewrightError


@pytest.fixture
def make(out):
    """Makes a shot in a run of its own; returns the outcome."""

    def made(shot, run="first", check=lambda: None, **given):
        return Maker(Run(key=run, out=str(out), device="cpu", **given), None).make(shot, check)

    return made


@pytest.fixture
def shot(lines, tmp_path):
    sound = shutil.copy(lines / "line0.wav", tmp_path / "line.wav")
    return Shot(row=2, name="ep1/line", sound=str(sound), make=(".csv", ".npz"))


def hidden(out):
    return [path for path in out.rglob("*") if path.name.startswith(".line") or "staging" in path.parent.name]


def test_a_shot_is_what_animate_writes(make, shot, out, tmp_path):
    outcome = make(shot)
    assert outcome.state == "made"
    assert set(outcome.outputs) == {"ep1/line.csv", "ep1/line.recipe.json", "ep1/line.npz"}
    assert facewright("animate", shot.sound, "-o", tmp_path / "line.csv", "--quiet", "--device", "cpu").returncode == 0
    assert (tmp_path / "line.csv").read_bytes() == (out / "ep1/line.csv").read_bytes()
    again = facewright("animate", shot.sound, "--recipe", out / "ep1/line.npz", "-o", tmp_path / "again.csv")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.csv").read_bytes() == (out / "ep1/line.csv").read_bytes()
    assert not hidden(out)


def test_sliders_style_and_part_are_as_on_the_command_line(make, shot, out, tmp_path):
    given = {"style": "clear", "seed": 4, "sliders": {"values": {"jaw": 1.4}, "emotions": {"joy": 0.5}, "seed": 4}}
    make(replace(shot, make=(".csv",), start=0.2, duration=0.7, fps=24.0, **given))
    options = ["--style", "clear", "--seed", "4", "--slider", "jaw=1.4", "--emotion", "joy=0.5", "--device", "cpu"]
    part = ["--start", "0.2", "--duration", "0.7", "--fps", "24"]
    assert facewright("animate", shot.sound, "-o", tmp_path / "line.csv", *options, *part).returncode == 0
    assert (tmp_path / "line.csv").read_bytes() == (out / "ep1/line.csv").read_bytes()


def test_a_second_run_makes_nothing_until_something_has_changed(make, shot, out):
    first = make(shot)
    place = (out / "ep1/line.csv").stat().st_ino
    kept = make(shot, "second")
    assert (kept.state, kept.outputs, kept.figures) == ("kept", first.outputs, first.figures)
    assert "same sound" in kept.why
    assert (out / "ep1/line.csv").stat().st_ino == place
    assert make(replace(shot, seed=5), "third").state == "made"
    (out / "ep1/line.npz").unlink()
    assert make(replace(shot, seed=5), "fourth").state == "made"
    assert (out / "ep1/line.npz").is_file()


def test_another_sound_under_the_same_name_is_noticed(make, shot, lines):
    make(shot)
    shutil.copy(lines / "line1.wav", shot.sound)
    assert make(shot, "second").state == "made"


def test_work_by_hand_is_left_alone(make, shot, out):
    make(shot)
    (out / "ep1/line.csv").write_text("mine")
    outcome = make(shot, "second")
    assert (outcome.state, outcome.kind) == ("failed", "BatchError")
    assert "changed since" in outcome.why
    assert (out / "ep1/line.csv").read_text() == "mine"
    assert make(shot, "third", overwrite=True).state == "made"
    assert (out / "ep1/line.csv").read_text() != "mine"


def test_a_file_that_no_run_made_is_left_alone(make, shot, out):
    (out / "ep1").mkdir()
    (out / "ep1/line.npz").write_text("mine")
    assert "is there already" in make(shot).why
    assert (out / "ep1/line.npz").read_text() == "mine"
    assert not (out / "ep1/line.csv").exists()


@pytest.mark.parametrize("name", ["sound", "style", "transcript"])
def test_what_is_not_there_is_a_sentence(make, shot, out, name):
    outcome = make(replace(shot, **{name: "absent.wav"}))
    assert outcome.state == "failed"
    assert "absent.wav" in outcome.why
    assert not list(out.rglob("line*"))


def test_a_cancelled_shot_leaves_nothing(make, shot, out):
    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        make(shot, check=check)
    assert not list(out.rglob("line*"))
    assert not hidden(out)


def test_an_interruption_between_record_and_outputs_is_mended(make, shot, out):
    """As when the power fails once the record is written, and one of two outputs is in its place."""
    make(shot)
    before = record.read(out, "ep1/line")
    (out / "ep1/line.npz").unlink()
    place = (out / "ep1/line.csv").stat().st_ino
    again = make(shot)
    assert again.outputs == before.outcome.outputs
    assert (out / "ep1/line.csv").stat().st_ino == place, "what was in its place is not written again"
    with pytest.raises(FacewrightError):
        record.ensure_ours(out, None, again.outputs)
