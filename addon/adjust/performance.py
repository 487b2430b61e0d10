# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character says in a scene: the take of each line with its adjustments, from rest to rest, where it lies."""

from __future__ import annotations

import bpy

from ...inference.core.motion import Motion
from ...inference.retarget.performance import Placed
from ...inference.takes.ends import LEAD, from_rest
from ..blender.sequencer import Speech, speech_timeline
from ..takes import lines
from ..takes.store import Take
from . import evaluate

_eased: dict[
    tuple[int, Speech], tuple[Motion, Motion]
] = {}  # session_uid of the root, speech -> a motion, with its ends


def placed(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, *, afresh: bool = True) -> Placed:
    """A take with its character's adjustments, where it lies; `afresh` as in `evaluate.motion_of`."""
    timeline = speech_timeline(scene, take.speech)
    motion = evaluate.motion_of(scene, root, take, timeline, afresh=afresh)
    known = _eased.get((root.session_uid, take.speech))
    if known is None or known[0] is not motion:
        known = _eased[root.session_uid, take.speech] = (motion, from_rest(motion))
    return Placed(known[1], timeline, LEAD)


def takes_with(root: bpy.types.Object, take: Take) -> list[Take]:
    """The takes of all lines of a character that has this one; the take alone where it is of none of its lines."""
    spoken = [one for _, one in lines.spoken(root)]
    return spoken if any(one.motion is take.motion for one in spoken) else [take]


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, *, keys_edited: bool) -> bool:
    """Whether keys or drivers of adjustments changed since the motion of the lines with this take was made."""
    return any(
        evaluate.is_stale(scene, root, one, speech_timeline(scene, one.speech), keys_edited=keys_edited)
        for one in takes_with(root, take)
    )


def forget() -> None:
    """Forget all motions in memory."""
    _eased.clear()
    evaluate.forget()
