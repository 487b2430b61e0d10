# SPDX-License-Identifier: GPL-3.0-or-later
"""What a face does beside its mouth, of tracked people and of motion alike: head, brows and lids over time, and how far
and how fast they go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facewright.inference.capture.landmarks import OUTER_EYES, Tracks, stabilise, template
from facewright.inference.core.channels import HEAD
from facewright.inference.core.curves import runs
from facewright.inference.core.motion import Motion
from facewright.inference.core.rotations import angles
from facewright.models.training.evaluation.figures.signals import smooth
from facewright.models.training.heads.ict import BROWS, IctHead

EYES = (*OUTER_EYES, 133, 362)  # corners
LIDS = ((159, 386), (145, 374))  # upper, lower
JITTER = 0.04  # s, deviation of the Gaussian that takes the tracker's trembling out; motion gets the same
WINDOW = 6.0  # s, in which ranges are taken
SHUT = 0.5  # of the usual distance of the lids


@dataclass(frozen=True, eq=False)
class Liveliness:
    """A face over time.

    Parameters
    ----------
    fps : float
    head : ndarray [shape=(F, 3)]
        Yaw, pitch, roll, degrees.
    brows : ndarray [shape=(F,)]
        Height of the brows over the eyes, outer-eye distances.
    lids : ndarray [shape=(F,)]
        How far the lids are apart; 1 is usual.
    """

    fps: float
    head: np.ndarray
    brows: np.ndarray
    lids: np.ndarray


def tracked(tracks: Tracks) -> Liveliness:
    """That of a person on video."""
    stable = stabilise(tracks, template([tracks]))
    height = {number: stable.face.at((number,))[:, 0, 1] for number in (*BROWS, *EYES, *LIDS[0], *LIDS[1])}

    def mean(numbers) -> np.ndarray:
        return np.mean([height[number] for number in numbers], axis=0)

    lids = mean(LIDS[0]) - mean(LIDS[1])
    return _smoothed(tracks.fps, np.degrees(angles(stable.rotation)), mean(BROWS) - mean(EYES), lids / np.median(lids))


def made(head: IctHead, motion: Motion) -> Liveliness:
    """That of motion, its brows on the ICT head."""
    brows = head.vertices(motion.values[:, : len(head.deltas)], list(BROWS.values()))[:, :, 1].mean(axis=1)
    blinks = motion.select(("eyeBlinkLeft", "eyeBlinkRight")).values.mean(axis=1)
    turned = np.degrees(motion.select(HEAD).values)
    return _smoothed(motion.fps, turned, brows / head.eye_distance, 1 - blinks)


def _smoothed(fps: float, head: np.ndarray, brows: np.ndarray, lids: np.ndarray) -> Liveliness:
    head = np.stack([smooth(curve, JITTER * fps) for curve in np.unwrap(head, period=360, axis=0).T], axis=1)
    return Liveliness(fps, head, smooth(brows, JITTER * fps), lids)


def reach(curve: np.ndarray, fps: float) -> float:
    """From the 3rd to the 97th percentile of a curve [shape=(F,)] within `WINDOW`, mean of the windows."""
    size = min(round(WINDOW * fps), len(curve))
    starts = range(0, len(curve) - size + 1, max(size // 2, 1))
    return float(np.mean([np.ptp(np.percentile(curve[start : start + size], (3, 97))) for start in starts]))


def restlessness(curve: np.ndarray, fps: float) -> float:
    """Mean speed of a curve over its `reach`, per second: large where it trembles."""
    return float(np.abs(np.diff(curve)).mean() * fps / max(reach(curve, fps), 1e-9))


def blinks_per_minute(face: Liveliness) -> float:
    """How often the lids shut."""
    return len(runs(face.lids < SHUT)) / (len(face.lids) / face.fps) * 60
