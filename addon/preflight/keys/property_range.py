# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom properties whose range is narrower than the mapping's: values are cut off at its ends."""

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
            f"On '{name}', custom properties end before the mapping does: {some([p.label for p, _, _ in short])}.",
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
    """For each object the properties whose range is too narrow, with the lowest and highest value of their lines."""
    lines = mapping.stored(case.who.root) or ()  # lines matched by name are made for the range of the property
    by_object = [(each.obj.name, list(properties.ranges(each, lines))) for each in properties.found(case.members)]
    return [(name, short) for name, short in by_object if short]
