# SPDX-License-Identifier: GPL-3.0-or-later
"""From how people read to nobody, as those did whom the model learned from, to how they speak to somebody.

Takes are performed: what was learned is brought to the size of people who speak to a camera (see the model card). At 0
it has the size in which it was recorded: the jaw goes less far, and brows and head hardly move.
"""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...core.regions import channels_of, scaled

ORDER, GROUP, LABEL, UNIT = 10, "Face", "Performed", ""
ABOUT = "At 1 jaw, brows and head move as people do who speak to somebody, at 0 as people who read to nobody"
NEUTRAL, LOW, HIGH = 1.0, 0.0, 1.5
# Size of readers over that of performers: jaw as the model's card has it, head and brows as measured on GRID's people
# and on three clips of two speakers (docs/evaluation/model.md).
READ = {"jaw": 0.8, "head": 0.13, "brows": 0.3}
CHANNELS = channels_of(READ)


def apply(motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
    """The regions of ``READ`` smaller below 1, and larger above."""
    less = 1 - np.asarray(value, np.float32)
    for region, size in READ.items():
        motion = scaled(motion, channels_of((region,)), np.float32(size) ** less)
    return motion
