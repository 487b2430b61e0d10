# SPDX-License-Identifier: GPL-3.0-or-later
"""NLA strips in tweak mode, during which Blender does not let the Action in use be changed."""

from __future__ import annotations

from ...character.character import Part
from ...targets.control import some
from ..case import ERROR, Case, Finding

ORDER = 11


def find(case: Case) -> list[Finding]:
    names = [repr(part.obj.name) for part in _tweaked(case)]
    return [Finding(f"An NLA strip of {some(names)} is in tweak mode.", "Leave Tweak Mode", ERROR)] if names else []


def mend(case: Case) -> None:
    for part in _tweaked(case):
        part.block.animation_data.use_tweak_mode = False


def _tweaked(case: Case) -> list[Part]:
    return [part for part in case.who.parts if part.block.animation_data and part.block.animation_data.use_tweak_mode]
