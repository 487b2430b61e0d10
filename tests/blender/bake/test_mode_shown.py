# SPDX-License-Identifier: GPL-3.0-or-later
"""How the Bake operator chooses its mode: what it is given counts, and its panel shows the rest."""

from types import SimpleNamespace

from facewright.addon.bake.mode import FIELDS, Mode, chosen, show_on


class Given(SimpleNamespace):
    """The properties of an operator, as far as a script gave them."""

    def is_property_set(self, name):
        return name in vars(self)


def test_what_is_given_stands_in_place_of_the_settings_and_nothing_is_written(scene):
    scene.facewright_bake.keys, scene.facewright_bake.blend = "SPARSE", 7
    given = Given(into="ADDITIVE", blend=2)
    assert chosen(scene, given) == Mode(into="ADDITIVE", keys="SPARSE", blend=2, error=scene.facewright_bake.error)
    assert vars(given) == {"into": "ADDITIVE", "blend": 2}
    assert scene.facewright_bake.blend == 7


def test_the_operator_shows_what_it_was_not_given(scene):
    scene.facewright_bake.keys = "SPARSE"
    given = Given(into="ADDITIVE")
    mode = chosen(scene, given)
    show_on(given, scene)
    assert set(vars(given)) == set(FIELDS)
    assert (given.into, given.keys) == ("ADDITIVE", "SPARSE")
    assert chosen(scene, given) == mode
