# SPDX-License-Identifier: GPL-3.0-or-later
"""How a line is baked where others lie in the NLA, added: an Action in use would hide them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ...inference.core.errors import FacewrightError
from ..blender import actions, nla
from ..character.character import Character
from . import spans
from .mode import ADDITIVE, EXISTING, NEW, Mode


def beside_added(who: Character, mode: Mode, keys: Collection[str]) -> Mode:
    """How to bake where lines were laid into the NLA, added: an Action in use would hide them.

    Without one, the added layer is what is in use.
    """
    added = {part.block: nla.additive_home(part.block) for part in who.parts}
    hidden = [home for home in added.values() if home is not None and set(spans.spans(home)) - set(keys)]
    if mode.into == EXISTING and any(home and actions.slot_in_use(block) is None for block, home in added.items()):
        return replace(mode, into=ADDITIVE)
    if mode.into == NEW and hidden:
        raise FacewrightError(
            f"'{who.root.name}' has lines in the NLA, added, which a new Action would hide. Choose Into: NLA, Added, "
            "or unbake them first."
        )
    return mode
