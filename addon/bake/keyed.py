# SPDX-License-Identifier: GPL-3.0-or-later
"""The curves that lines are keyed into: those of the controls of a part, or those of the influences of its poses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...inference.retarget.rig import Rig
from ..character.character import Part
from . import nla_additive
from .edits import Place
from .keys import at_rest


@dataclass(frozen=True, eq=False)
class Keyed:
    """Curves, in the order of the controls of a rig.

    Parameters
    ----------
    rig : Rig
        Turns channels into their values.
    places : tuple of Place
        Where each curve is.
    standing : list of float
        Values where there is no curve.
    rest : list of float
        Values on a silent face.
    above : callable
        Gives how far these are from what adds nothing in an added strip; asked for where there is one only.
    """

    rig: Rig
    places: tuple[Place, ...]
    standing: list[float]
    rest: list[float]
    above: Callable[[], list[float]]


def controls_of(part: Part) -> Keyed:
    """The curves of the controls of a part."""
    places = tuple(part.target.curve(part.block, name) for name in part.rig.controls)
    standing = [part.target.value(part.block, name) for name in part.rig.controls]
    rest = at_rest(part.rig, standing)
    return Keyed(part.rig, places, standing, rest, partial(nla_additive.above_nothing, part, rest))
