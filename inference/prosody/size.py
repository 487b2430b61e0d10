# SPDX-License-Identifier: GPL-3.0-or-later
"""How far mouth and brows go with the effort of a voice, by rule.

People who speak up open their jaw up to twice as far as when they talk (Schulman 1989, "Articulatory dynamics of loud
and normal speech", Journal of the Acoustical Society of America 85, 295-312), and brows are higher in a raised voice
(Cave et al. 1996, see `beats`). What the model learned from are people who read in one tone, so it does not know that.
"""

from __future__ import annotations

import numpy as np

from ..core.motion import Motion
from ..core.regions import channels_of, scaled, within

USUAL = 0.5  # amount that every take has
OCTAVES = 0.7  # that the mouth grows by for an effort of 1, at an amount of 1
LIFT = {"browInnerUp": 0.14, "browOuterUpLeft": 0.12, "browOuterUpRight": 0.11}  # the same, added
MOUTH = channels_of(("jaw", "lips"))
CHANNELS = (*MOUTH, *LIFT)


def with_effort(motion: Motion, effort: np.ndarray, amount: float | np.ndarray) -> Motion:
    """The motion with mouth and brows as large as the voice makes them.

    Parameters
    ----------
    motion : Motion
        Of F frames; channels of ``CHANNELS`` that it lacks are left out.
    effort : ndarray [shape=(F,)]
        As `effort.effort` gives it.
    amount : float or ndarray [shape=(F,)]
        How much it counts, from -1 to 1; below 0 takes back as much.
    """
    more = np.asarray(amount, np.float32) * effort
    motion = scaled(motion, MOUTH, 2 ** (OCTAVES * more))
    brows = [name for name in LIFT if name in motion.channels]
    lifted = np.array([LIFT[name] for name in brows], np.float32) * np.where(effort > 0, more, 0.0)[:, None]
    return motion.with_channels(brows, within(brows, motion.select(brows).values + lifted)) if brows else motion
