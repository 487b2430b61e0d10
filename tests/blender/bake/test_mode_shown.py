# SPDX-License-Identifier: GPL-3.0-or-later
"""How the Bake operator chooses its mode: what it is given counts, and its panel shows the rest."""

import bpy
import pytest

from facewright.addon.bake.mode import FIELDS, Mode, chosen, show_on


@pytest.fixture
def given(scene):
    """Bake properties of which only `into` was ever given a value, as a script may do."""
    settings = bpy.data.scenes.new("Given").facewright_bake
    settings.into = "ADDITIVE"
    return settings


def are_set(properties):
    return {name for name in FIELDS if properties.is_property_set(name)}


def test_what_is_given_stands_in_place_of_the_settings_and_nothing_is_written(scene, given):
    scene.facewright_bake.keys, scene.facewright_bake.blend = "SPARSE", 7
    given.blend = 2
    assert chosen(scene, given) == Mode(into="ADDITIVE", keys="SPARSE", blend=2, error=scene.facewright_bake.error)
    assert are_set(given) == {"into", "blend"}
    assert scene.facewright_bake.blend == 7


def test_the_operator_shows_what_it_was_not_given(scene, given):
    scene.facewright_bake.keys = "SPARSE"
    mode = chosen(scene, given)
    show_on(given, scene)
    assert are_set(given) == set(FIELDS)
    assert (given.into, given.keys) == ("ADDITIVE", "SPARSE")
    assert chosen(scene, given) == mode
