# SPDX-License-Identifier: GPL-3.0-or-later
"""What every pre-flight check promises, run over each file that is found in addon/preflight."""

import inspect

import bpy
import pytest
from support.preflight_examples import EXAMPLES

from facewright.addon.character import character
from facewright.addon.preflight.case import ERROR, WARNING, Case, Finding
from facewright.addon.preflight.inspection import checks

CHECKS = checks()
every = pytest.mark.parametrize("name", CHECKS)
examples = pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name in CHECKS for number in range(len(EXAMPLES.get(name, [None])))]
)


def case_of(obj):
    """What a check is given of a character."""
    return Case(bpy.context.scene, character.find(obj, bpy.context.scene))


@pytest.fixture
def example(name, number, scene, tmp_path, speech):
    """A character with something wrong; its active object, and what the finding must name."""
    assert name in EXAMPLES, f"Add a character with '{name}' to EXAMPLES in tests/support/preflight_examples.py."
    make, affected = EXAMPLES[name][number]
    return make(tmp_path, speech), affected


def test_every_example_is_of_a_check_there_is():
    assert CHECKS.keys() == EXAMPLES.keys()


@every
def test_it_has_the_names_of_the_contract(name):
    check = CHECKS[name]
    assert isinstance(check.ORDER, int)
    assert list(inspect.signature(check.find).parameters) == ["case"]
    if hasattr(check, "mend"):
        assert list(inspect.signature(check.mend).parameters) == ["case"]


@every
def test_nothing_is_found_on_the_built_in_head(name, scene, speech):
    assert bpy.ops.mesh.facewright_head() == {"FINISHED"}
    head = bpy.context.view_layer.objects.active
    case = case_of(head)
    case.settings.filepath = str(speech)
    assert CHECKS[name].find(case) == []


@examples
def test_what_is_wrong_is_said_in_a_sentence_that_names_it(name, example):
    obj, affected = example
    found = CHECKS[name].find(case_of(obj))
    assert found and all(isinstance(one, Finding) for one in found)
    for one in found:
        assert one.text.endswith(".") and one.text[0] in "'\"0123456789" + one.text[0].upper()
        assert "  " not in one.text and "{" not in one.text
        assert one.severity in (ERROR, WARNING)
        assert one.mend == one.mend.strip() and not one.mend.endswith(".")
    assert any(affected in one.text for one in found)


@examples
def test_what_it_offers_to_mend_is_gone_afterwards(name, example):
    obj, _ = example
    check = CHECKS[name]
    found = check.find(case_of(obj))
    offered = [one for one in found if one.mend]
    assert not offered or hasattr(check, "mend"), "a button needs a function"
    if not offered:
        pytest.skip("only a person can mend this")
    check.mend(case_of(obj))
    left = check.find(case_of(bpy.context.view_layer.objects.active))
    assert not any(one.mend for one in left)
    assert len(left) == len(found) - len(offered)


@every
def test_what_can_be_mended_is_tried_on_an_example(name, scene, tmp_path, speech):
    """A check with a `mend` has at least one example for which it offers it."""
    if not hasattr(CHECKS[name], "mend"):
        pytest.skip("only a person can mend this")
    offers = 0
    for number, (make, _) in enumerate(EXAMPLES[name]):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        folder = tmp_path / str(number)
        folder.mkdir()
        offers += any(one.mend for one in CHECKS[name].find(case_of(make(folder, speech))))
    assert offers
