# SPDX-License-Identifier: GPL-3.0-or-later
"""A character in its conversation: what lies beneath its lines, and the gaze that lies over them.

Nothing of it is stored. It is made of what everybody says, where everybody is and the settings of the character, and
kept in memory while these stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import bpy
import numpy as np

from ...inference.core.curves import runs
from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.dialogue.gaze import gaze, looking, to_whom
from ...inference.dialogue.listening import Listening, listen
from ...inference.dialogue.turns import without_silence
from ...inference.layers.blink import LIDS
from ...inference.retarget.performance import Placed
from ..blender.rna import settings_of
from ..blender.timeline import frame_rate
from . import heads, places, watch
from .partners import Partner, is_set, partners_of
from .turns import Spoken, shot_of, spoken

KEY = "listening"  # stands for a line's key where keys are those of listening
_FPS = 50.0  # at least


@dataclass(frozen=True, eq=False)
class Talk:
    """A character in its conversation.

    Parameters
    ----------
    beneath : Placed
        What it does where it does not speak: from the first to the last frame of the shot.
    turned : Motion
        Eyes and head turned to its partners, on the clock of `beneath`.
    frames : tuple of int
        First and last frame of the shot.
    """

    beneath: Placed
    turned: Motion
    frames: tuple[int, int]

    def spoken(self, motion: Motion, line: Placed) -> Motion:
        """The motion of a line with as much of the gaze over it as the line has taken over of the face.

        What is left of the gaze lies in `beneath`, so that it counts once where the two cross.
        """
        frames = line.timeline.frame(motion.times)
        turned = self.turned.at(self.beneath.timeline.seconds(frames)) * line.share(frames)[:, None]
        return looking(motion, Motion(turned, self.turned.channels, motion.fps, motion.start))


@dataclass(frozen=True, eq=False)
class _View:
    """Where a character sees its partners, yaw and pitch [shape=(F, P, 2)], and whether its head turns to them."""

    directions: np.ndarray
    turns_head: bool

    def is_like(self, other: _View) -> bool:
        return self.turns_head == other.turns_head and np.array_equal(self.directions, other.directions)


@dataclass(frozen=True, eq=False)
class _Made:
    """What was made last for a character, and of what."""

    heard: tuple
    listening: Listening
    turns_head: bool
    grid: tuple
    view: _View
    talk: Talk


_made: dict[int, _Made] = {}  # by session_uid of the root


def of(scene: bpy.types.Scene, root: bpy.types.Object, *, turns_head: bool = True, afresh: bool = True) -> Talk | None:
    """A character in its conversation; None without a partner that is there.

    `turns_head` is whether its head may turn; where the artist keeps it for other work, the eyes go all the way.
    `afresh` is whether places are sampled in any case, or only what `watch` noticed is made again.
    """
    uid = root.session_uid
    if not is_set(root):
        return None
    known = _made.get(uid)
    news = watch.news(root)
    if known is not None and known.turns_head == turns_head and not afresh and not news:
        return known.talk
    partners = partners_of(scene, root)
    if not partners:
        forget(root)
        return None
    made = _make(scene, root, partners, known, turns_head, resample=afresh or watch.PLACES in news)
    _made[uid] = made
    return made.talk


def is_stale(scene: bpy.types.Scene, root: bpy.types.Object) -> bool:
    """Whether something is another now than `of` gave last."""
    known = _made.get(root.session_uid)
    if not is_set(root):
        forget(root)
        return known is not None
    if known is not None and not watch.has_news(root):
        return False
    talk = of(scene, root, turns_head=known is None or known.turns_head, afresh=False)
    return talk is not (known and known.talk)


def forget(root: bpy.types.Object | None = None) -> None:
    """Forget what was made for a character, or for all."""
    for uid in [*_made] if root is None else [root.session_uid]:
        _made.pop(uid, None)
        watch.leave(uid)


def _make(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    partners: list[Partner],
    known: _Made | None,
    turns_head: bool,
    *,
    resample: bool,
) -> _Made:
    own = spoken(scene, root)
    others = [(who, one) for who, partner in enumerate(partners) for one in spoken(scene, partner.root)]
    first, last = shot_of(scene, [*own, *(one for _, one in others)])
    shot, settings = Timeline(frame_rate(scene), first), settings_of(root)
    heard = (first, last, shot.fps, settings.listening_seed, settings.listening, own, tuple(others))
    names = tuple(partner.obj.session_uid for partner in partners)
    grid = first, last, scene.session_uid, names, turns_head
    view = None if known is None or known.grid != grid or resample else known.view
    view = view or _view(scene, root, partners, turns_head, np.arange(first, last + 1))
    if known is not None and known.heard == heard and known.grid == grid and known.view.is_like(view):
        return known
    listening = known.listening if known is not None and known.heard == heard else _listening(heard, shot)
    return _Made(heard, listening, turns_head, grid, view, _talk(listening, view, shot, own, (first, last)))


def _view(
    scene: bpy.types.Scene, root: bpy.types.Object, partners: list[Partner], turns_head: bool, frames: np.ndarray
) -> _View:
    """Where the character sees its partners; from now on what moves them is watched."""
    head = heads.find(scene, root, turns=turns_head)
    others = [heads.find(scene, partner.obj) for partner in partners]
    blocks: list[Any] = [root, *(partner.root for partner in partners), *(partner.obj for partner in partners)]
    watch.follow(root, blocks, [mover for one in (head, *others) for mover in places.movers(one)])
    return _View(places.directions(scene, head, others, frames), head.turns)


def _listening(heard: tuple, shot: Timeline) -> Listening:
    _, last, _, seed, amount, own, others = heard
    mine = [part for one in own for part in without_silence(one.turn(shot, 0))]
    theirs = [part for who, one in others for part in without_silence(one.turn(shot, who))]
    end = shot.seconds(last)
    return listen(
        mine, theirs, end, seed=seed, amount=amount, fps=ceil(end * _FPS) / end
    )  # its last frame is the shot's


def _talk(listening: Listening, view: _View, shot: Timeline, own: tuple[Spoken, ...], frames: tuple[int, int]) -> Talk:
    fps, seen = listening.motion.fps, view.directions[:, : listening.towards.shape[1]]
    at = np.clip(shot.frame(listening.motion.times) - frames[0], 0, len(seen) - 1)
    row = np.minimum(np.floor(at).astype(np.intp), max(len(seen) - 2, 0))
    part = (at - row)[:, None, None]
    directions = to_whom(listening.towards, seen[row] * (1 - part) + seen[np.minimum(row + 1, len(seen) - 1)] * part)
    turned = gaze(listening.at, directions, listening.away, fps=fps, turns_head=view.turns_head)
    edges = [shot.seconds(edge) for one in own for edge in (one.begin, one.end)]
    motion = looking(_without_blinks_at(listening.motion, edges), turned)
    return Talk(Placed(motion, shot, 0.0, beneath=True), turned, frames)


def _without_blinks_at(motion: Motion, edges: list[float]) -> Motion:
    """The motion without the blinks during which a line begins or ends: half of one would stay there."""
    lids = motion.select(LIDS).values.copy()
    for begin, end in runs(lids.any(axis=1)):
        first, last = motion.times[begin], motion.times[end - 1]
        if any(first <= edge + 0.4 and edge - 0.4 <= last for edge in edges):
            lids[begin:end] = 0
    return motion.with_channels(LIDS, lids)
