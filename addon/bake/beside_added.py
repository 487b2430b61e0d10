# SPDX-License-Identifier: GPL-3.0-or-later
"""How a part is baked whose lines lie in the NLA, added: an Action in use would hide them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ...inference.core.errors import FacewrightError
from ..blender import actions, nla
from ..character.character import Part
from . import spans
from .mode import ADDITIVE, EXISTING, NEW, Mode


def beside_added(part: Part, mode: Mode, keys: Collection[str]) -> Mode:
    """How to bake lines, given their keys, to a part: where no Action is in use, the added layer is what is in use.

    Raises
    ------
    FacewrightError
        When a new Action would hide other lines.
    """
    home = nla.additive_home(part.block)
    if home is None:
        return mode
    if mode.into == EXISTING and actions.slot_in_use(part.block) is None:
        return replace(mode, into=ADDITIVE)
    if mode.into == NEW and set(spans.spans(home)) - set(keys):
        raise FacewrightError(
            f"'{part.obj.name}' has lines in the NLA, added, which a new Action would hide. Choose Into: NLA, Added, "
            "or unbake them first."
        )
    return mode
