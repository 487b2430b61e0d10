# SPDX-License-Identifier: GPL-3.0-or-later
"""What a take shows on frames of a scene, before a rig turns it into values of controls."""

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
        Where its seconds lie among the frames.
    frames : ndarray [shape=(F,)]
        May lie between whole ones; lips meet where they do then.
    between : bool
        Whether lips meet where they do in any case; else, on whole frames, they are shut on the nearest.

    Returns
    -------
    Motion
        With F rows. Its seconds mean nothing.
    """
    seconds = timeline.seconds(frames)
    if between or (np.abs(frames - np.round(frames)) > _CLOSE).any():
        return replace(motion, values=motion.at(seconds))
    return replace(motion, values=shut_on_frames(motion, seconds, 1 / timeline.fps))
