# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character says in a scene: the take of each line with its adjustments, from rest to rest, where it lies."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...inference.core.motion import Motion
from ...inference.retarget.performance import Placed
from ...inference.takes.ends import LEAD, from_rest
from ..blender.sequencer import Sounds
from ..character.family import DOUBLE_OF
from ..takes import lines
from ..takes.store import Take
from . import evaluate

# By session_uid of the root and key of the line: a motion, and the same from rest to rest where it lies.
_placed: dict[tuple[int, str], tuple[Motion, Placed]] = {}


def placed(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    key: str,
    take: Take,
    *,
    afresh: bool = True,
    sounds: Sounds | None = None,
) -> Placed:
    """The take of a line, given its key, with the character's adjustments; the same object while nothing changes.

    `afresh` is as in `evaluate.motion_of`. Who asks for many lines reads the strips once and hands `sounds` over.
    """
    timeline = (sounds or Sounds(scene)).timeline(take.speech, lines.owner(root.get(DOUBLE_OF) or root, key))
    motion = evaluate.motion_of(scene, root, take, timeline, line=key, afresh=afresh)
    source, known = _placed.get((root.session_uid, key), (None, None))
    if known is None or source is not motion:
        known = Placed(from_rest(motion), timeline, LEAD)
    elif known.timeline != timeline:
        known = replace(known, timeline=timeline)
    _placed[root.session_uid, key] = motion, known
    return known


def takes_with(root: bpy.types.Object, take: Take) -> dict[str, Take]:
    """The takes of all lines of a character, by key of the line, where this is one of them; else the take alone."""
    spoken = dict(lines.spoken(root))
    if any(one.motion is take.motion for one in spoken.values()):
        return spoken
    return {lines.key_of(root.get(DOUBLE_OF) or root): take}


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object, take: Take, *, keys_edited: bool) -> bool:
    """Whether keys or drivers of adjustments changed since the motion of the lines with this take was made."""
    sounds = Sounds(scene)
    return any(
        evaluate.is_stale(
            scene, root, sounds.timeline(one.speech, lines.owner(root, key)), key, keys_edited=keys_edited
        )
        for key, one in takes_with(root, take).items()
    )


def forget() -> None:
    """Forget all motions in memory."""
    _placed.clear()
    evaluate.forget()
