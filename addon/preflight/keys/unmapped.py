# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels of the character's convention that move nothing, while the rest of the face does."""

from __future__ import annotations

from ...targets.control import some
from ..case import Case, Finding

ORDER = 90


def find(case: Case) -> list[Finding]:
    missing = case.who.missing
    if not missing:
        return []
    return [
        Finding(
            f"{len(missing)} of {len(case.who.expected)} channels move nothing here: {some(list(missing))}. "
            "Give the mesh such shapes, or choose others for them under Mapping."
        )
    ]
