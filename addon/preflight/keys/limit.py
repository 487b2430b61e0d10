# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit constraints of bones that end before the mapping does: values are held back there, as the artist meant it."""

from __future__ import annotations

from ...targets.control import some
from ...targets.kinds import bones
from ..case import Case, Finding

ORDER = 43


def find(case: Case) -> list[Finding]:
    each = [(one.obj.name, bones.limited(one, case.lines)) for one in bones.found(case.members)]
    return [
        Finding(
            f"On '{name}', Limit constraints hold back: {some([f'{line.target} {line.kind}' for line in limited])}. "
            "Widen them, or leave it so."
        )
        for name, limited in each
        if limited
    ]
