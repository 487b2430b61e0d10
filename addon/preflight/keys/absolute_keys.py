# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys that are absolute: they ignore their values."""

from __future__ import annotations

from ...character.character import Part
from ..case import ERROR, Case, Finding, library_of

ORDER = 21


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"'{part.obj.name}' uses absolute shape keys, which ignore their values.", "Switch On Relative", ERROR)
        if not library_of(part)
        else Finding(
            f"'{part.obj.name}' uses absolute shape keys, which ignore their values. Only its library can change that: "
            f"switch on Relative in '{library_of(part)}'.",
            severity=ERROR,
        )
        for part in _absolute(case)
    ]


def mend(case: Case) -> None:
    for part in _absolute(case):
        if library_of(part):
            continue
        part.block.use_relative = True


def _absolute(case: Case) -> list[Part]:
    return [part for part in case.who.meshes if not part.block.use_relative]
