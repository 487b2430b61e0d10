# SPDX-License-Identifier: GPL-3.0-or-later
"""Calmer curves: a Gaussian window over mouth, brows, cheeks and head. Blinks and gaze keep their snap."""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.curves import gaussian_window
from ...core.motion import Motion
from ...core.regions import MOUTH_REGIONS, channels_of, within

ORDER, GROUP, LABEL, UNIT = 10, "Timing", "Smooth", "ms"
ABOUT = "How long a moment is averaged; 0 is as generated. Closed lips still meet"
NEUTRAL, LOW, HIGH = 0.0, 0.0, 300.0
CHANNELS = channels_of((*MOUTH_REGIONS, "cheeks", "brows", "head", "visemes"))

_WINDOWS = np.array([0.0, 40.0, 80.0, 160.0, 320.0])  # ms, full width at half height; between two, a mix of both


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """Average over `value` milliseconds."""
    names = [name for name in CHANNELS if name in motion.channels]
    width = np.broadcast_to(np.asarray(value, np.float64), motion.frames)
    if not names or not width.any():
        return motion
    place = np.interp(width, _WINDOWS, np.arange(len(_WINDOWS)))  # (F,) which windows count
    values = motion.select(names).values
    result = np.zeros_like(values)
    for level, window in enumerate(_WINDOWS):
        share = np.clip(1 - np.abs(place - level), 0, 1).astype(np.float32)[:, None]
        if share.any():
            result += share * averaged(values, window / 1000 * motion.fps)
    return motion.with_channels(names, within(names, np.where(width[:, None] > 0, result, values)))


def averaged(values: np.ndarray, frames: float) -> np.ndarray:
    """Curves [shape=(F, C)] under a window so many frames wide at half height; ends are held."""
    if frames == 0:
        return values
    spread = frames / 2.3548  # of the Gaussian
    reach = int(np.ceil(3 * spread))
    weights = gaussian_window(spread, reach).astype(np.float32)
    held = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    return sum((part * held[k : k + len(values)] for k, part in enumerate(weights)), np.zeros_like(values))
