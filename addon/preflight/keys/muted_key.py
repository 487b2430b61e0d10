# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys that are muted: their values show nothing."""

from __future__ import annotations

import bpy

from ...character.character import Part
from ...targets.control import some
from ..case import Case, Finding

ORDER = 31


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"On '{part.obj.name}', shape keys are muted: {some([one.name for one in muted])}.", "Unmute")
        for part in case.who.meshes
        if (muted := _muted(part))
    ]


def mend(case: Case) -> None:
    for part in case.who.meshes:
        for one in _muted(part):
            one.mute = False


def _muted(part: Part) -> list[bpy.types.ShapeKey]:
    return [one for name in part.rig.controls if (one := part.block.key_blocks[name]).mute]
