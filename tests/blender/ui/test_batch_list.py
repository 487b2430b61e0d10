# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch list becomes the lines of a scene, and the lines of a scene become a batch list."""

import csv

import bpy
import numpy as np
import pytest
import soundfile
from support.characters import error_of, make_mesh
from support.listening import need_sound

from facewright.addon.blender import sequencer, strips
from facewright.addon.takes import lines
from facewright.inference.batch.shot_list import read_list
from facewright.inference.core.channels import ARKIT


@pytest.fixture(autouse=True)
def ann_and_bob(scene, tmp_path):
    """Ann and Bob in a saved file, and three seconds of a tone to play."""
    make_mesh("Ann", ARKIT), make_mesh("Bob", ARKIT)
    soundfile.write(tmp_path / "line.wav", 0.3 * np.sin(np.arange(3 * 16_000) / 20), 16_000)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))


@pytest.fixture
def take_in(scene, tmp_path):
    need_sound(scene, tmp_path / "line.wav")

    def imported(text, name="list.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return bpy.ops.facewright.list_import(filepath=str(tmp_path / name))

    return imported


def settings(name):
    return bpy.data.objects[name].facewright


LIST = (
    "name,character,sound,start,duration,frame,seed,sliders,emotions,style,blend\n"
    "hello,Ann,line.wav,0.5,1,10,3,jaw=1.4,joy=0.5,clear,\n"
    "bye,Bob,line.wav,,,40,,,,,shot.blend\n"
    "later,Ann,line.wav,1.25,0.5,60.5,4,,,,\n"
)


def test_rows_become_lines_with_their_sound_in_the_sequencer(scene, take_in):
    assert take_in(LIST) == {"FINISHED"}
    ann, bob = bpy.data.objects["Ann"], bpy.data.objects["Bob"]
    assert [(line.name, line.seed) for line in lines.items(ann)] == [("hello", 3), ("later", 4)]
    assert [line.name for line in lines.items(bob)] == ["bye"]
    heard = {strip.name: strips.heard(scene, strip) for strip in sequencer.sound_strips(scene)}
    rate = scene.render.fps
    assert (heard["hello"].start, heard["hello"].duration, heard["hello"].frame) == pytest.approx(
        (0.5, 1, 10), abs=1e-3
    )
    assert (heard["bye"].start, heard["bye"].frame) == pytest.approx((0, 40), abs=1e-3)
    assert heard["bye"].duration == pytest.approx(3, abs=1 / rate)
    later = heard["later"].start + (60.5 - heard["later"].frame) / rate  # a strip begins on a whole frame
    assert later == pytest.approx(
        1.25, abs=1e-3 if hasattr(sequencer.sound_strips(scene)[0], "sound_offset") else 1 / rate
    )


def test_each_line_has_its_own_sliders_emotions_and_style(scene, take_in):
    take_in(LIST)
    ann = bpy.data.objects["Ann"]
    assert (settings("Ann").slider_jaw, settings("Ann").emotion_joy) == (1, 0), "the last line is the active one"
    lines.choose(ann, lines.items(ann)[0])
    assert (settings("Ann").slider_jaw, settings("Ann").emotion_joy) == pytest.approx((1.4, 0.5))
    assert '"clear"' in ann.facewright_style.content
    assert settings("Bob").slider_jaw == 1


def test_a_list_that_was_imported_can_be_exported_and_says_the_same(scene, take_in, tmp_path):
    take_in(LIST)
    assert bpy.ops.facewright.list_export(filepath=str(tmp_path / "again")) == {"FINISHED"}
    with (tmp_path / "again.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"Ann/hello", "Ann/later", "Bob/bye"}
    hello = rows["Ann/hello"]
    assert (hello["character"], hello["seed"], hello["style"]) == ("Ann", "3", "clear")
    assert (hello["sliders"], hello["emotions"]) == ("jaw=1.4", "joy=0.5")
    assert float(hello["start"]) == pytest.approx(0.5, abs=1e-3)
    assert float(hello["frame"]) == pytest.approx(10)
    found = read_list(tmp_path / "again.csv")
    assert not found.bad
    assert {shot.make for shot in found.shots} == {(".blend",)}
    assert {shot.blend for shot in found.shots} == {bpy.data.filepath}


def test_rows_that_are_none_are_told_and_the_others_are_made(scene, take_in, tmp_path):
    rows = "absent,Ann,no.wav,,\nelsewhere,Ann,line.wav,,other.blend\nnobody,Eve,line.wav,,\nhere,Ann,line.wav,x,\n"
    assert take_in("name,character,sound,seed,blend\nfine,Bob,line.wav,,\n" + rows) == {"FINISHED"}
    assert [len(lines.items(bpy.data.objects[name])) for name in ("Ann", "Bob")] == [0, 1]
    assert len(sequencer.sound_strips(scene)) == 1


def test_rows_that_name_no_file_are_for_one_that_is_not_saved_yet(scene, take_in):
    bpy.ops.wm.read_homefile(use_empty=True)
    make_mesh("Ann", ARKIT)
    assert take_in("character,sound,channel\nAnn,line.wav,2\n") == {"FINISHED"}
    assert [line.name for line in lines.items(bpy.data.objects["Ann"])] == ["line"]
    assert "another file" in error_of(take_in, text="character,sound,blend\nAnn,line.wav,shot.blend\n")


def test_a_second_import_makes_nothing_twice(scene, take_in):
    take_in(LIST)
    assert "already" in error_of(take_in, text=LIST)
    assert len(sequencer.sound_strips(scene)) == 3


def test_a_list_of_nothing_is_one_sentence(scene, take_in, tmp_path):
    assert "empty list" in error_of(take_in, text="sound,seed\n")
    assert "'sead'" in error_of(take_in, text="sound,sead\nline.wav,1\n")
    assert "No character" in error_of(bpy.ops.facewright.list_export, filepath=str(tmp_path / "again.csv"))
    assert not (tmp_path / "again.csv").exists()


def test_where_blender_plays_no_sound_a_whole_file_is_a_line_all_the_same(scene, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("character,sound,frame\nAnn,line.wav,10\n")
    assert bpy.ops.facewright.list_import(filepath=str(path)) == {"FINISHED"}
    (line,) = lines.items(bpy.data.objects["Ann"])
    assert (line.name, line.frame if line.source == "FILE" else 10) == ("line", 10)
