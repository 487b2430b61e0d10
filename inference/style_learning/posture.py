# SPDX-License-Identifier: GPL-3.0-or-later
"""Where brows are held while somebody speaks, against the neutral style on the same sound.

Heads are left out: captured heads are measured from their own mean, which says nothing of how they are held.
"""

from __future__ import annotations

import numpy as np

from ..core.motion import Motion
from ..styles.style import BROWS, LARGEST_REST

DOUBT = 4.0  # s of material after which it counts half; chosen on clips of s1, see docs/evaluation/styles.md
MOVES = 1e-4  # least range of a channel that counts as moving


def posture(shown: Motion, neutral: Motion, gain: float) -> np.ndarray:
    """Weights to add to the brows at all times [shape=(5,), float32].

    Parameters
    ----------
    shown, neutral : Motion
        The reference, and the neutral style's motion, with layers, of the same sound.
    gain : float
        The style's factor on brows.
    """
    seconds = shown.frames / shown.fps
    trust = seconds / (seconds + DOUBT)
    offsets, usual = np.zeros(len(BROWS), np.float32), Motion(neutral.at(shown.times), neutral.channels, shown.fps)
    for k, name in enumerate(BROWS):
        if name in shown.channels and np.ptp(shown.channel(name)) > MOVES:
            offsets[k] = trust * (shown.channel(name).mean() - (gain * usual.channel(name)).clip(0, 1).mean())
    return offsets.clip(-LARGEST_REST, LARGEST_REST).round(4)
