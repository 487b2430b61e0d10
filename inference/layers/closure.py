# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet on p, b and m, by rule: where the model hears one of them, what parts the lips is taken back.

Lips are predicted as the mean of what was seen, and the mean of lips that touch is lips that almost touch. `bilabials`
says when they should. mouthClose shuts what jawOpen parts: on some rigs as much of it, as Apple has it
(https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation/mouthclose), on others, such as
ICT-FaceKit, three quarters are enough; `CLOSE` lies between, where lips meet on both within half a millimetre.
"""

from __future__ import annotations

import numpy as np

from ..bilabials import LIKELY, UNLIKELY
from ..motion import Motion
from ..style import NEUTRAL, Style

ORDER = 5
POINTWISE = True

HEARD = "viseme_PP"  # p, b and m as decided upon in `bilabials`
CLOSE = 0.9  # mouthClose for a jawOpen of 1
PARTING = (
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthFunnel",
    "mouthShrugUpper",
)  # fmt: skip


def apply(motion: Motion, _rng: np.random.Generator, _style: Style = NEUTRAL) -> Motion:
    """Shut the lips on bilabials; everything else stays as it is."""
    shut = closing(motion.channel(HEARD))[:, None]  # (F, 1)
    parting = motion.select(PARTING).values * (1 - shut)
    jaw = motion.select(("jawOpen",)).values
    close = motion.select(("mouthClose",)).values * (1 - shut) + CLOSE * jaw * shut
    return motion.with_channels((*PARTING, "mouthClose"), np.hstack([parting, close]))


def closing(heard: np.ndarray) -> np.ndarray:
    """How far the lips are shut, in [0, 1], for what is heard of p, b and m [both shape=(F,)]; eased at both ends."""
    part = np.clip((heard - UNLIKELY) / (LIKELY - UNLIKELY), 0, 1)
    return part * part * (3 - 2 * part)
