# SPDX-License-Identifier: GPL-3.0-or-later
"""How lips shut on p, b and m: which curves part them, and what shuts them."""

from __future__ import annotations

import numpy as np

from ..core.curves import smoothstep
from .decision import LIKELY, UNLIKELY

BILABIAL_VISEME = "viseme_PP"  # p, b and m as decided upon in `decision`
CLOSE = 0.9  # mouthClose for a jawOpen of 1
PARTING = (
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel",
    "mouthShrugUpper",
)  # fmt: skip


def closing(heard: np.ndarray) -> np.ndarray:
    """How far the lips are shut, in [0, 1], for what is heard of p, b and m [both shape=(F,)]; eased at both ends."""
    return smoothstep(heard, UNLIKELY, LIKELY)
