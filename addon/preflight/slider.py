# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders that end before the values do: Blender cuts off what lies beyond."""

from __future__ import annotations

import bpy
import numpy as np

from ...inference.channels import CHANNELS
from ...inference.motion import Motion
from .. import takes
from ..character import Part
from . import Case, Finding, some

ORDER = 40


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{part.obj.name}', sliders end before the motion does: {some([one.name for one, _, _ in short])}.",
            "Widen",
        )
        for part in case.who.meshes
        if (short := _short(case, part))
    ]


def mend(case: Case) -> None:
    for part in case.who.meshes:
        for one, low, high in _short(case, part):
            one.slider_min, one.slider_max = min(one.slider_min, low), max(one.slider_max, high)


def _short(case: Case, part: Part) -> list[tuple[bpy.types.ShapeKey, float, float]]:
    """Shape keys, and the lowest and highest value each channel alone, or the take, gives them."""
    take = takes.get(case.who.root)
    alone = np.vstack([np.zeros((1, len(CHANNELS))), np.eye(len(CHANNELS))]).astype(np.float32)
    values = part.rig.retarget(Motion(alone, CHANNELS, 1.0))
    if take is not None:
        values = np.vstack([values, part.rig.retarget(take.motion)])
    keys = [part.block.key_blocks[name] for name in part.rig.targets]  # type: ignore[attr-defined]
    ranges = zip(keys, values.min(axis=0).tolist(), values.max(axis=0).tolist(), strict=True)
    return [each for each in ranges if each[1] < each[0].slider_min - 1e-3 or each[2] > each[0].slider_max + 1e-3]
