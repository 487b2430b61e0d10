# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight on the command line: the same findings as JSON, for a machine to read."""

import json

import bpy
import pytest
from support.preflight_examples import (
    absolute,
    mute_key,
)

from facewright.addon import command
from facewright.addon.preflight import inspection
from facewright.inference.core.channels import ARKIT


@pytest.mark.parametrize("arguments", [["check"], ["--check"], ["check", "--object", "Bob teeth"]])
def test_the_command_line_says_it_as_json(face, who, capsys, arguments):
    assert command.main(arguments) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["character"] == "Bob"
    assert report["coverage"] == "52 of 52 ARKit shapes on 3 meshes"
    assert len(report["moves"]["Bob face"]) == 52
    mute_key(face, who)
    assert command.main(arguments) == 0  # one shape that rests keeps nobody from baking
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "muted_key"
    absolute(face, who)
    assert command.main(arguments) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_the_command_line_may_be_given_the_sound(face, scene, speech, capsys, tmp_path):
    assert command.main(["--check"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "sound"
    assert command.main(["--check", "--audio", str(speech)]) == 0
    assert command.main(["--check", "--audio", str(tmp_path / "none.wav")]) == 1


def test_the_command_line_without_a_character(scene, capsys):
    assert command.main(["--check"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert "No object is active" in report["findings"][0]["text"]
    assert command.main(["check", "--object", "Nobody"]) == 1
    nobody = json.loads(capsys.readouterr().out)
    assert "got 'Nobody'" in nobody["findings"][0]["text"]
    assert report.keys() == nobody.keys() == {"ok", "character", "coverage", "moves", "missing", "findings"}


def test_the_json_says_all_that_moves_on_one_object(face, speech, scene):
    face["lips"] = 0.0
    bpy.ops.facewright.mapping_add(source="mouthFunnel", target="lips")
    face.parent.facewright.mapping[-1].kind = "property"
    assert set(inspection.report(scene, face, str(speech))["moves"]["Bob face"]) == {*ARKIT, '["lips"]'}
