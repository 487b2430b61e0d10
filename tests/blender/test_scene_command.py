# SPDX-License-Identifier: GPL-3.0-or-later
"""``--command facewright scene``: a whole cast generated, baked and saved, or the file as it was."""

import json

import bpy
import pytest
from support.casts import GAP
from support.characters import held

from facewright.addon import command
from facewright.addon.takes import lines


@pytest.fixture
def shot(cast, tmp_path):
    """A saved and opened .blend in which nobody was given a line yet."""
    path = tmp_path / "shot é.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def test_it_gives_the_lines_generates_bakes_and_saves(shot, capsys):
    assert command.main(["scene", "--speaks", "Ann=1", "--speaks", "Bob=b_1, b_5", "--save", "--json"]) == 0
    said = capsys.readouterr()
    report = json.loads(said.out.splitlines()[-1])
    assert [(one["character"], one["line"]) for one in report["lines"]] == [
        ("Ann", "a_0"),
        ("Ann", "a_2"),
        ("Ann", "a_4"),
        ("Bob", "b_1"),
        ("Bob", "b_5"),
    ]
    second = report["lines"][1]
    assert second["sound"].endswith("line 2.wav") and second["warnings"] == []
    first, last = second["frames"]
    assert 1 + 2 * GAP - 10 < first <= 1 + 2 * GAP and last > first + 28
    assert second["keys"] == 52 * (last - first + 1)
    assert (report["generated"], report["file"], set(report["preflight"])) == (5, str(shot), {"Ann", "Bob"})
    assert "5 of 5 lines" in said.err
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    assert {1, 1 + 2 * GAP, 1 + 4 * GAP} <= set(held(bpy.data.objects["Ann"]))
    assert 1 + 3 * GAP not in held(bpy.data.objects["Bob"])


def test_a_cast_from_a_file_and_only_what_is_new(shot, tmp_path, capsys):
    cast = tmp_path / "cast.toml"
    cast.write_text('[speaks]\nAnn = ["a_0", "a_2"]\nBob = "2"\n', encoding="utf-8")
    other = tmp_path / "other.blend"
    before = shot.read_bytes()
    arguments = ["scene", "--cast", str(cast), "--json", "--output"]
    assert command.main([*arguments, str(other), "--keys", "sparse"]) == 0
    assert shot.read_bytes() == before
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["generated"] == 5 and report["lines"][0]["keys"] < 52 * 28
    keys = [take.key for take in bpy.data.objects["Ann"].facewright.takes]
    assert command.main([*arguments, str(other)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["generated"] == 0
    assert [take.key for take in bpy.data.objects["Ann"].facewright.takes] == keys
    lines.items(bpy.data.objects["Ann"])[0].lock = True
    assert command.main([*arguments, str(other), "--again"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["generated"], len(report["lines"])) == (4, 4)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--speaks", "Ann=9"], "'Ann' speaks '9', but no sound or channel"),
        (["--speaks", "Ann=1", "--speaks", "Nobody=2"], "got 'Nobody'"),
        (["--speaks", "Ann=1", "--speaks", "Box=2"], "'Box'"),
        ([], "was given a channel or strip"),
        (["--cast", "{wrong}"], "Expected one table [speaks] in 'wrong.toml', got speaker"),
        (["--cast", "{damaged}"], "to be TOML"),
        (["--cast", "{folder}/none.toml"], "Cannot read 'none.toml'"),
        (["--speaks", "Ann=1", "--parts", "tongue", "--range", "9000:9100"], "Expected a range within the take"),
    ],
)
def test_what_fails_returns_1_and_leaves_the_file_as_it_was(shot, tmp_path, capsys, arguments, says):
    box = bpy.data.objects.new("Box", None)
    bpy.context.scene.collection.objects.link(box)
    (tmp_path / "wrong.toml").write_text('[speaker]\nAnn = "1"\n')
    (tmp_path / "damaged.toml").write_text("[speaks\n")
    names = {"wrong": tmp_path / "wrong.toml", "damaged": tmp_path / "damaged.toml", "folder": tmp_path}
    before = shot.read_bytes()
    assert command.main(["scene", *(one.format(**names) for one in arguments), "--save"]) == 1
    error = capsys.readouterr().err
    assert says in error and "Traceback" not in error
    assert shot.read_bytes() == before


@pytest.mark.parametrize("arguments", [["--speaks", "Ann"], ["--speaks", "=1"], ["--audio", "a.wav"]])
def test_arguments_that_make_no_sense_return_2(shot, arguments, capsys):
    assert command.main(["scene", *arguments, "--save"]) == 2
    assert "usage" in capsys.readouterr().err
