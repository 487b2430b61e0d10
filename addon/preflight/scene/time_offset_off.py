# SPDX-License-Identifier: GPL-3.0-or-later
"""Time Offset modifiers that choose the drawing of a mouth and are switched off."""

from __future__ import annotations

from typing import Any

from ...character import family
from ...targets.kinds import grease_pencil
from ..case import Case, Finding

ORDER = 34


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"Modifier '{modifier.name}', which chooses the drawing, is switched off in the viewport or in renders.",
            "Switch On",
        )
        for modifier in _off(case)
    ]


def mend(case: Case) -> None:
    for modifier in _off(case):
        modifier.show_viewport = modifier.show_render = True


def _off(case: Case) -> list[Any]:
    lines = [line for part in case.who.parts for line in part.rig.lines if line.kind == grease_pencil.DRAWING]
    members = family.family(case.who.root, case.scene) if lines else ()
    drawn = [obj for obj in members if any(line.where in ("", obj.name) for line in lines)]
    modifiers = [grease_pencil.fixed(obj) for obj in drawn]
    return [each for each in modifiers if each is not None and not (each.show_viewport and each.show_render)]
