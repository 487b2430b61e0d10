# SPDX-License-Identifier: GPL-3.0-or-later
"""The NLA of a part as it would silence a bake: switched off, or another track played alone."""

from __future__ import annotations

from ..character import Part
from . import Case, Finding, some

ORDER = 52


def find(case: Case) -> list[Finding]:
    names = [repr(part.obj.name) for part in _silenced(case)]
    return (
        [
            Finding(
                f"On {some(names)}, an NLA track is played alone (the star), so the Action in use shows nothing.",
                "End Solo",
            )
        ]
        if names
        else []
    )


def mend(case: Case) -> None:
    for part in _silenced(case):
        for track in part.block.animation_data.nla_tracks:
            track.is_solo = False


def _silenced(case: Case) -> list[Part]:
    with_data = [part for part in case.who.parts if part.block.animation_data]
    return [part for part in with_data if any(track.is_solo for track in part.block.animation_data.nla_tracks)]
