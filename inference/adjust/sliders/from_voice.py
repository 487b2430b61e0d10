# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the effort of a voice makes of the face: a raised, lively voice opens the mouth wider and lifts the brows.

Every take has it at one half (`prosody.size`); this gives more of it, or takes it away. It tells excitement, not
whether somebody is glad or angry.
"""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...prosody import size
from . import EFFORT, heard

ORDER, GROUP, LABEL, UNIT = 39, "Mouth", "From Voice", ""
ABOUT = "How much a raised voice opens the mouth wider and lifts the brows, and a tired one less: 0 not at all"
NEUTRAL, LOW, HIGH = size.USUAL, 0.0, 1.0
CHANNELS = size.CHANNELS
NEEDS = {EFFORT}


def apply(motion: Motion, value: float | np.ndarray, voice: Voice | None = None) -> Motion:
    """More or less of what `size.with_effort` has done already."""
    amount = np.asarray(value, np.float32) - NEUTRAL
    if not amount.any():
        return motion
    voice = heard(voice, motion, "from_voice", "how hard the voice works", NEUTRAL)
    return size.with_effort(motion, voice.effort, amount)
