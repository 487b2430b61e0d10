# SPDX-License-Identifier: GPL-3.0-or-later
"""A take sampled at the frames of a scene, before a rig turns it into values of controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.motion import Motion
from ..core.timeline import Timeline
from ..lips.contacts import shut_on_frames

_CLOSE = 1e-4  # frames


def on_frames(motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> Motion:
    """A motion with one row for each frame.

    Parameters
    ----------
    motion : Motion
        The whole take.
    timeline : Timeline
        Which second lies on which frame.
    frames : ndarray [shape=(F,)]
        May lie between whole frames; lips then close at their true times.
    between : bool
        Whether lips close at their true times in any case; else, on whole frames, each closure is moved to the nearest.

    Returns
    -------
    Motion
        With F rows, one for each frame; its own `start` and `fps` have no meaning.
    """
    seconds = timeline.seconds(frames)
    if between or (np.abs(frames - np.round(frames)) > _CLOSE).any():
        return replace(motion, values=motion.at(seconds))
    return replace(motion, values=shut_on_frames(motion, seconds, 1 / timeline.fps))
