# SPDX-License-Identifier: GPL-3.0-or-later
"""What a character says in a scene: the take of each line with its adjustments, from rest to rest, where it lies.

In a conversation it also looks at its partner, and listens beneath its lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import bpy

from ...inference.core.motion import Motion
from ...inference.core.parts import PARTS
from ...inference.retarget.performance import Placed
from ...inference.takes.ends import LEAD, from_rest
from ..blender.sequencer import Sounds
from ..character.family import DOUBLE_OF
from ..dialogue import talk
from ..dialogue.talk import Talk
from ..takes import lines
from ..takes.store import Take
from . import evaluate

# By session_uid of the root and key of the line: a motion, its place in a conversation, and what was made of these.
_placed: dict[tuple[int, str], tuple[Motion, Talk | None, Placed]] = {}


def all_placed(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    takes: Iterable[tuple[str, Take]],
    *,
    parts: Collection[str] = PARTS,
    afresh: bool = True,
    sounds: Sounds | None = None,
) -> dict[str, Placed]:
    """The takes of some lines by their keys with the character's adjustments, and under `talk.KEY` what lies beneath.

    They are the same objects while nothing changes; `afresh` as in `evaluate.motion_of`. All channels are there,
    whatever `parts` of the face will be used, but eyes that look at somebody go all the way where the head is not one
    of them. Who asks for many characters reads the strips once and hands `sounds` over.
    """
    talks = talk.of(scene, _owner(root), turns_head="head" in parts, afresh=afresh)
    sounds = sounds or Sounds(scene)
    found = {key: _line(scene, root, key, take, talks, sounds, afresh=afresh) for key, take in takes}
    return found if talks is None else {**found, talk.KEY: talks.beneath}


def _line(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    key: str,
    take: Take,
    talks: Talk | None,
    sounds: Sounds,
    *,
    afresh: bool,
) -> Placed:
    timeline = sounds.timeline(take.speech, lines.owner(_owner(root), key))
    motion = evaluate.motion_of(scene, root, take, timeline, line=key, afresh=afresh)
    source, then, line = _placed.get((root.session_uid, key), (None, None, None))
    if line is not None and source is motion and then is talks and line.timeline == timeline:
        return line
    if line is not None and source is motion and then is talks is None:
        line = replace(line, timeline=timeline)
    else:
        line = Placed(from_rest(motion), timeline, LEAD)
    if talks is not None:
        line = replace(line, motion=talks.spoken(line.motion, line))
    _placed[root.session_uid, key] = motion, talks, line
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
    sounds = Sounds(scene)
    return talk.is_stale(scene, _owner(root)) or any(
        evaluate.is_stale(
            scene, root, sounds.timeline(one.speech, lines.owner(root, key)), key, keys_edited=keys_edited
        )
        for key, one in takes_with(root, take).items()
    )


def forget() -> None:
    """Forget all motions in memory."""
    _placed.clear()
    talk.forget()
    evaluate.forget()
