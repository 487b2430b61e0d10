# SPDX-License-Identifier: GPL-3.0-or-later
"""Where brows are held while somebody speaks, against the neutral style on the same sound.

Not heads: captured heads are measured from their own mean, so nothing could be chosen or measured for them.
"""

from __future__ import annotations

import numpy as np

from ..core.motion import Motion
from ..styles.style import BROWS, LARGEST_REST

DOUBT = 4.0  # s of material after which what was seen counts half; chosen on clips of s1, see docs/evaluation/styles.md
MOVES = 1e-4  # what a channel changes by at least, or it was not shown


def posture(shown: Motion, neutral: Motion, gain: float) -> np.ndarray:
    """What brows have more or less at all times [shape=(5,), float32].

    Parameters
    ----------
    shown, neutral : Motion
        What was seen, and what the neutral style makes of the same sound.
    gain : float
        How far the style moves brows.
    """
    seconds = shown.frames / shown.fps
    trust = seconds / (seconds + DOUBT)
    held = np.zeros(len(BROWS), np.float32)
    for k, name in enumerate(BROWS):
        if name in shown.channels and np.ptp(shown.channel(name)) > MOVES:
            held[k] = trust * (shown.channel(name).mean() - (gain * neutral.channel(name)).clip(0, 1).mean())
    return held.clip(-LARGEST_REST, LARGEST_REST).round(4)
