# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet on p, b and m, by rule: where the model hears one of them, what parts the lips is taken back.

Lips are predicted as the mean of what was seen, and the mean of lips that touch is lips that almost touch.
`lips.decision` says when they should. mouthClose shuts what jawOpen parts: on some rigs as much of it, as Apple has it
(https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation/mouthclose), on others, such as
ICT-FaceKit, three quarters are enough; `lips.closing.CLOSE` lies between, where lips meet on both within half a
millimetre.
"""

from __future__ import annotations

import numpy as np

from ..core.motion import Motion
from ..lips.closing import BILABIAL_VISEME, CLOSE, PARTING, closing
from ..styles.style import NEUTRAL, Style

ORDER = 5
POINTWISE = True


def apply(motion: Motion, _rng: np.random.Generator, _style: Style = NEUTRAL) -> Motion:
    """Shut the lips on bilabials; everything else stays as it is."""
    shut = closing(motion.channel(BILABIAL_VISEME))[:, None]  # (F, 1)
    parting = motion.select(PARTING).values * (1 - shut)
    jaw = motion.select(("jawOpen",)).values
    close = motion.select(("mouthClose",)).values * (1 - shut) + CLOSE * jaw * shut
    return motion.with_channels((*PARTING, "mouthClose"), np.hstack([parting, close]))
