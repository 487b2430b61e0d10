# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom properties whose own range ends before the mapping does: values are cut off there."""

from __future__ import annotations

from typing import Any

from ...character import mapping
from ...targets.control import some
from ...targets.kinds import properties
from ..case import Case, Finding

ORDER = 41


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{name}', custom properties end before the mapping does: {some([one.said for one, _, _ in short])}.",
            "Widen",
        )
        for name, short in _short(case)
    ]


def mend(case: Case) -> None:
    for _, short in _short(case):
        for place, low, high in short:
            ui = place.owner.id_properties_ui(place.key)
            now = ui.as_dict()
            number = int if place.whole else float
            low, high = number(min(low, now["min"])), number(max(high, now["max"]))
            ui.update(min=low, max=high, soft_min=low, soft_max=high)


def _short(case: Case) -> list[tuple[str, list[Any]]]:
    """Objects, each with the properties that are too short and the lowest and highest value asked of them."""
    lines = mapping.stored(case.who.root) or ()  # matched lines keep within the range by themselves
    each = [(one.obj.name, list(properties.ranges(one, lines))) for one in properties.found(case.members)]
    return [(name, short) for name, short in each if short]
