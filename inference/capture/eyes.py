# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks and gaze, read directly off lids and iris instead of solved.

A lid's opening is compared with the clip's own open eye; the iris' place between the eye corners gives the angle of an
eyeball whose radius is 0.4 of the eye's width (12 mm in 30 mm). Both eyes are given the mean of the two: at 40 pixels
per eye their difference is noise. eyeLook* weights are angles over the angle that weight 1 means on real Live Link
Face recordings (`../shared/data/livelink`: 0.43-0.72 rad for yaw, 0.44-0.60 for pitch).
"""

from __future__ import annotations

import numpy as np

from .landmarks import CORNERS_LEFT, CORNERS_RIGHT, IRIS_LEFT, IRIS_RIGHT, LIDS_LEFT, LIDS_RIGHT, Tracks
from .smoothing import gaussian, median_of_three

OPEN_PERCENTILE = 70
# Lid opening as a fraction of the open eye: above the first nothing is a blink, at the second the eye is shut.
BLINK_STARTS, BLINK_ENDS = 0.80, 0.20
EYEBALL = 0.4  # radius over eye width
GAZE_SMOOTH = 0.032  # seconds, standard deviation
YAW_AT_ONE, PITCH_AT_ONE = 0.52, 0.55  # radians


def solve_eyes(face: Tracks, still: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Blink, look and eye rotation channels of a stabilised clip: name -> (F,) values.

    Gaze is relative to the clip's own median, or to that of its `still` frames (F,) bool. Iris positions under a
    closing lid are interpolated.
    """
    blink = (_blink(face, LIDS_RIGHT, CORNERS_RIGHT) + _blink(face, LIDS_LEFT, CORNERS_LEFT)) / 2
    gaze = (_iris(face, IRIS_RIGHT, CORNERS_RIGHT) + _iris(face, IRIS_LEFT, CORNERS_LEFT)) / 2
    gaze = _over_blinks(gaze, blink > 0.1)
    gaze = gaussian(median_of_three(gaze), GAZE_SMOOTH * face.fps)
    gaze = np.arcsin(np.clip((gaze - np.median(gaze if still is None else gaze[still], axis=0)) / EYEBALL, -0.45, 0.45))
    yaw, pitch = -gaze[:, 0], -gaze[:, 1]  # towards the own right, down
    to_right, to_left = (np.clip(s * yaw / YAW_AT_ONE, 0, 1) for s in (1, -1))
    down, up = (np.clip(s * pitch / PITCH_AT_ONE, 0, 1) for s in (1, -1))
    return {
        "eyeBlinkRight": blink, "eyeBlinkLeft": blink,
        "leftEyeYaw": yaw, "rightEyeYaw": yaw, "leftEyePitch": pitch, "rightEyePitch": pitch,
        "eyeLookInLeft": to_right, "eyeLookOutRight": to_right,
        "eyeLookOutLeft": to_left, "eyeLookInRight": to_left,
        "eyeLookDownLeft": down, "eyeLookDownRight": down, "eyeLookUpLeft": up, "eyeLookUpRight": up,
    }  # fmt: skip


def _width(face: Tracks, corners) -> np.ndarray:
    ends = face.at(corners)[:, :, :2]
    return np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)


def _aperture(face: Tracks, lids, corners) -> np.ndarray:
    """Mean lid opening over eye width, (F,)."""
    upper, lower = face.at([pair[0] for pair in lids]), face.at([pair[1] for pair in lids])
    return np.linalg.norm((upper - lower)[..., :2], axis=2).mean(1) / _width(face, corners)


def _blink(face: Tracks, lids, corners) -> np.ndarray:
    """How far one eye is shut, (F,) in [0, 1]."""
    aperture = _aperture(face, lids, corners)
    ratio = aperture / np.percentile(aperture, OPEN_PERCENTILE)
    return np.clip((BLINK_STARTS - ratio) / (BLINK_STARTS - BLINK_ENDS), 0, 1)


def _iris(face: Tracks, iris: int, corners) -> np.ndarray:
    """Iris centre from the middle of the eye, in eye widths, (F, 2)."""
    return (face.at([iris])[:, 0, :2] - face.at(corners).mean(1)[:, :2]) / _width(face, corners)[:, None]


def _over_blinks(values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Values with hidden frames replaced by straight lines between their neighbours."""
    seen = np.flatnonzero(~hidden)
    if len(seen) == 0:
        return np.zeros_like(values)
    frames = np.arange(len(values))
    return np.stack([np.interp(frames, seen, column[seen]) for column in values.T], axis=1)
