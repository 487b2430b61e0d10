# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks, by rule: both lids close in about 80 ms and open in about twice that, at uneven intervals.

People blink about 26 times a minute while they talk (Bentivoglio et al. 1997, "Analysis of blink rate patterns in
normal subjects", https://doi.org/10.1002/mds.870120629). Sound does not tell when, so a model smears their
mean over all frames, and lids would hang; a rule draws them at random instead, and replaces the smear.
"""

from __future__ import annotations

import numpy as np

from ..core.curves import smoothstep
from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style
from . import AHEAD

ORDER = 20
POINTWISE = True

MEDIAN_INTERVAL = 2.1  # s between blinks; the log-normal's mean is then 2.5 s, 24 blinks a minute
SPREAD = 0.6  # of the logarithm of the interval
SHORTEST_INTERVAL = 0.6  # s, so that one blink ends before the next begins
CLOSING, SHUT, OPENING = AHEAD, 0.03, 0.17  # s
_BLOCK = 256  # blinks
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")


def apply(motion: Motion, rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """The motion with blinks in place of the model's lids."""
    moments = np.array([-np.inf, *blink_moments(motion.end, rng, style.blinks), np.inf])
    times = motion.times
    after = np.searchsorted(moments, times, side="right")  # (F,) the next blink; the one before it is the last
    shut = np.maximum(lid_curve(times - moments[after - 1]), lid_curve(times - moments[after]))
    return motion.with_channels(LIDS, np.stack([shut, shut], axis=1))


def blink_moments(end: float, rng: np.random.Generator, often: float = 1.0) -> list[float]:
    """Seconds at which lids are first fully shut, from 0 to `end`; `often` times as many as people have.

    A longer sound only adds moments at the end.
    """
    moments = np.zeros(1)
    while often > 0 and moments[-1] <= end:
        drawn = np.exp(np.log(MEDIAN_INTERVAL / often) + SPREAD * rng.standard_normal(_BLOCK))
        intervals = np.maximum(SHORTEST_INTERVAL, drawn)
        moments = np.concatenate([moments, np.cumsum(np.append(moments[-1], intervals))[1:]])
    return moments[1:][moments[1:] <= end].tolist()


def lid_curve(offset: np.ndarray) -> np.ndarray:
    """Weight of the lids in [0, 1] at seconds before (-) and after (+) they are first shut."""
    return smoothstep(np.where(offset < 0, 1 + offset / CLOSING, 1 - (offset - SHUT) / OPENING))
