# SPDX-License-Identifier: GPL-3.0-or-later
"""A bake laid over everything a data-block is animated by already, as an added strip of the NLA.

The NLA adds to what lies below, and where nothing does to Blender's default of a property, which for shape keys is 1
from 5.0 on. So what is not animated below gets a strip that holds it where it stands.
"""

from __future__ import annotations

import bpy
import numpy as np

from ..inference import fcurve
from ..inference.sparse import Keys
from . import keyframes
from .character import Part
from .keyframes import Home

REST = f"{keyframes.TRACK} rest"  # NLA track that holds what nothing else moves


def lay(part: Part, home: Home, blend: float) -> str:
    """Lay the keys in `home` over the animation of a part, or in the place of those laid there before.

    Returns
    -------
    str
        What became of the Action in use; "" when there was none.
    """
    first = keyframes.additive_strip(part.block) is None
    before = keyframes.action_name(part.block)
    animated = keyframes.animated_places(part.block)
    moved = keyframes.push_down(part.block)
    standing = {part.target.curve(part.block, name): part.target.value(part.block, name) for name in part.rig.targets}
    still = {place: value for place, value in standing.items() if place not in animated}
    if first and still:
        _hold(part, home, still)
    keyframes.add_strip(home, blend)
    return f"'{before}' (moved to the NLA, below)" if moved else ""


def _hold(part: Part, home: Home, still: dict[tuple[str, int], float]) -> None:
    """A strip that keeps values where they are, on a track of its own."""
    name = f"{home.action.name} rest"
    shared = bpy.data.actions.get(name) if keyframes.SLOTTED else None
    rest = keyframes.new_home(part.block, part.obj.name, name, shared)
    begin, _ = home.action.frame_range
    for place, value in still.items():
        keys = fcurve.records(Keys(np.array([begin]), np.array([value]), np.zeros(1), False))
        keyframes.put(rest, place, keys, None)
    keyframes.hold(rest, REST)
