# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers on what is to be keyed: a driver wins over keys. Muted, it is still there."""

from __future__ import annotations

import bpy

from ...character.character import Part
from ...targets.control import some
from ..case import Case, Finding

ORDER = 30


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"On '{part.obj.name}', drivers win over keys: {some([name for name, _ in drivers])}.", "Mute Drivers")
        for part in case.who.parts
        if (drivers := _drivers(part))
    ]


def mend(case: Case) -> None:
    for part in case.who.parts:
        for _, one in _drivers(part):
            one.mute = True


def _drivers(part: Part) -> list[tuple[str, bpy.types.FCurve]]:
    """Controls that are driven, and their drivers."""
    places = {part.target.curve(part.block, name): name for name in part.rig.controls}
    data = part.block.animation_data
    drivers = [(places.get((one.data_path, one.array_index)), one) for one in (data.drivers if data else ())]
    return [(name, one) for name, one in drivers if name is not None and not one.mute]
