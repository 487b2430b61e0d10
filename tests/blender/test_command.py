# SPDX-License-Identifier: GPL-3.0-or-later
"""``--command facewright bake``, called as Blender calls it: what it saves, prints and returns."""

import json

import bpy
import numpy as np
import pytest
from support.characters import top

from facewright.addon import command


@pytest.fixture
def shot(face, tmp_path):
    """A saved and opened .blend with a character, in a folder with an awkward name."""
    folder = tmp_path / "Сцена é 1"
    folder.mkdir()
    path = folder / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def moves(path):
    bpy.ops.wm.open_mainfile(filepath=str(path))
    heights = []
    for frame in range(1, 100, 3):
        bpy.context.scene.frame_set(frame)
        heights.append(top(bpy.data.objects["Bob face"]))
    return np.ptp(heights, axis=0).max()


def test_it_bakes_and_saves(shot, speech, capsys):
    assert command.main(["bake", "--audio", str(speech), "--save", "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert "Baked 56 curves on 3 meshes" in said
    assert str(shot) in said
    assert moves(shot) > 0.05
    assert bpy.data.objects["Bob"].facewright.seed == 3


def test_another_name_leaves_the_first_file_alone(shot, speech, capsys):
    before = shot.read_bytes()
    other = shot.with_name("baked.blend")
    assert command.main(["bake", "--audio", str(speech), "--output", str(other), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["file"] == str(other)
    assert (report["curves"], report["meshes"], report["warnings"], report["preflight"]) == (56, 3, [], [])
    assert shot.read_bytes() == before
    assert moves(other) > 0.05


def test_bake_options_stand_for_the_settings_of_the_scene(shot, speech, capsys):
    arguments = ["bake", "--audio", str(speech), "--save", "--json", "--keys", "sparse", "--error", "0.02"]
    assert command.main([*arguments, "--interpolation", "bezier", "--range", "10:60"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["frames"] == [10, 60]
    assert report["keys"] < report["dense"]
    assert command.main([*arguments, "--range", "10-60"]) == 2
    assert command.main([*arguments, "--range", "60:10"]) == 1
    assert "Swap First and Last" in capsys.readouterr().err


def test_an_object_is_found_by_name_and_a_lone_character_by_itself(shot, speech, capsys):
    bpy.context.view_layer.objects.active = None
    assert command.main(["bake", "--audio", str(speech), "--save"]) == 0
    assert command.main(["bake", "--audio", str(speech), "--save", "--object", "Bob teeth", "--frame", "20"]) == 0
    assert "frames 14 to" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--audio", "{missing}", "--save"], "is not there"),
        (["--audio", "{broken}", "--save"], "broken.wav"),
        (["--audio", "{speech}"], "Nothing would be kept"),
        (["--audio", "{speech}", "--save", "--object", "Nobody"], "got 'Nobody'"),
        (["--audio", "{speech}", "--output", "{folder}/no/such/folder.blend"], "is not a folder that exists"),
        (["--audio", "{speech}", "--save", "--seed", "-1"], "seed"),
    ],
)
def test_what_fails_returns_1_and_saves_nothing(shot, speech, capsys, tmp_path, arguments, says):
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound at all")
    names = {"missing": tmp_path / "missing.wav", "broken": broken, "speech": speech, "folder": tmp_path}
    before = shot.read_bytes()
    assert command.main(["bake", *(argument.format(**names) for argument in arguments)]) == 1
    assert says in capsys.readouterr().err
    assert shot.read_bytes() == before
    assert sorted(path.name for path in shot.parent.iterdir()) == ["shot.blend"]


def test_no_file_open(face, speech, capsys):
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert command.main(["bake", "--audio", str(speech), "--save"]) == 1
    assert "No .blend is open" in capsys.readouterr().err


def test_a_file_without_a_character(scene, speech, capsys, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "empty.blend"))
    assert command.main(["bake", "--audio", str(speech), "--save", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[-1])["kind"] == "RigError"
    assert "No object is active" in said.err


@pytest.mark.parametrize("arguments", [[], ["bake"], ["cook"], ["bake", "--audio", "a.wav", "--speed", "9"]])
def test_arguments_that_make_no_sense_return_2(scene, arguments, capsys):
    assert command.main(arguments) == 2
    assert "usage" in capsys.readouterr().err


def test_help_returns_0(scene, capsys):
    assert command.main(["--help"]) == 0
    assert "facewright" in capsys.readouterr().out
