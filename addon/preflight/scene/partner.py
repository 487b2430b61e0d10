# SPDX-License-Identifier: GPL-3.0-or-later
"""A partner of a dialogue that was deleted, or is a part of the character itself."""

from __future__ import annotations

from ...dialogue import partners
from ..case import Case, Finding

ORDER = 13


def find(case: Case) -> list[Finding]:
    trouble = partners.trouble(case.scene, case.who.root)
    return [Finding(trouble, "Talk to Nobody")] if trouble else []


def mend(case: Case) -> None:
    case.settings.partner = None
