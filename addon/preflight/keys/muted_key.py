# SPDX-License-Identifier: GPL-3.0-or-later
"""Muted shape keys, which do not move the mesh whatever their value is."""

from __future__ import annotations

import bpy

from ...character.character import Part
from ...targets.control import some
from ..case import Case, Finding

ORDER = 31


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"On '{part.obj.name}', shape keys are muted: {some([key.name for key in muted])}.", "Unmute")
        for part in case.who.meshes
        if (muted := _muted(part))
    ]


def mend(case: Case) -> None:
    for part in case.who.meshes:
        for key in _muted(part):
            key.mute = False


def _muted(part: Part) -> list[bpy.types.ShapeKey]:
    return [key for name in part.rig.controls if (key := part.block.key_blocks[name]).mute]
