# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright recipe`` and ``animate --recipe``: what was exported says how it was made, and is made again."""

import pytest

from facewright.inference.cli.main import main
from facewright.inference.takes.recipe import from_json


@pytest.fixture(scope="module")
def made(speech, tmp_path_factory):
    """Curves of a second and a half with everything that a command line can say."""
    path = tmp_path_factory.mktemp("made") / "take.json"
    given = ["--start", "0.5", "--duration", "1.5", "--seed", "3", "--steps", "1", "--style", "broad stage"]
    given += ["--slider", "jaw=1.2", "--slider", "energy=1", "--emotion", "joy=0.4", "--phone", "M=1.5"]
    assert main(["animate", str(speech), "-o", str(path), "--fps", "25", "--device", "cpu", "--quiet", *given]) == 0
    return path


@pytest.mark.parametrize("suffix", [".json", ".csv", ".npz"])
def test_a_file_is_made_again_from_its_own_recipe(made, speech, tmp_path, suffix):
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    arguments = ["animate", str(speech), "--device", "cpu", "--quiet"]
    assert main([*arguments, "--recipe", str(made), "-o", str(first)]) == 0
    assert main([*arguments, "--recipe", str(first), "-o", str(again)]) == 0
    assert again.read_bytes() == first.read_bytes()
    if suffix == ".json":
        assert again.read_bytes() == made.read_bytes()


def test_the_recipe_is_shown(made, speech, capsys, tmp_path):
    assert main(["recipe", str(made)]) == 0
    said = capsys.readouterr().out
    for word in (
        speech.name,
        "0.5 s",
        "25 fps",
        "seed 3",
        "steps 1",
        "broad stage",
        "jaw 1.2",
        "joy 0.4",
        "M 1.5",
        "CPU",
    ):
        assert word in said
    assert main(["recipe", str(made), "--json"]) == 0
    alone = tmp_path / "alone.recipe"
    alone.write_text(text := capsys.readouterr().out, encoding="utf-8")
    assert from_json(text).sound.name == speech.name
    again = tmp_path / "again.json"
    assert main(["animate", str(speech), "--recipe", str(alone), "-o", str(again), "--device", "cpu", "--quiet"]) == 0
    assert again.read_bytes() == made.read_bytes()


def test_another_rate_may_be_asked_for(made, speech, tmp_path, capsys):
    path = tmp_path / "fast.npz"
    arguments = ["animate", str(speech), "--recipe", str(made), "-o", str(path), "--device", "cpu", "--fps", "100"]
    assert main(arguments) == 0
    assert main(["recipe", str(path)]) == 0
    assert "100 fps" in capsys.readouterr().out


def test_refusals(made, speech, speech_wav, tmp_path, capsys):
    out = ["-o", str(tmp_path / "out.json"), "--quiet"]

    def said(*arguments):
        assert main([str(one) for one in arguments]) == 1
        return capsys.readouterr().err

    assert "without --seed, --slider" in said(
        "animate", speech, "--recipe", made, *out, "--seed", 4, "--slider", "jaw=1"
    )
    assert "is not there" in said("recipe", tmp_path / "no.json")
    assert speech.name in said("animate", speech_wav, "--recipe", made, *out)
    bare = tmp_path / "bare.npz"
    assert main(["animate", str(speech), "--duration", "0.5", "-o", str(bare), "--quiet"]) == 0
    (tmp_path / "bare.csv").write_text("x")
    assert "found none" in said("recipe", tmp_path / "bare.csv")
    (tmp_path / "text.txt").write_text("hello")
    assert "to be JSON" in said("recipe", tmp_path / "text.txt")
    assert not (tmp_path / "out.json").exists()
