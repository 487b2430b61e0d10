# SPDX-License-Identifier: GPL-3.0-or-later
"""Mappings as TOML: what is written is read back exactly, and a wrong file says where it is wrong."""

import random
import tomllib

import pytest

from facewright.inference.core.channels import ARKIT, CHANNELS
from facewright.inference.core.errors import ExportError, RigError
from facewright.inference.retarget import mapping_file
from facewright.inference.retarget.convention import CURVES, KINDS
from facewright.inference.retarget.rig import Line, lines_for

TARGETS = ['Head."jaw" Open', "Лицо\\рот", "あ", "ｳｨﾝｸ２右", "tab\there", "new\nline", "del\x7f", "'", "🙂", " "]


def any_lines(count):
    random_ = random.Random(0)
    for number in range(count):
        low = random_.uniform(-4, 1)
        yield Line(
            random_.choice(CHANNELS),
            random_.choice(TARGETS) + str(number),
            random_.uniform(-3, 3),
            random_.uniform(-1, 1),
            low,
            low + random_.random(),
            random_.random() < 0.5,
            random_.choice(CURVES),
            random_.uniform(0.1, 4),
            random_.choice(KINDS),
            random_.choice(("", "Bob's teeth")),
        )


def test_every_number_and_name_comes_back(tmp_path):
    lines = (*any_lines(300), *lines_for([ARKIT])[0])
    path = tmp_path / "Отображение 顔.toml"
    mapping_file.write(lines, path, name='Bob "the face"')
    assert mapping_file.read(path) == lines
    assert tomllib.loads(path.read_text(encoding="utf-8"))["name"] == 'Bob "the face"'


def test_an_empty_mapping_comes_back(tmp_path):
    mapping_file.write((), tmp_path / "none.toml")
    assert mapping_file.read(tmp_path / "none.toml") == ()


def test_usual_values_are_not_written():
    text = mapping_file.to_toml([Line("jawOpen", "Jaw")])
    assert text.endswith('[[line]]\nchannel = "jawOpen"\ntarget = "Jaw"\ngain = 1.0\nmin = 0.0\nmax = 1.0\n')


def test_a_person_may_write_whole_numbers_and_leave_out_the_rest():
    text = 'format="facewright mapping"\nversion=1\n[[line]]\nchannel="jawOpen"\ntarget="Jaw"\ngain=2\n'
    assert mapping_file.from_toml(text) == (Line("jawOpen", "Jaw", 2.0),)


HEAD = 'format = "facewright mapping"\nversion = 1\n'
BAD = {
    "not TOML": ("format = ", "to be TOML"),
    "another file": ('name = "x"', "to say .format.: .facewright mapping., got None"),
    "newer": ('format = "facewright mapping"\nversion = 2\n', "version 1, got 2. .* newer facewright"),
    "no target": (
        f'{HEAD}[[line]]\nchannel = "jawOpen"\n',
        "mine.toml, line 3 .*'target' is missing",
    ),
    "unknown channel": (
        f'{HEAD}\n[[line]]\nchannel = "jaw"\ntarget = "a"\n',
        "line 4 .*'jaw' is not known in",
    ),
    "unknown key": (f'{HEAD}[[line]]\nchanel = "jawOpen"\n', "'chanel' is not known; known are channel, target, .*min"),
    "text for a number": (
        f'{HEAD}[[line]]\nchannel = "jawOpen"\ntarget = "a"\ngain = "2"\n',
        "should be a number, not '2'",
    ),
    "not finite": (f'{HEAD}[[line]]\nchannel = "jawOpen"\ntarget = "a"\ngain = nan\n', "line 3: Expected finite"),
    "range": (f'{HEAD}[[line]]\nchannel = "jawOpen"\ntarget = "a"\nmin = 2\n', "min below max"),
    "a list": (f"{HEAD}line = [1]\n", "should be a table, not 1"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD.keys())
def test_a_wrong_file_says_where(tmp_path, text, says):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RigError, match=says):
        mapping_file.read(tmp_path / "mine.toml")


def test_a_missing_or_binary_file_says_so(tmp_path):
    with pytest.raises(RigError, match="Cannot read the mapping"):
        mapping_file.read(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(RigError, match="Cannot read the mapping"):
        mapping_file.read(tmp_path / "binary.toml")


def test_a_mapping_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "mine.toml"
    mapping_file.write([Line("jawOpen", "Jaw")], path)
    with pytest.raises(ExportError):
        mapping_file.write([Line("jawOpen", "Jaw")], tmp_path / "nowhere" / "mine.toml")
    assert mapping_file.read(path) == (Line("jawOpen", "Jaw"),)
