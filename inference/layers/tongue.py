# SPDX-License-Identifier: GPL-3.0-or-later
"""What trackers do not see and the model has not learned, by rule: the tongue, and cheeks and nose that go along.

The tongue comes between the teeth on TH and near them on T, D, N and L (Ladefoged and Johnson, A Course in Phonetics).
Cheeks are blown out a little by the breath that is held on P and B. Who draws up the corners of the mouth raises the
cheeks and narrows the eyes, who draws up the lip wrinkles the nose: action units 6 and 12, 9 and 10 of the Facial
Action Coding System (https://www.paulekman.com/facs/). How far was chosen by eye on the built-in head.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.curves import smoothstep
from ..core.motion import Motion
from ..core.regions import within
from ..styles.style import NEUTRAL, Style

ORDER = 7
POINTWISE = True

# Of a channel, weights of those that move it.
ALONG: Mapping[str, Mapping[str, float]] = {
    "tongueOut": {"viseme_TH": 0.32, "viseme_DD": 0.07, "viseme_nn": 0.07},
    "cheekPuff": {"viseme_PP": 0.12},
    "cheekSquintLeft": {"mouthSmileLeft": 0.3},
    "cheekSquintRight": {"mouthSmileRight": 0.3},
    "eyeSquintLeft": {"mouthSmileLeft": 0.2},
    "eyeSquintRight": {"mouthSmileRight": 0.2},
    "noseSneerLeft": {"mouthUpperUpLeft": 0.15},
    "noseSneerRight": {"mouthUpperUpRight": 0.15},
}
TEETH = (0.01, 0.06)  # jawOpen from which there is room for the tongue between them, and from which it is enough


def apply(motion: Motion, _rng: np.random.Generator, _style: Style = NEUTRAL) -> Motion:
    """The motion with what goes along added."""
    added = np.stack([sum(w * motion.channel(name) for name, w in by.items()) for by in ALONG.values()], axis=1)
    added[:, [*ALONG].index("tongueOut")] *= smoothstep(motion.channel("jawOpen"), *TEETH)
    return motion.with_channels([*ALONG], within([*ALONG], motion.select([*ALONG]).values + added))
