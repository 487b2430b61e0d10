# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of shots of every kind: what a row becomes, and what is said of one that makes no sense."""

import json

import pytest

from facewright.inference.batch.shot_list import read_list
from facewright.inference.core.errors import BatchError

KINDS = {
    "list.csv": "sound,seed,sliders,make\nann.wav,3,jaw=1.2 head=0.5,npz csv\nbob.wav,,,\n",
    "semicolons.csv": "Sound;Seed;Sliders;Make\nann.wav;3;jaw=1.2 head=0.5;npz csv\n\nbob.wav;;;\n",
    "list.tsv": "sound\tseed\tsliders\tmake\nann.wav\t3\tjaw=1.2 head=0.5\tnpz csv\nbob.wav\t\t\t\n",
    "list.toml": '[[shot]]\nsound = "ann.wav"\nseed = 3\nsliders = { jaw = 1.2, head = 0.5 }\nmake = ["npz", "csv"]\n'
    '[[shot]]\nsound = "bob.wav"\n',
    "list.jsonl": '{"sound": "ann.wav", "seed": 3, "sliders": "jaw=1.2 head=0.5", "make": "npz, csv"}\n\n'
    '{"sound": "bob.wav"}\n',
}


def written(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_list_says_the_same(name, tmp_path):
    found = read_list(written(tmp_path, name, KINDS[name]))
    assert not found.bad
    ann, bob = found.shots
    assert (ann.name, ann.sound, ann.seed) == ("ann", str(tmp_path / "ann.wav"), 3)
    assert ann.make == (".npz", ".csv")
    assert ann.sliders["values"] == pytest.approx({"jaw": 1.2, "head": 0.5})
    assert (bob.seed, bob.make, bob.sliders, bob.bake) == (None, (".csv",), {}, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_spreadsheets_write_is_read(encoding, tmp_path):
    found = read_list(written(tmp_path, "list.csv", "sound\nnaïve речь.wav\n", encoding))
    assert [shot.name for shot in found.shots] == ["naïve речь"]


def test_a_row_in_another_encoding_fails_alone(tmp_path):
    found = read_list(written(tmp_path, "list.csv", "sound\nann.wav\nnaïve.wav\n", "latin-1"))
    assert [shot.name for shot in found.shots] == ["ann"]
    assert [(row.row, "UTF-8" in row.error) for row in found.bad] == [(3, True)]


def test_defaults_count_where_a_row_is_silent(tmp_path):
    path = written(tmp_path, "list.csv", "sound,fps\nann.wav,24\nbob.wav,\n")
    assert [shot.fps for shot in read_list(path, {"fps": "30000/1001"}).shots] == [24, 30000 / 1001]
    path = written(tmp_path, "list.toml", '[defaults]\nfps = 25\n[[shot]]\nsound = "ann.wav"\n')
    assert [shot.fps for shot in read_list(path).shots] == [25]


def test_a_folder_is_a_list_of_its_sounds(tmp_path):
    for name in ("b.wav", "a.mp3", "ep1/a.flac", "ep1/a.wav", "notes.txt", ".hidden.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [shot.name for shot in read_list(tmp_path).shots] == ["a", "b", "ep1/a_flac", "ep1/a_wav"]


def test_what_a_batch_has_made_in_a_folder_is_none_of_its_sounds(tmp_path):
    for name in ("a.wav", "out/.facewright/a.json", "out/a.mp4", "out/ep1/b.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [shot.name for shot in read_list(tmp_path).shots] == ["a"]


def test_a_wrong_default_is_an_error_of_the_list(tmp_path):
    with pytest.raises(BatchError, match="Expected a number as 'fps', got 'abc'"):
        read_list(written(tmp_path, "list.csv", "sound\nann.wav\n"), {"fps": "abc"})


def test_a_row_may_bake(tmp_path):
    text = "sound,blend,character,keys,range,parts\nann.wav,shot.blend,Ann,sparse,10:60,mouth jaw\n"
    (shot,) = read_list(written(tmp_path, "list.csv", text)).shots
    assert shot.make == (".blend",)
    assert (shot.bake.blend, shot.bake.character, shot.bake.keys) == (str(tmp_path / "shot.blend"), "Ann", "SPARSE")
    assert (shot.bake.span, shot.bake.parts) == ((10, 60), ("mouth", "jaw"))


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("seed=-1", "seed from 0"),
        ("seed=1.5", "whole number"),
        ("start=-2", "seconds, 0 or more"),
        ("duration=0", "above 0"),
        ("fps=0", "rate up to 1000"),
        ("make=exe", ".csv"),
        ("sliders=jow=1", "jow"),
        ("sliders=jaw", "jaw=1.2"),
        ("emotions=joy=2", "joy"),
        ("steps=3", "1, 2, 4"),
        ("name=../elsewhere", "below the output folder"),
        ("name=/root", "below the output folder"),
        (f"name={'é' * 101}", "at most 200 bytes"),
        ("character=Ann", "'blend'"),
        ("make=blend", "'blend'"),
        ("sound=", "sound in every row"),
    ],
)
def test_a_wrong_cell_fails_its_row_alone(cells, says, tmp_path):
    name, _, value = cells.partition("=")
    rows = [{"sound": "ann.wav", name: value}, {"sound": "bob.wav"}]
    found = read_list(written(tmp_path, "list.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert [shot.name for shot in found.shots] == ["bob"]
    ((row, error),) = [(bad.row, bad.error) for bad in found.bad]
    assert row == 1
    assert says in error


def test_the_second_row_with_the_same_output_fails(tmp_path):
    found = read_list(written(tmp_path, "list.csv", "sound,make\nann.wav,csv\nANN.wav,csv npz\nann.wav,json\n"))
    assert [shot.row for shot in found.shots] == [2, 4]
    assert "row 2" in found.bad[0].error


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("list.csv", "", "first line"),
        ("list.csv", "sound,seed\n", "empty list"),
        ("list.csv", "sound,sead\nann.wav,1\n", "'sead'"),
        ("list.csv", "sound,sound\nann.wav,bob.wav\n", "twice"),
        ("list.toml", "[[shot]\n", "TOML"),
        ("list.toml", '[[line]]\nsound = "ann.wav"\n', "'line'"),
        ("list.toml", '[[shot]]\nsuond = "ann.wav"\n', "'suond'"),
        ("list.jsonl", "{\n", "line 1"),
        ("list.jsonl", "[1]\n", "an object on line 1"),
        ("list.xlsx", "x", ".csv"),
    ],
)
def test_a_list_that_makes_no_sense_is_one_sentence(name, text, says, tmp_path):
    with pytest.raises(BatchError, match=says):
        read_list(written(tmp_path, name, text))
    with pytest.raises(BatchError, match="none at"):
        read_list(tmp_path / "absent.csv")


def test_parts_of_a_list_are_all_of_it_once(tmp_path):
    text = "sound,seed\n" + "".join(f"{k}.wav,{'x' if k == 5 else k}\n" for k in range(11))
    found = read_list(written(tmp_path, "list.csv", text))
    parts = [found.part(k, 3) for k in (1, 2, 3)]
    assert sorted(shot.row for part in parts for shot in part.shots) == [shot.row for shot in found.shots]
    assert [bad.row for part in parts for bad in part.bad] == [7]
    assert sorted(len(part.shots) + len(part.bad) for part in parts) == [3, 4, 4]
