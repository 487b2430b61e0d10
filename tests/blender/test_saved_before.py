# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that an earlier version saved, in this Blender or an earlier one: all is there, and work goes on in them.

`tests/saved/make_blend.py` made them, and wrote beside each what was seen in it then.
"""

import json
import shutil

import bpy
import pytest
from support.paths import ROOT
from support.saved import facts, scenes, steps
from support.saved.line import write_line

from facewright.inference.policy.predictor import load_predictor
from facewright.inference.takes.recipe import model_sha256

SAVED = ROOT / "tests" / "saved"

FILES = sorted(
    path.stem
    for path in SAVED.glob("*.blend")
    if tuple(map(int, path.stem.rpartition("-")[2].split("."))) <= bpy.app.version[:2]
)


SINCE_THEN = 0.012  # weight: since the model before 2, emotions press lips a little less far past each other


@pytest.fixture
def opened(addon, tmp_path):
    """A function that opens a saved file beside its sound, and gives what is expected of it."""

    def open_it(stem):
        shutil.copy(SAVED / f"{stem}.blend", tmp_path)
        write_line(tmp_path)
        assert bpy.ops.wm.open_mainfile(filepath=str(tmp_path / f"{stem}.blend")) == {"FINISHED"}
        expected = json.loads((SAVED / f"{stem}.json").read_text(encoding="utf-8"))
        expected["bake"]["into"] = "EXISTING"  # which nobody had chosen: it is the default, and another one now
        return comparable(expected)

    return open_it


def comparable(fact):
    """A fact without what is another one since lines have ends: keys outside of frames 20 to 36, how many there are."""
    if isinstance(fact, dict):
        found = {key: sorted(one) if key in ("curves", "memory") else comparable(one) for key, one in fact.items()}
        if "memory" in found:
            found["memory"] = [name for name in found["memory"] if name != "facewright_sounds"]
        return {key: one for key, one in found.items() if one != [0.0] * len(facts.FRAMES)}
    if not isinstance(fact, list):
        return fact
    if len(fact) == len(facts.SEEN) and all(isinstance(one, float) for one in fact):
        return fact[facts.WITHIN]
    if all(isinstance(one, list) and len(one) == 2 and isinstance(one[0], float) for one in fact):
        return [key for key in fact if 20 <= key[0] <= 36]
    return [comparable(one) for one in fact]


def differences(found, expected, where="", near=2e-5):
    """Every place at which two facts differ, as sentences."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*found, *expected}):
            if key not in found or key not in expected:
                yield f"{where}/{key}: {'new' if key in found else 'gone'}"
            else:
                yield from differences(found[key], expected[key], f"{where}/{key}", near)
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from differences(one, other, f"{where}/{number}", near)
    elif isinstance(expected, float) and isinstance(found, float):
        if abs(found - expected) > near:
            yield f"{where}: {found}, expected {expected}"
    elif found != expected:
        yield f"{where}: {found!r}, expected {expected!r}"


@pytest.mark.parametrize("stem", FILES)
def test_all_is_as_it_was_saved(opened, stem):
    expected = opened(stem)
    expected.pop("then")
    found = comparable(json.loads(json.dumps(facts.read(expected["characters"]))))
    near = SINCE_THEN if of_another_model() else 2e-5
    assert list(differences(found, expected, near=near)) == []


def of_another_model():
    """Whether takes in the open file were made by a model that this version does not have."""
    loaded = model_sha256(load_predictor(device="cpu").card)
    recipes = [item.recipe for root in bpy.data.objects for item in root.facewright.takes if item.recipe]
    return any(loaded not in recipe for recipe in recipes)


def without(found, names):
    """The same without some keys, however deep."""
    if isinstance(found, dict):
        return {key: without(value, names) for key, value in found.items() if key not in names}
    return [without(one, names) for one in found] if isinstance(found, list) else found


@pytest.mark.parametrize("stem", FILES)
def test_work_goes_on_as_in_the_version_before(opened, stem):
    name, _, version = stem.rpartition("-")
    expected, anew = opened(stem)["then"], of_another_model()
    found = comparable(json.loads(json.dumps(steps.go_on(name))))
    if version != "{}.{}".format(*bpy.app.version):  # from 4.4 on an Action has slots: there are fewer, named otherwise
        found, expected = (without(one, ("actions", "action", "tracks")) for one in (found, expected))
    assert list(found) == list(expected)
    for step in expected:
        drawn_anew = step.rpartition(" ")[0] in {one.__name__ for one in steps.MODEL}
        if anew and (drawn_anew or step == "removes_takes_without_star 1"):  # what is seen is of today's model
            found[step].pop("sees"), expected[step].pop("sees")
        near = 0.04 if name == "baked" else 5e-3 if drawn_anew else SINCE_THEN if anew else 2e-5  # few keys: 0.02 each
        assert list(differences(found[step], expected[step], step, near)) == []


@pytest.mark.parametrize("stem", [stem for stem in FILES if stem.startswith("takes")])
def test_takes_are_made_again_from_their_recipes(opened, stem):
    expected = opened(stem)["characters"]["Facewright Head"]
    own = steps.select("Facewright Head")
    if of_another_model():
        own.takes[0].motion, own.take_index = "", 0
        with pytest.raises(RuntimeError, match="Expected the model of this recipe, policy 1"):
            bpy.ops.facewright.take_again()
        return
    for item in own.takes:
        item.motion = ""  # as where a take is too long for the file
    shown = {}
    for place, item in enumerate(own.takes):
        own.take_index = place
        own.preview = True
        assert not own.preview  # there is nothing to show
        assert bpy.ops.facewright.take_again() == {"FINISHED"}
        assert item.motion and own.preview
        shown[item.name] = facts.over_time()
    assert list(differences(shown, expected["previews"], near=5e-3)) == []


@pytest.mark.parametrize("stem", [stem for stem in FILES if stem.startswith("takes")])
def test_what_was_learned_before_is_still_spoken(opened, stem):
    opened(stem)
    own = steps.select("Facewright Head")
    content = json.loads(own.id_data.facewright_style.content)
    assert content["name"] == "Ada on stage" and content["context"]
    assert bpy.ops.facewright.generate(seed=31, count=1) == {"FINISHED"}
    style = json.loads(own.takes[own.take_index].recipe)["take"]["style"]
    style = json.loads(style) if isinstance(style, str) else style
    assert {**style, "about": ""} == {**content, "about": ""}
    bpy.ops.facewright.style_choose(name="neutral")
    assert own.id_data.facewright_style.content == ""


def test_a_mapping_file_is_read(scene, tmp_path):
    saved = SAVED / "files" / "mapping.toml"
    root = scenes.small_head()
    assert bpy.ops.facewright.mapping_import(filepath=str(saved)) == {"FINISHED"}
    lines = {(item.source, item.target): facts.line(item) for item in root.facewright.mapping}
    assert len(lines) == len(root.facewright.mapping) == 71
    assert lines["jawOpen", "jawOpen"][2:] == [True, "shape_key", "", "linear", 0.8, 0.05, 0.0, 0.6, 1.0]
    assert lines["browInnerUp", "browInnerUp"][2] is False
    assert lines["mouthFunnel", "mouthFunnel"][5:] == ["power", 1.0, 0.0, 0.0, 1.0, 0.5]
    assert lines["mouthFunnel", "mouthPucker"][6] == 0.25
    bpy.ops.facewright.mapping_export(filepath=str(tmp_path / "again.toml"))
    assert (tmp_path / "again.toml").read_text() == saved.read_text()
