# SPDX-License-Identifier: GPL-3.0-or-later
"""Bakes of several characters carried out: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy

from ..blender import actions
from ..character import character
from ..character.character import Character
from .mode import Mode
from .report import BakeReport
from .unbake import unbake

Plan = Callable[[], Callable[[], BakeReport]]


def carry_out(scene: bpy.types.Scene, mode: Mode, plans: Sequence[tuple[Character, Plan]]) -> list[BakeReport]:
    """Plan the bakes of all characters, then key them.

    Parameters
    ----------
    scene : bpy.types.Scene
    mode : Mode
        As for the plans.
    plans : sequence of Character and callable
        Each works out the bake of a character, and gives what keys it. One is asked again where the bake of another
        character has keyed something that both of them show.

    Raises
    ------
    FacewrightError
        When one of them cannot be planned or keyed; nothing has changed then.
    """
    planned = [(who, plan, plan()) for who, plan in plans]
    touched: set[bpy.types.ID] = set()
    done: list[tuple[Character, BakeReport]] = []
    try:
        for who, plan, bake in planned:
            bake = plan() if touched & _animated(who) else bake
            done.append((who, bake()))
            touched |= _animated(who)
    except BaseException:
        for who, _ in reversed(done):
            unbake(character.of_parts(who, scene, mode.parts))
        raise
    return [report for _, report in done]


def _animated(who: Character) -> set[bpy.types.ID]:
    """The data-blocks of a character that are keyed, and the Actions in use on them."""
    blocks = {part.block for part in who.parts}
    homes = [actions.slot_in_use(block) for block in blocks]
    return blocks | {home.action for home in homes if home is not None}
