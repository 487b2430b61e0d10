# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of control there are: each file in `kinds` is one, and is found without being listed anywhere.

A file has the names and functions of `control.Target`, and nothing else needs to know of it: the panel, matching by
name, preview, bake and Unbake go through all kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import cast

import bpy

from ...inference.core.plugins import modules_in
from ...inference.retarget.rig import Line
from . import kinds as folder
from .control import Controls, Target


@cache
def targets() -> tuple[Target, ...]:
    """All kinds of control, those that may make the mouth first in front."""
    return tuple(cast("Target", module) for module in modules_in(folder.__name__).values())


def kinds() -> dict[str, str]:
    """Every kind of line with its label in the panel."""
    return {kind: label for target in targets() for kind, label in target.KINDS.items()}


Found = tuple[tuple[Target, tuple[Controls, ...]], ...]


def all_controls(members: Sequence[bpy.types.Object]) -> Found:
    """All controls of a family with their kinds. Call it once for each redraw: it takes most of a panel's time."""
    return tuple((target, controls) for target in targets() if (controls := tuple(target.found(members))))


def controls_of(members: Sequence[bpy.types.Object], kind: str = "") -> Iterator[tuple[Target, Controls]]:
    """The controls of a family with their kinds; with `kind`, only those that lines of this kind may name."""
    for target in targets():
        if not kind or kind in target.KINDS:
            for controls in target.found(members):
                yield target, controls


def matched_lines(members: Sequence[bpy.types.Object]) -> tuple[Line, ...]:
    """The lines that matching by name gives for a whole family."""
    return lines_of(all_controls(members))


def lines_of(found: Found) -> tuple[Line, ...]:
    """The lines that matching by name gives for the controls of a family."""
    lines: list[Line] = []
    for target, controls in found:
        lines += target.matched(controls, tuple(lines))
    return tuple(dict.fromkeys(lines))
