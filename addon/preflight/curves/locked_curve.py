# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves that are locked, or whose group is: a bake leaves them as they are."""

from __future__ import annotations

from ...blender import actions
from ..case import Case, Finding

ORDER = 50


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{part.obj.name}', F-curves are locked ({len(locked)}), so a bake leaves them as they are.",
            "Unlock in a Copy" if case.is_linked(part) else "Unlock",  # of the Action
        )
        for part in case.who.parts
        if (locked := [curve for curve in case.curves(part) if actions.is_locked(curve)])
    ]


def mend(case: Case) -> None:
    case.own_actions()
    for part in case.who.parts:
        for curve in case.curves(part):
            curve.lock = False
            if curve.group is not None:
                curve.group.lock = False
