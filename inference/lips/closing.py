# SPDX-License-Identifier: GPL-3.0-or-later
"""How lips shut on p, b and m: which curves part them, what shuts them, and how surely for what is heard."""

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
HALF_SHUT = (UNLIKELY + LIKELY) / 2  # what is heard where the rule shuts the lips by half
HELD_FROM = 0.08  # of what is heard, where lips begin to be held together; they are held wholly at HALF_SHUT
EARLY = (LIKELY - UNLIKELY) / 2  # so much less has to be heard for lips to leave a style no room


def closing(heard: np.ndarray) -> np.ndarray:
    """How far the lips are shut, in [0, 1], for what is heard of p, b and m [both shape=(F,)]; eased at both ends."""
    return smoothstep(heard, UNLIKELY, LIKELY)


def holding(heard: np.ndarray) -> np.ndarray:
    """How far nothing may part the lips, in [0, 1] [both shape=(F,)]: sooner than they shut, so no size slips by."""
    return smoothstep(heard, HELD_FROM, HALF_SHUT)


def closing_soon(heard: np.ndarray) -> np.ndarray:
    """How far lips leave a style no room, in [0, 1] [both shape=(F,)]: wholly where they are shut by half."""
    return closing(heard + EARLY)


def close_for_jaw(close: np.ndarray, jaw: np.ndarray, strength: np.ndarray | float) -> np.ndarray:
    """Values of mouthClose [shape=(F,)] that shut a jaw this far open by such a part of it; none is less than it was.

    Raised by a part of what lacks, lips would cross by half a millimetre where contacts begin and end.
    """
    return np.maximum(close, CLOSE * jaw * strength)
