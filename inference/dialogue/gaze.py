# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes and head turned to a partner, by rule: the head goes part of the way, slowly, and the eyes the rest, at once.

Where the partner is only the caller knows. People turn head and eyes together to what is far to a side, and the eyes
alone to what is near (Stahl 1999, "Amplitude of human head movements associated with horizontal saccades",
https://doi.org/10.1007/s002210050715). Glances away are the eyes' alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.channels import EYES
from ..core.curves import gaussian_window
from ..core.errors import MotionError
from ..core.eyes import LOOK, look_weights
from ..core.motion import Motion
from ..core.regions import within

HEAD_PART = 0.5  # of the direction that the head takes, and more where the eyes would have to turn further than
EYES_ALONE = np.radians((20.0, 12.0))  # yaw and pitch
LARGEST_TURN = np.radians((70.0, 35.0))  # of the head
LARGEST_LOOK = np.radians((32.0, 24.0))  # of the eyes
_SLOWNESS = 0.15  # s, deviation of the Gaussian that makes the head slower than the eyes
TURNED = ("headYaw", "headPitch", *EYES, *LOOK)


def gaze(
    at: np.ndarray,
    direction: np.ndarray,
    away: np.ndarray | None = None,
    *,
    fps: float = 50.0,
    turns_head: bool = True,
) -> Motion:
    """Turns of head and eyes that look at a partner, and away from time to time.

    Parameters
    ----------
    at : ndarray [shape=(F,)]
        How far the eyes are at the partner, in [0, 1], as `listening.Listening.at`.
    direction : ndarray [shape=(F, 2)]
        Yaw and pitch of the partner, radians, seen from the head at rest: positive yaw to the character's own right,
        positive pitch down.
    away : ndarray [shape=(F, 2)], optional
        Where the eyes go instead, radians from the direction, as `listening.Listening.away`.
    fps : float
        Frames per second.
    turns_head : bool
        Whether the head turns; else the eyes go all the way, as far as they can.

    Returns
    -------
    Motion
        The channels ``TURNED`` from second 0 on, to be laid over a motion with `looking`.

    Raises
    ------
    MotionError
        When the curves are not of one length.
    """
    at, direction = np.asarray(at, np.float64), np.asarray(direction, np.float64)
    away = np.zeros_like(direction) if away is None else np.asarray(away, np.float64)
    if not (direction.shape == away.shape == (len(at), 2)):
        raise MotionError(
            f"Expected yaw and pitch for each of {len(at)} frames of gaze, got {direction.shape} and {away.shape}."
        )
    slow = _slowly(direction, fps) if turns_head else np.zeros_like(direction)
    head = slow - (slow * (1 - HEAD_PART)).clip(-EYES_ALONE, EYES_ALONE)
    head = head.clip(-LARGEST_TURN, LARGEST_TURN)
    eyes = (direction + (1 - at)[:, None] * away - head).clip(-LARGEST_LOOK, LARGEST_LOOK)
    yaw, pitch = eyes.T
    still = np.zeros_like(yaw)
    curves = (*head.T, yaw, pitch, still, yaw, pitch, still, *look_weights(yaw, pitch), *look_weights(-yaw, pitch))
    return Motion(np.stack(curves, axis=1), TURNED, fps)


def looking(motion: Motion, turned: Motion) -> Motion:
    """The motion with a gaze over it, as `gaze` gives it; frame by frame, weights in [0, 1].

    Raises
    ------
    MotionError
        When the two are not of the same number of frames at the same rate.
    """
    if (motion.frames, motion.fps) != (turned.frames, turned.fps):
        raise MotionError(
            f"Expected a gaze of {motion.frames} frames at {motion.fps:g} per second, got {turned.frames} at "
            f"{turned.fps:g}."
        )
    names = [name for name in turned.channels if name in motion.channels]
    values = motion.select(names).values + turned.select(names).values
    return replace(motion.with_channels(names, within(names, values)))


def to_whom(towards: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The direction of the partner of each frame [shape=(F, 2)].

    Parameters
    ----------
    towards : ndarray [shape=(F, P)]
        As `listening.Listening.towards`.
    directions : ndarray [shape=(F, P, 2)]
        Yaw and pitch of every partner, as for `gaze`.
    """
    return np.einsum("fp,fpk->fk", towards, directions)


def _slowly(direction: np.ndarray, fps: float) -> np.ndarray:
    """The direction as a head follows it [shape=(F, 2)]."""
    reach = round(3 * _SLOWNESS * fps)
    window = gaussian_window(max(_SLOWNESS * fps, 1e-3), reach)
    padded = np.pad(direction, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(curve, window, mode="valid") for curve in padded.T], axis=1)
