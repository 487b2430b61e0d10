# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rig makes of a take on the frames of a scene: smooth controls between frames too, drawings frame by frame.

Which drawing is held on a frame depends on the whole take, so a drawing is chosen for every whole frame of it at once,
and preview, bake, a bake of a range and Punch In all show the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from ...inference.core.motion import Motion
from ...inference.core.timeline import Timeline
from ...inference.keys import records
from ...inference.keys.reduce import Keys
from ...inference.lips.contacts import shut_on_frames
from ...inference.retarget.drawings import HeldRig
from ...inference.retarget.rig import Rig
from .composite import JointRig

_CLOSE = 1e-4  # frames


def values_on(rig: Rig, motion: Motion, timeline: Timeline, frames: np.ndarray, *, between: bool = False) -> np.ndarray:
    """Values of the controls of a rig.

    Parameters
    ----------
    rig : Rig
    motion : Motion
        The whole take.
    timeline : Timeline
        Where the seconds of the motion lie among the frames.
    frames : ndarray [shape=(F,)]
        Where; drawings between two frames are those of the first.
    between : bool
        Whether lips may meet between two frames; else they are shut on the nearer one.

    Returns
    -------
    ndarray [shape=(F, T), float32]
    """
    if isinstance(rig, JointRig):
        return np.hstack([values_on(one, motion, timeline, frames, between=between) for one in rig.rigs])
    if not isinstance(rig, HeldRig):
        return rig.retarget(_on_frames(motion, timeline, np.asarray(frames), between))
    first, held = _held(rig, motion, timeline)
    return held[np.clip(np.floor(np.asarray(frames) + 1e-4).astype(np.intp) - first, 0, len(held) - 1)]


def _on_frames(motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool) -> Motion:
    seconds = timeline.seconds(frames)
    if between or (np.abs(frames - np.round(frames)) > _CLOSE).any():
        return replace(motion, values=motion.at(seconds))
    return replace(motion, values=shut_on_frames(motion, seconds, 1 / timeline.fps))


def are_held(rig: Rig) -> np.ndarray:
    """Which targets of a rig are held from one key to the next [shape=(T,), bool]."""
    if isinstance(rig, JointRig):
        return np.concatenate([are_held(one) for one in rig.rigs])
    return np.full(len(rig.targets), isinstance(rig, HeldRig))


def held_keys(frames: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Keys [dtype=KEY] of a control that is held: the first, one where it changes, and the last."""
    changes = np.append(True, np.diff(values) != 0)
    changes[-1] = True  # or the range of the Action would end before the take does
    begins = np.flatnonzero(changes)
    keys = records.records(Keys(frames[begins].astype(np.float64), values[begins], np.zeros(len(begins)), False))
    keys["interpolation"] = records.CONSTANT
    return keys


@lru_cache(maxsize=16)  # a preview asks at every frame
def _held(rig: HeldRig, motion: Motion, timeline: Timeline) -> tuple[int, np.ndarray]:
    """The first whole frame of a take, and the values on it and all after it [shape=(n, T)]."""
    first, last = timeline.whole_frames(motion.start, motion.end)
    frames = np.arange(first, last + 1)
    return first, rig.values_at(motion, timeline.seconds(frames))
