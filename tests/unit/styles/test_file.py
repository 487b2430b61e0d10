# SPDX-License-Identifier: GPL-3.0-or-later
"""Styles in files: read back exactly, safe to open, kept in a library."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT

from facewright.inference.core.channels import MOUTH, PHONES
from facewright.inference.core.errors import ExportError, StyleError
from facewright.inference.styles.context import SHOWN, context_from
from facewright.inference.styles.file import FORMAT, LARGEST, from_json, read, to_json, write
from facewright.inference.styles.library import Library, user_folder
from facewright.inference.styles.style import REGIONS, Style


def random_style(name: str = "Ada", seed: int = 0) -> Style:
    rng = np.random.default_rng(seed)
    return Style(
        name,
        slots=rng.random(40) * 2,
        gains=rng.random((40, 5)) * 3,
        rest=(rng.random(27) - 0.5) / 2,
        lead=0.0123,
        asymmetry=-0.2,
        brows=1.5,
        blinks=0.0,
        posture=(rng.random(5) - 0.5) / 2,
        context=context_from(("browInnerUp", "headYaw"), rng.random((8, 2))),
        about="Learned.\nTwo lines.",
    )


def same(a: Style, b: Style) -> bool:
    return (a.name, a.about) == (b.name, b.about) and a.does_as(b)


def test_what_is_written_is_read_back_exactly(tmp_path):
    for style in (random_style(), Style("plain"), Style("P", gains=np.full((40, 5), 1.3))):
        write(style, tmp_path / "a.fwstyle")
        assert same(read(tmp_path / "a.fwstyle"), style)
    whole = Style("whole", context=context_from(SHOWN, np.random.default_rng(0).random((8, len(SHOWN)))))
    write(whole, tmp_path / "a.fwstyle")
    assert same(read(tmp_path / "a.fwstyle"), whole)
    assert not same(whole, Style("whole")) and not same(whole, replace(whole, context=random_style().context))
    assert len(to_json(Style("plain"))) < 100 and '"all"' in to_json(Style("P", gains=np.full((40, 5), 1.3)))


def table(**given) -> str:
    return json.dumps({"format": FORMAT, "version": 1, "name": "x", **given})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "to be JSON"),
        ("[" * 100_000, "to be JSON"),
        ("[]", "to say .format.: .facewright style., got None"),
        (json.dumps({"format": "something", "version": 1}), "got 'something'"),
        (table(version=2), "version 1, got 2.*newer facewright: update"),
        (table(version="1"), "version 1, got '1'"),
        (table(lead=float("nan")), "NaN is no number"),
        (table(lead=1e999), "Infinity is no number"),
        (table().replace('"x"', '"x", "lead": 1e999'), "1e999 is no number"),
        (table(lead="now"), "'lead' should be a number, not 'now'"),
        (table(lead=True), "'lead' should be a number, not True"),
        (table(lead=2.0), "lead from -0.25"),
        (table(speed=2.0), "'speed' is not known; known are .*lead"),
        (table(gains={"Q": {"jaw": 1}}), "'Q' is not known in 'gains'"),
        (table(gains={"P": {"nose": 1}}), "'nose' is not known"),
        (table(gains={"P": 2}), "should be a table, not a whole number"),
        (table(gains=[1]), "'gains' should be a table"),
        (table(slots={"P": -1}), "0 or more"),
        (table(rest={"jawOpen": 0.9}), "rest from -0.5"),
        (table(posture={"browInnerUp": 0.6}), "posture from -0.5"),
        (table(posture={"jawOpen": 0.1}), "'jawOpen' is not known"),
        (table(context={"headYaw": [0.1] * 7}), "8 frames at 50 per second.* got 7 at 50"),
        (table(context={"headYaw": [0.1] * 100}), "got 100 at 50"),
        (table(context={"headYaw": [0.1] * 8, "headRoll": [0.1] * 7}), "style 'x' complete and right"),
        (table(context={"jawOpen": [0.1] * 8}), "channels of brows, head, gaze.*got jawOpen"),
        (table(context={"browInnerUp": [0.1] * 7 + [1.1]}), "browInnerUp from 0 to 1.*got 1.1"),
        (table(context={"headYaw": [1e300] * 8}), "style 'x' complete and right.*inf"),
        (table(context={"headYaw": [2.0] * 8}), "headYaw from -1.5 to 1.5"),
        (table(context={"headYaw": ["0.1"] * 8}), "should be a number, not a text"),
        (table(context={"headYaw": 0.1}), "should be a list, not a number"),
        (table(context={}), "style 'x' complete and right"),
        (table(context=[[0.1] * 8]), "'context' should be a table"),
        (table(context=None), "'context' should be a table, not None"),
        (table(context={"headYaw": [float("nan")] * 8}), "NaN is no number"),
        (table(name=""), "a name for the style"),
        (table(name=["x"]), "'name' should be a text"),
        (json.dumps({"format": FORMAT, "version": 1}), "'name' is missing"),
    ],
)
def test_what_is_no_style_is_refused_in_words(text, said):
    with pytest.raises(StyleError, match=said):
        from_json(text)


def test_large_binary_and_absent_files_are_refused(tmp_path):
    path = tmp_path / "a.fwstyle"
    with pytest.raises(StyleError, match="Cannot read the style"):
        read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StyleError, match="Expected text"):
        read(path)
    path.write_text(" " * (LARGEST + 1))
    with pytest.raises(StyleError, match="is larger"):
        read(path)


def test_six_presets_ship_and_say_that_a_rule_made_them():
    library = Library(Path("/nowhere"))
    assert set(library.presets) == {"subtle", "neutral", "clear", "broad stage", "mumbled", "cartoon"}
    for name in library.presets:
        style = library.get(name)
        assert style.name == name and "made by rule" in style.about
    assert library.get("neutral").is_neutral and not library.get("clear").is_neutral


def test_a_library_keeps_renames_duplicates_and_deletes(tmp_path):
    library = Library(tmp_path / "not yet" / "styles")
    ada = random_style()
    library.keep(ada)
    assert same(library.get("Ada"), ada) and library.names[-1] == "Ada"
    with pytest.raises(StyleError, match="there is a style 'Ada'"):
        library.keep(ada)
    for free in ("Ada 2", "Ada 3"):
        assert library.free_name("Ada") == free
        library.keep(replace(ada, name=free))
    assert library.free_name("Ada 2") == "Ada 4"
    library.rename("Ada 2", "Bea / the: second*")
    assert set(library.own) == {"Ada", "Ada 3", "Bea / the: second*"}
    assert library.free_name("subtle") == "subtle 2"
    library.delete("Ada 3")
    assert "Ada 3" not in library.own
    for wrong in (lambda: library.rename("subtle", "mine"), lambda: library.delete("subtle")):
        with pytest.raises(StyleError, match="a preset and stays"):
            wrong()
    with pytest.raises(StyleError, match=r"one of the styles .*subtle.*got 'Zoe'"):
        library.get("Zoe")
    with pytest.raises(StyleError, match="preset's"):
        library.keep(replace(ada, name="subtle"))


def test_a_damaged_file_does_not_hide_the_others(tmp_path):
    library = Library(tmp_path)
    library.keep(random_style("Ada"))
    (tmp_path / "broken.fwstyle").write_text("{")
    assert set(library.own) == {"Ada", "broken"}
    with pytest.raises(StyleError, match="to be JSON"):
        library.get("broken")
    library.delete("broken")


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="Cannot make the folder of your styles"):
        Library(tmp_path / "file" / "styles").keep(random_style("Ada"))
    (tmp_path / "stuck.fwstyle").mkdir()
    with pytest.raises(StyleError, match="Cannot remove"):
        Library(tmp_path).delete("stuck")


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    folder = tmp_path / "folder.fwstyle"
    folder.mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        write(random_style(), folder)


def test_the_folder_of_the_command_line_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("FACEWRIGHT_STYLES", str(tmp_path))
    assert user_folder() == tmp_path
    monkeypatch.delenv("FACEWRIGHT_STYLES")
    assert user_folder().parts[-2:] == ("facewright", "styles")


def facewright(*arguments, folder: Path):
    command = [sys.executable, "-m", "inference", *map(str, arguments)]
    environment = {"FACEWRIGHT_STYLES": str(folder), "PATH": "", "SYSTEMROOT": "C:\\Windows"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)


def test_the_command_line_blends_averages_lists_and_shows(tmp_path):
    out = tmp_path / "half.fwstyle"
    assert facewright("style", "blend", "neutral", "cartoon", "0.5", "-o", out, folder=tmp_path).returncode == 0
    half, whole = read(out), Library(tmp_path).get("cartoon")
    np.testing.assert_allclose(half.gains, (1 + whole.gains) / 2, atol=1e-6)
    done = facewright("style", "average", "subtle", "clear", out, "--name", "Us", folder=tmp_path)
    assert done.returncode == 0 and "style 'Us'" in done.stderr
    listed = facewright("style", "list", folder=tmp_path).stdout
    assert "broad stage" in listed and "Us " in listed and "made by rule" in listed
    shown = facewright("style", "show", "clear", folder=tmp_path).stdout
    assert "made by rule" in shown and next(iter(REGIONS)) in shown and "1.60" in shown and "+0 ms" in shown
    for wrong, said in [
        (("show", "Zoe"), "Expected one of the styles"),
        (("blend", "subtle", "clear", "2"), "from 0 to 1"),
        (("blend", "subtle", "clear", "1", "-o", tmp_path / "a.txt"), "ends in .fwstyle"),
    ]:
        done = facewright("style", *wrong, folder=tmp_path)
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_names_of_phones_and_channels_are_those_of_the_docs():
    text = (ROOT / "docs" / "reference" / "file-formats.md").read_text(encoding="utf-8")
    assert all(region in text for region in REGIONS) and MOUTH[3] in text and PHONES[0] in text
