# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of a bake carried out: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import bpy
import numpy as np

from ..blender import actions, nla
from ..blender.actions import SlotRef
from . import edits, nla_additive, records, unbake
from .mode import ADDITIVE
from .plan import PartPlan


def write(scene: bpy.types.Scene, plans: Sequence[PartPlan], name: str) -> tuple[list[SlotRef], list[str]]:
    """Carry the plans of all parts of a character out.

    When anything fails, the new Actions are gone again, and changed ones are as they were.

    Parameters
    ----------
    scene : bpy.types.Scene
        Its frame rate is remembered with the keys.
    plans : sequence of PartPlan
        Parts whose Actions start empty share one, where Blender has slots.
    name : str
        Of new Actions.

    Returns
    -------
    homes : list of SlotRef
        Where the keys of each part are.
    previous : list of str
        What became of the Action of each part, "" where it has it still; then copies of those in which keys
        of the artist's own were replaced.
    """
    new_actions: list[bpy.types.Action] = []
    copies: dict[bpy.types.Action, bpy.types.Action] = {}  # Action in use -> the copy that is written
    in_place: list[SlotRef] = []
    homes: list[SlotRef] = []
    backups: dict[bpy.types.Action, bpy.types.Action] = {}  # Action in use -> a copy of it as it was
    together = [plan.part.obj.name for plan in plans]
    try:
        for plan in plans:
            if plan.home is not None and plan.in_place:
                backup = _backed_up(plan, backups)
                records.keep_keys(plan.home, plan.changes, plan.record["values"], together, backup)
                in_place.append(plan.home)
            homes.append(_home(plan, name, copies, new_actions))
            _fill(scene, homes[-1], plan)
    except BaseException:
        _undo(in_place, [*new_actions, *backups.values()])
        raise
    kept = [f"'{copy.name}' (a copy as it was, with a fake user)" for copy in backups.values()]
    return homes, [*(_assign(plan, home, together) for plan, home in zip(plans, homes, strict=True)), *kept]


def _backed_up(
    plan: PartPlan,
    backups: dict[bpy.types.Action, bpy.types.Action],
) -> bpy.types.Action | None:
    """A copy of the Action in use where keys that were never baked are replaced in it, made once; None elsewhere."""
    action = plan.home.action if plan.home is not None else None
    if action is None or not plan.mode.keep_edits or not any(change.replaced for change in plan.changes):
        return None
    if action not in backups:
        backups[action] = records.backup(action, "before bake")
    return backups[action]


def _home(
    plan: PartPlan, name: str, copies: dict[bpy.types.Action, bpy.types.Action], new_actions: list[bpy.types.Action]
) -> SlotRef:
    """Where the keys of a part go: the slot in use, that slot in a copy, or a new one.

    New Actions and copies are added to `new_actions`, copies also to `copies`.
    """
    part = plan.part
    if plan.home is None:
        home = actions.new_slot(part.block, part.obj.name, name, new_actions[0] if new_actions else None)
        if home.action not in new_actions:
            new_actions.append(home.action)
        return home
    if plan.in_place:
        return plan.home
    source = plan.home.action
    if source not in copies:
        copy = copies[source] = source.copy()
        new_actions.append(copy)
        copy.name = actions.name_for(name, part.obj.name)
        copy.use_fake_user = False
        copy.pop(records.RECORD, None)  # what was before the source was before that
    return actions.slot_by_key(part.block, copies[source], plan.home.mark)


def _undo(in_place: Sequence[SlotRef], new_actions: Sequence[bpy.types.Action]) -> None:
    """Put back the keys of the Actions that were changed, the last first, and remove the new ones."""
    for home in reversed(in_place):
        with suppress(Exception):  # one that does not go back must not keep the others from it
            unbake.abandon(home)
    for action in new_actions:
        bpy.data.actions.remove(action)


def _fill(scene: bpy.types.Scene, home: SlotRef, plan: PartPlan) -> None:
    """Write the keys of a part, and remember on the Action which of them were baked."""
    curves = {(curve.data_path, curve.array_index): curve for curve in home.fcurves}
    for change in plan.changes:
        actions.replace_keys(home, change.place, change.keys, curves.get(change.place))
    baked = {place: keys for place, keys in edits.baked_keys(home).items() if place not in plan.renamed}
    edits.remember(home, baked | {change.place: change.baked for change in plan.changes}, scene)


def _assign(plan: PartPlan, home: SlotRef, together: list[str]) -> str:
    """Let the part be animated from where its keys are, and say what became of the Action in use."""
    if home is plan.home:
        return ""
    records.keep_assignment(home, plan.record, together)
    if plan.mode.into == ADDITIVE:
        blends = not plan.eased and not np.isnan(plan.part.rig.neutral).any()
        return nla_additive.lay(plan.part, home, plan.mode.blend if blends else 0)
    if plan.home is not None:
        actions.assign(home)
        return actions.keep(plan.home.action)
    kept = nla.keep_previous(plan.part.block, [change.place[0] for change in plan.changes])
    actions.assign(home)
    return kept
