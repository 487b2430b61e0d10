# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character says in a scene: the take of each line with its adjustments, from rest to rest, where it lies.

In a conversation it also looks at its partner, and listens beneath its lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import bpy

from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.retarget.performance import Placed
from ...inference.takes.ends import LEAD, from_rest
from ..blender.sequencer import speech_timeline
from ..character.family import DOUBLE_OF
from ..dialogue import talk
from ..dialogue.talk import Talk
from ..takes import lines
from ..takes.store import Take
from . import evaluate

# By session_uid of the root and key of the line: a motion, its place in a conversation, and what was made of these.
_placed: dict[tuple[int, str], tuple[Motion, Timeline, Talk | None, Placed]] = {}


def placed(scene: bpy.types.Scene, root: bpy.types.Object, key: str, take: Take, *, afresh: bool = True) -> Placed:
    """The take of a line, given its key, with the character's adjustments; `afresh` as in `evaluate.motion_of`."""
    owner = _owner(root)
    return _line(scene, root, key, take, talk.of(scene, owner, afresh=afresh), afresh)


def all_placed(
    scene: bpy.types.Scene, root: bpy.types.Object, takes: Iterable[tuple[str, Take]], *, afresh: bool = True
) -> dict[str, Placed]:
    """The takes of some lines by their keys, as `placed`, and under `talk.KEY` what lies beneath them."""
    talks = talk.of(scene, _owner(root), afresh=afresh)
    found = {key: _line(scene, root, key, take, talks, afresh) for key, take in takes}
    return found if talks is None else {**found, talk.KEY: talks.beneath}


def _line(
    scene: bpy.types.Scene, root: bpy.types.Object, key: str, take: Take, talks: Talk | None, afresh: bool
) -> Placed:
    timeline = speech_timeline(scene, take.speech, lines.owner(_owner(root), key))
    motion = evaluate.motion_of(scene, root, take, timeline, line=key, afresh=afresh)
    known = _placed.get((root.session_uid, key))
    if known is not None and known[0] is motion and known[2] is talks and (talks is None or known[1] == timeline):
        return replace(known[3], timeline=timeline)
    line = Placed(from_rest(motion), timeline, LEAD)
    if talks is not None:
        line = replace(line, motion=talks.spoken(line.motion, line))
    _placed[root.session_uid, key] = (motion, timeline, talks, line)
    return line


def _owner(root: bpy.types.Object) -> bpy.types.Object:
    """The character itself, for a double that shows another take of it for comparison."""
    return root.get(DOUBLE_OF) or root


def takes_with(root: bpy.types.Object, take: Take | None) -> dict[str, Take]:
    """The takes of all lines of a character, by key of the line, where this is one of them; else the take alone."""
    if take is None:
        return {}
    spoken = dict(lines.spoken(root))
    if any(one.motion is take.motion for one in spoken.values()):
        return spoken
    return {lines.key_of(_owner(root)): take}


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object, take: Take | None, *, keys_edited: bool) -> bool:
    """Whether the conversation, or keys or drivers of adjustments, changed since the lines with this take were made."""
    return talk.is_stale(scene, _owner(root)) or any(
        evaluate.is_stale(
            scene, root, speech_timeline(scene, one.speech, lines.owner(root, key)), key, keys_edited=keys_edited
        )
        for key, one in takes_with(root, take).items()
    )


def forget() -> None:
    """Forget all motions in memory."""
    _placed.clear()
    talk.forget()
    evaluate.forget()
