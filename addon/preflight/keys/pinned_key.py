# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that show only their active shape key, because of the pin below the list of shape keys."""

from __future__ import annotations

from ..case import ERROR, Case, Finding

ORDER = 22


def find(case: Case) -> list[Finding]:
    return [
        Finding(f"'{part.obj.name}' shows only its active shape key.", "Unpin", ERROR)
        for part in case.who.meshes
        if part.obj.show_only_shape_key
    ]


def mend(case: Case) -> None:
    for part in case.who.meshes:
        part.obj.show_only_shape_key = False
