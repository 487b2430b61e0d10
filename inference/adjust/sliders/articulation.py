# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the mouth speaks: jaw, lips, corners and rounding together."""

from __future__ import annotations

import numpy as np

from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 20, "Mouth", "Articulation", ""
ABOUT = "How large the whole mouth moves: 1 is as generated, 0.5 half as far, 2 twice as far"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 2.0
_VISEMES = tuple(name for name in channels_of(["visemes"]) if name not in ("viseme_sil", "viseme_PP"))
CHANNELS = (*channels_of(("jaw", "lips", "rounding", "corners", "tongue")), *_VISEMES)


def apply(motion: Motion, value: float | np.ndarray, _voice: np.ndarray | None = None) -> Motion:
    """Times the value."""
    return scaled(motion, CHANNELS, value)
