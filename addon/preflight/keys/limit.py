# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit constraints of bones that are narrower than the mapping: values stop there, which the artist may have meant."""

from __future__ import annotations

from ...targets.control import some
from ...targets.kinds import bones
from ..case import Case, Finding

ORDER = 43


def find(case: Case) -> list[Finding]:
    by_armature = [(each.obj.name, bones.limited(each, case.lines)) for each in bones.found(case.members)]
    return [
        Finding(
            f"On '{name}', Limit constraints hold back: {some([f'{line.target} {line.kind}' for line in limited])}. "
            "Widen them, or leave it so."
        )
        for name, limited in by_armature
        if limited
    ]
