# SPDX-License-Identifier: GPL-3.0-or-later
"""How lips shut on p, b and m: which curves part them, which shut them, and how far for which weight of viseme PP."""

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
HELD = (*PARTING, "noseSneerLeft", "noseSneerRight")  # what an edit adds of these goes where lips are held shut
AJAR = 0.05  # at most so much is added to mouthClose where lips in a contact are parted a little
HALF_SHUT = (UNLIKELY + LIKELY) / 2  # weight of viseme PP at which the rule shuts the lips by half
HELD_FROM = 0.08  # weight of viseme PP from which lips are held together; they are held wholly at HALF_SHUT
EARLY = (LIKELY - UNLIKELY) / 2  # by so much less of viseme PP lips already leave a style no room


def closing(bilabial: np.ndarray) -> np.ndarray:
    """How far the lips are shut, in [0, 1], for the weight of viseme PP [both shape=(F,)]; eased at both ends."""
    return smoothstep(bilabial, UNLIKELY, LIKELY)


def holding(bilabial: np.ndarray) -> np.ndarray:
    """How far an edit may not part the lips, in [0, 1], for the weight of viseme PP [both shape=(F,)].

    It rises before they shut, so that an edit of any size finds them held.
    """
    return smoothstep(bilabial, HELD_FROM, HALF_SHUT)


def closing_soon(bilabial: np.ndarray) -> np.ndarray:
    """How far lips leave a style no room, in [0, 1], for viseme PP [both shape=(F,)]: wholly from half shut on."""
    return closing(bilabial + EARLY)


def close_for_jaw(close: np.ndarray, jaw: np.ndarray, strength: np.ndarray | float) -> np.ndarray:
    """Values of mouthClose [shape=(F,)] that shut a jaw this far open by such a part of it; none is less than it was.

    Raised by a part of what lacks, lips would cross by half a millimetre where contacts begin and end.
    """
    return np.maximum(close, CLOSE * jaw * strength)
