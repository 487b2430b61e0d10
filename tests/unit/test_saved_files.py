# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of an earlier version, on the command line: recipes give the curves they gave then, its styles are spoken.

`tests/saved/make_files.py` made them. Their takes want the model they were made with: after a new one was released they
are made anew, as the golden file is.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from support.paths import ROOT
from support.saved.line import write_line

SAVED = ROOT / "tests" / "saved" / "files"
RECIPES = ("generated", "mixed", "punched", "dialled", "styled")
NEAR = 2e-3  # as in the golden test: processors differ in the last digits


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    return write_line(tmp_path_factory.mktemp("line"))


def facewright(*arguments):
    command = [sys.executable, "-m", "inference", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def same_curves(found, expected, near=NEAR):
    """Whether two .npz files hold the same arrays, but for the recipe."""
    with np.load(found) as one, np.load(expected) as other:
        assert set(other.files) - {"recipe"} <= set(one.files)
        for name in other.files:
            if other[name].dtype.kind == "f":
                assert one[name].shape == other[name].shape
                assert np.abs(one[name] - other[name]).max() <= near, name
            elif name != "recipe":
                assert np.array_equal(one[name], other[name]), name
        assert np.ptp(other["weights"], axis=0).max() > 0.2  # the curves do move


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_gives_the_curves_it_gave(line, tmp_path, name):
    for source in (SAVED / f"{name}.recipe.json", SAVED / f"{name}.npz"):
        facewright("animate", line, "--recipe", source, "-o", tmp_path / "again.npz", "--device", "cpu", "--quiet")
        same_curves(tmp_path / "again.npz", SAVED / f"{name}.npz")


@pytest.mark.parametrize("name", RECIPES)
def test_the_recipe_in_curves_is_read_as_it_was_written(name):
    found = json.loads(facewright("recipe", SAVED / f"{name}.npz", "--json"))
    assert found == json.loads((SAVED / f"{name}.recipe.json").read_text(encoding="utf-8"))


def test_what_is_in_the_recipes():
    """Each kind there is: what would not be noticed if the files were made anew without it."""
    held = {name: json.loads((SAVED / f"{name}.recipe.json").read_text(encoding="utf-8")) for name in RECIPES}
    assert [held[name]["take"]["do"] for name in RECIPES] == ["generate", "mix", "punch", "generate", "generate"]
    assert [bool(held[name].get("sliders")) for name in RECIPES] == [False, False, False, True, False]
    said = facewright("recipe", SAVED / "dialled.npz")
    for word in ("jaw keyed", "joy keyed", "upper_face keyed", "lead 30", "doubt 0.3", "cheeks 0.4", "M 1.6"):
        assert word in said
    assert held["styled"]["take"]["style"]["context"]


def test_curves_are_converted(tmp_path):
    facewright("convert", SAVED / "punched.npz", "-o", tmp_path / "there.json")
    facewright("convert", tmp_path / "there.json", "-o", tmp_path / "back.npz")
    same_curves(tmp_path / "back.npz", SAVED / "punched.npz", 1e-4)
    facewright("convert", SAVED / "punched.npz", "-o", tmp_path / "there.csv")
    head, first = (tmp_path / "there.csv").read_text().splitlines()[:2]
    with np.load(SAVED / "punched.npz") as curves:
        jaw = float(curves["weights"][0, list(curves["channels"]).index("jawOpen")])
    assert float(first.split(",")[head.lower().split(",").index("jawopen")]) == pytest.approx(jaw, abs=1e-4)


def test_a_learned_style_is_read_and_spoken(line, tmp_path):
    style = SAVED / "learned.fwstyle"
    assert "Ada, très «sûre»" in facewright("style", "show", style)
    given = ["animate", line, "--seed", 5, "--fps", 50, "--device", "cpu", "--quiet", "-o"]
    facewright(*given, tmp_path / "styled.npz", "--style", style)
    same_curves(tmp_path / "styled.npz", SAVED / "learned.npz")
    facewright(*given, tmp_path / "plain.npz")
    with np.load(tmp_path / "plain.npz") as plain, np.load(SAVED / "learned.npz") as learned:
        assert np.abs(plain["weights"] - learned["weights"]).max() > 10 * NEAR  # or nothing was learned
