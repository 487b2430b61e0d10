# SPDX-License-Identifier: GPL-3.0-or-later
"""The voice drives the size of the mouth: loud words larger, quiet ones smaller.

How wide a mouth opens goes with how loud its owner speaks (Schulman 1989, "Articulatory dynamics of loud and normal
speech", Journal of the Acoustical Society of America 85, 295-312). The model hears that, too; this adds to it.
"""

from __future__ import annotations

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...core.regions import scaled
from . import LOUDNESS, heard
from .scale import SLIDERS as SCALES

ORDER, GROUP, LABEL, UNIT = 40, "Mouth", "Voice Energy", ""
ABOUT = (
    "At 1, a voice 6 dB louder than usual opens the mouth 1.4 times as far, and the same the other way; at 0 not at all"
)
NEUTRAL, LOW, HIGH = 0.0, 0.0, 2.0
CHANNELS = SCALES["articulation"].CHANNELS
NEEDS = {LOUDNESS}
_DOUBLE = 12.0  # dB for twice the size
MOST = 12.0  # dB that count, either way


def apply(motion: Motion, value: float | np.ndarray, voice: Voice | None = None) -> Motion:
    """The mouth twice as large for every 12 dB that the voice is above its own mean, at a value of 1."""
    amount = np.asarray(value, np.float32)
    if not amount.any():
        return motion
    voice = heard(voice, motion, "energy", "how loud the voice is", NEUTRAL)
    return scaled(motion, CHANNELS, 2 ** (amount * np.clip(voice.loudness, -MOST, MOST).astype(np.float32) / _DOUBLE))
