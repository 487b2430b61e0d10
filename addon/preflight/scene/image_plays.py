# SPDX-License-Identifier: GPL-3.0-or-later
"""Image sequences of drawn mouths that play with the time, so that the keyed offset would only shift them."""

from __future__ import annotations

from ...character.character import Part
from ...targets.kinds import image_sequence
from ..case import ERROR, Case, Finding

ORDER = 32


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"The image sequence of '{part.obj.name}' plays by itself.", "Hold Still", ERROR)
        for part in _parts(case)
        if image_sequence.playing(part.obj, part.block)
    ]


def mend(case: Case) -> None:
    for part in _parts(case):
        for user in image_sequence.playing(part.obj, part.block):
            user.frame_duration, user.frame_start, user.use_auto_refresh = 1, 1, True


def _parts(case: Case) -> list[Part]:
    return [part for part in case.who.parts if any(name.endswith("frame_offset") for name in part.rig.controls)]
