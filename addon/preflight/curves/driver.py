# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers on controls that a bake keys: a driver wins over keys. They are muted, not removed."""

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
        for _, driver in _drivers(part):
            driver.mute = True


def _drivers(part: Part) -> list[tuple[str, bpy.types.FCurve]]:
    """Names of controls that a driver moves, each with its driver; muted ones are left out."""
    controls = {part.target.curve(part.block, name): name for name in part.rig.controls}
    data = part.block.animation_data
    drivers = [(controls.get((each.data_path, each.array_index)), each) for each in (data.drivers if data else ())]
    return [(name, driver) for name, driver in drivers if name is not None and not driver.mute]
