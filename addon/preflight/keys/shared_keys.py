# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys that another character shows, too: it says the same."""

from __future__ import annotations

from ...character import sharing
from ..case import Case, Finding

ORDER = 45


def find(case: Case) -> list[Finding]:
    return [
        Finding(sharing.sentence(part, twins), "Make Its Own") for part, twins in sharing.shared(case.scene, case.who)
    ]


def mend(case: Case) -> None:
    sharing.separate(case.scene, case.who)
