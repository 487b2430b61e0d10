# SPDX-License-Identifier: GPL-3.0-or-later
"""An Action in use without a slot for the data-block: it animates nothing, and Blender does not say so."""

from __future__ import annotations

from ...blender import actions
from ...character.character import Part
from ..case import Case, Finding

ORDER = 20


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"'{part.obj.name}' uses '{actions.action_name(part.block)}' without a slot of it, which moves nothing.",
            "Assign Slot" if actions.slots_for(part.block) else "",
        )
        for part in _slotless(case)
    ]


def mend(case: Case) -> None:
    for part in _slotless(case):
        homes = actions.slots_for(part.block)
        named = [home for home in homes if home.slot.name_display in (part.obj.name, part.block.name)]
        for home in (named or homes)[:1]:
            actions.assign(home)


def _slotless(case: Case) -> list[Part]:
    """Parts with an Action and no slot, but for those whose NLA strip is in tweak mode."""
    return [
        part
        for part in case.who.parts
        if actions.action_name(part.block)
        and actions.slot_in_use(part.block) is None
        and not part.block.animation_data.use_tweak_mode
    ]
