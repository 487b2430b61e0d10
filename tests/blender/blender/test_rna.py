# SPDX-License-Identifier: GPL-3.0-or-later
"""The types in which settings are read say what Blender has: the same fields, of the same types."""

import typing

import pytest

from facewright.addon.adjust.properties import ADJUSTMENTS, GROUP_FIELDS
from facewright.addon.blender import rna

PLAIN = {"BOOLEAN": bool, "INT": int, "FLOAT": float, "STRING": str, "ENUM": str}


def groups(face, scene):
    settings = face.parent.facewright
    return {
        rna.CharacterSettings: settings,
        rna.MixSettings: settings.take_mix,
        rna.TakeItem: settings.takes.add(),
        rna.MappingItem: settings.mapping.add(),
        rna.StyleSettings: face.parent.facewright_style,
        rna.BakeSettings: scene.facewright_bake,
        rna.PunchSettings: scene.facewright_punch,
    }


TYPES = (
    rna.CharacterSettings,
    rna.MixSettings,
    rna.TakeItem,
    rna.MappingItem,
    rna.StyleSettings,
    rna.BakeSettings,
    rna.PunchSettings,
)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_types_of_settings_are_those_of_blender(face, scene, kind):
    group = groups(face, scene)[kind]
    said = {name: typing.get_type_hints(kind, vars(rna))[name] for name in kind.__annotations__}
    there = {prop.identifier: prop for prop in group.bl_rna.properties}
    for name in ("name", "rna_type"):
        there.pop(name)
    assert set(said) == set(there) - {*ADJUSTMENTS, *GROUP_FIELDS}
    for name, type_ in said.items():
        prop = there[name]
        if prop.type in PLAIN and not getattr(prop, "is_enum_flag", False):
            assert type_ is PLAIN[prop.type], name
