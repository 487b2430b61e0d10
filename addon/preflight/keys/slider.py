# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders of shape keys that are narrower than the motion: Blender cuts off values beyond their ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

import bpy
import numpy as np

from ....inference.core.channels import CHANNELS
from ....inference.core.motion import Motion
from ....inference.retarget.rig import Line, Rig
from ...character.character import Part
from ...takes import store
from ...targets.control import some
from ..case import Case, Finding, library_of

ORDER = 40


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{part.obj.name}', sliders end before the motion does: {some([one.name for one, _, _ in short])}."
            + (f" Only their library can change that: widen them in '{library_of(part)}'." if library_of(part) else ""),
            "" if library_of(part) else "Widen",
        )
        for part in case.who.meshes
        if (short := _short(case, part))
    ]


def mend(case: Case) -> None:
    for part in case.who.meshes:
        if library_of(part):
            continue
        for key, low, high in _short(case, part):
            key.slider_min, key.slider_max = min(key.slider_min, low), max(key.slider_max, high)


def _short(case: Case, part: Part) -> list[tuple[bpy.types.ShapeKey, float, float]]:
    """Shape keys whose slider is too short, with the lowest and highest value that channels or the take give them."""
    alone = np.vstack([np.zeros((1, len(CHANNELS))), np.eye(len(CHANNELS))]).astype(np.float32)  # one channel a frame
    low, high = _reach(Motion(alone, CHANNELS, 1.0), part.rig)
    take = store.get(case.who.root)
    if take is not None:
        direct = part.rig.direct_lines == part.rig.lines  # then the lines alone decide the values
        lowest, highest = reach_of_lines(take.motion, part.rig.lines) if direct else _reach(take.motion, part.rig)
        low, high = np.minimum(low, lowest), np.maximum(high, highest)
    keys = [part.block.key_blocks[name] for name in part.rig.controls]
    ranges = zip(keys, low.tolist(), high.tolist(), strict=True)
    return [each for each in ranges if each[1] < each[0].slider_min - 1e-3 or each[2] > each[0].slider_max + 1e-3]


def _reach(motion: Motion, rig: Rig) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value [shape=(T,)] that a motion gives each control."""
    values = rig.retarget(motion)
    return values.min(axis=0), values.max(axis=0)


@lru_cache(maxsize=16)  # a panel asks twice a second, and takes may last an hour
def reach_of_lines(motion: Motion, lines: tuple[Line, ...]) -> tuple[np.ndarray, np.ndarray]:
    """As `_reach`, but faster for long takes.

    Where one line alone moves a control, the lowest and highest value of its channel are enough: the line's curve is
    monotonic.
    """
    rig = Rig(lines)
    low, high = _reach(_ends(motion), rig)
    together = Counter(line.target for line in rig.lines)
    shared = [column for column, name in enumerate(rig.controls) if together[name] > 1]
    if shared:
        part = Rig(tuple(line for line in rig.lines if together[line.target] > 1))
        low[shared], high[shared] = _reach(motion, part)
    return low, high


@lru_cache(maxsize=2)  # one take, and all parts of its character
def _ends(motion: Motion) -> Motion:
    """A motion of two frames: the lowest and the highest value of each channel."""
    return replace(motion, values=np.stack([motion.values.min(axis=0), motion.values.max(axis=0)]))
