# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves that are muted: keys in them show nothing."""

from __future__ import annotations

from ..case import Case, Finding

ORDER = 51


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{part.obj.name}', F-curves in use are muted ({len(muted)}), so their keys show nothing.",
            "Unmute in a Copy" if case.is_linked(part) else "Unmute",  # of the Action
        )
        for part in case.who.parts
        if (muted := [curve for curve in case.curves(part) if curve.mute or (curve.group and curve.group.mute)])
    ]


def mend(case: Case) -> None:
    case.own_actions()
    for part in case.who.parts:
        for curve in case.curves(part):
            curve.mute = False
            if curve.group:
                curve.group.mute = False
