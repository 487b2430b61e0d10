# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet on p, b and m, by rule: where the model hears one of them, what parts the lips is taken back.

A regression model predicts the mean of what it saw, and the mean of lips that touch is lips that almost touch. The
phone posteriors say when they should. On an ARKit rig as much mouthClose as jawOpen shuts the lips whatever the jaw
does (https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation/mouthclose).
"""

from __future__ import annotations

import numpy as np

from ..motion import Motion

ORDER = 5

HEARD = "viseme_PP"  # posterior of p, b and m, smoothed over 100 ms
UNLIKELY, LIKELY = 0.25, 0.5  # where closing begins, and where it is complete
PARTING = (
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel",
    "mouthShrugUpper",
)  # fmt: skip


def apply(motion: Motion, _rng: np.random.Generator) -> Motion:
    """Shut the lips on bilabials; everything else stays as it is."""
    shut = closing(motion.channel(HEARD))[:, None]  # (F, 1)
    parting = motion.select(PARTING).values * (1 - shut)
    close = motion.select(("mouthClose",)).values * (1 - shut) + motion.select(("jawOpen",)).values * shut
    return motion.with_channels((*PARTING, "mouthClose"), np.hstack([parting, close]))


def closing(heard: np.ndarray) -> np.ndarray:
    """How far the lips are shut, in [0, 1], for the posterior of p, b and m [both shape=(F,)]; eased at both ends."""
    part = np.clip((heard - UNLIKELY) / (LIKELY - UNLIKELY), 0, 1)
    return part * part * (3 - 2 * part)
