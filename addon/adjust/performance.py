# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character says in a scene: the take of each line with its adjustments, from rest to rest, where it lies."""

from __future__ import annotations

import bpy

from ...inference.core.motion import Motion
from ...inference.retarget.performance import Placed
from ...inference.takes.ends import LEAD, from_rest
from ..blender.sequencer import speech_timeline
from ..character.family import DOUBLE_OF
from ..takes import lines
from ..takes.store import Take
from . import evaluate

# By session_uid of the root and key of the line: a motion, and the same from rest to rest.
_eased: dict[tuple[int, str], tuple[Motion, Motion]] = {}


def placed(scene: bpy.types.Scene, root: bpy.types.Object, key: str, take: Take, *, afresh: bool = True) -> Placed:
    """The take of a line, given its key, with the character's adjustments; `afresh` as in `evaluate.motion_of`."""
    timeline = speech_timeline(scene, take.speech, lines.owner(root.get(DOUBLE_OF) or root, key))
    motion = evaluate.motion_of(scene, root, take, timeline, line=key, afresh=afresh)
    known = _eased.get((root.session_uid, key))
    if known is None or known[0] is not motion:
        known = _eased[root.session_uid, key] = (motion, from_rest(motion))
    return Placed(known[1], timeline, LEAD)


def takes_with(root: bpy.types.Object, take: Take) -> dict[str, Take]:
    """The takes of all lines of a character, by key of the line, where this is one of them; else the take alone."""
    spoken = dict(lines.spoken(root))
    if any(one.motion is take.motion for one in spoken.values()):
        return spoken
    return {lines.key_of(root.get(DOUBLE_OF) or root): take}


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, *, keys_edited: bool) -> bool:
    """Whether keys or drivers of adjustments changed since the motion of the lines with this take was made."""
    return any(
        evaluate.is_stale(
            scene, root, speech_timeline(scene, one.speech, lines.owner(root, key)), key, keys_edited=keys_edited
        )
        for key, one in takes_with(root, take).items()
    )


def forget() -> None:
    """Forget all motions in memory."""
    _eased.clear()
    evaluate.forget()
