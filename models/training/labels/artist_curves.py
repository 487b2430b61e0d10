# SPDX-License-Identifier: GPL-3.0-or-later
"""FACEGOOD's artist-solved curves as targets: 116 curves of a rig renamed and mixed into ARKit's channels.

The rig's mesh is not published, so nobody can say how far a curve at 1 moves the lips. Each group of ARKit channels is
therefore scaled by one factor, so that its 99th percentile on the takes equals a value taken from `grid_s1`'s training
clips or, where these say little, a prior stated in :data:`LEVELS`. That is calibration, not measurement.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.inference.core.channels import ARKIT, LIVE_LINK
from facewright.models.training.corpora.facegood import DEV, FPS, read_curves
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels.target_set import TargetSet

# ARKit channel -> the curves that make it and their shares. Rounded vowels (oh, oo) are funnel and pucker in one.
MIX: dict[str, dict[str, float]] = {
    "jawOpen": {"mouth_stretch_c": 1.0, "mouth_oh_c": 0.25},
    "mouthFunnel": {
        "mouth_funnel_dl": 0.25, "mouth_funnel_dr": 0.25, "mouth_funnel_ul": 0.25, "mouth_funnel_ur": 0.25,
        "mouth_oh_c": 0.5, "mouth_oo_c": 0.3,
    },
    "mouthPucker": {"mouth_pucker_l": 0.5, "mouth_pucker_r": 0.5, "mouth_oh_c": 0.25, "mouth_oo_c": 0.7},
    "mouthRollLower": {"mouth_suck_dl": 0.5, "mouth_suck_dr": 0.5},
    "mouthRollUpper": {"mouth_suck_ul": 0.5, "mouth_suck_ur": 0.5},
    "mouthPressLeft": {"mouth_press_l": 1.0},
    "mouthPressRight": {"mouth_press_r": 1.0},
    "mouthLowerDownLeft": {"mouth_lowerLipDepress_l": 1.0},
    "mouthLowerDownRight": {"mouth_lowerLipDepress_r": 1.0},
    "mouthUpperUpLeft": {"mouth_upperLipRaise_l": 1.0},
    "mouthUpperUpRight": {"mouth_upperLipRaise_r": 1.0},
    "mouthSmileLeft": {"mouth_lipCornerPull_l": 1.0},
    "mouthSmileRight": {"mouth_lipCornerPull_r": 1.0},
    "mouthStretchLeft": {"mouth_lipStretch_l": 1.0},
    "mouthStretchRight": {"mouth_lipStretch_r": 1.0},
    "mouthShrugLower": {"mouth_chinRaise_u": 1.0},
}  # fmt: skip

# Channels calibrated together, by the prefix of their names: None takes the level of grid_s1, a number is a prior: the
# gain of a curve that moves too seldom for percentiles to mean anything (curves are already in [0, 1]).
LEVELS: dict[str, float | None] = {
    "jawOpen": None, "mouthFunnel": None, "mouthPucker": None, "mouthLowerDown": None, "mouthUpperUp": None,
    "mouthSmile": 0.7, "mouthStretch": 0.7, "mouthRoll": 0.7, "mouthPress": 0.7, "mouthShrug": 0.7,
}  # fmt: skip
PERCENTILE = 99

OBSERVED = np.array([name in MIX or name == "mouthClose" for name in LIVE_LINK])


def make(folder: str | Path, head: IctHead, reference: TargetSet) -> TargetSet:
    """Targets of all takes, amplitudes calibrated on `reference` (grid_s1; its dev clips are not looked at)."""
    mixed = {take: _mix(curves) for take, curves in read_curves(folder).items()}
    gains = calibrate(mixed, reference)
    clips = {}
    for take, values in mixed.items():
        weights = np.clip(values * gains, 0, 1)
        clips[take] = shut(weights, head).astype(np.float32)
    return TargetSet(clips, {}, OBSERVED, DEV, FPS, 0.5 / FPS)


def _mix(curves: dict[str, np.ndarray]) -> np.ndarray:
    """Rig curves summed into the 61 channels, (F, 61), before calibration."""
    frames = len(next(iter(curves.values())))
    values = np.zeros((frames, len(LIVE_LINK)))
    for channel, parts in MIX.items():
        values[:, LIVE_LINK.index(channel)] = sum(share * curves[curve] for curve, share in parts.items())
    return values


def calibrate(mixed: dict[str, np.ndarray], reference: TargetSet) -> np.ndarray:
    """Gain of each channel, (61,): see :data:`LEVELS`."""
    own = np.concatenate([values for take, values in mixed.items() if take not in DEV])
    other = np.concatenate([values for clip, values in reference.clips.items() if clip not in reference.dev])
    gains = np.ones(len(LIVE_LINK))
    for prefix, prior in LEVELS.items():
        columns = [i for i, name in enumerate(LIVE_LINK) if name.startswith(prefix) and name in MIX]
        if prior is None:
            level = [np.percentile(data[:, columns], PERCENTILE) for data in (own, other)]
            gains[columns] = level[1] / level[0]
        else:
            gains[columns] = prior
    return gains


def shut(values: np.ndarray, head: IctHead) -> np.ndarray:
    """Add mouthClose where press or both rolls say that the lips meet although the jaw is open, (F, 61)."""
    values = values.copy()
    column = LIVE_LINK.index
    pull = head.distances(np.eye(len(ARKIT)))[:, 0] - head.distances(np.zeros((1, len(ARKIT))))[0, 0]
    closing = np.maximum(
        values[:, [column("mouthPressLeft"), column("mouthPressRight")]].mean(1),
        np.minimum(values[:, column("mouthRollLower")], values[:, column("mouthRollUpper")]),
    )
    amount = np.clip(closing / 0.15, 0, 1)
    jaw, close = column("jawOpen"), column("mouthClose")
    gap = np.maximum(values[:, : len(ARKIT)] @ pull, 0)
    values[:, close] = amount * np.minimum(gap / -pull[close], values[:, jaw])
    return values
