# SPDX-License-Identifier: GPL-3.0-or-later
"""How far jaw and lips go in a take, drawn from its seed: people who say the same differ in that more than in all else.

The five tracked people of the training go 0.9 to 1.1 (jaw) and 0.7 to 1.7 times (lips) as far as their mean: the
factors that the training found.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import LIVE_LINK, MOUTH
from ..core.regions import REGIONS

JAW, LIPS = 0.1, 0.33  # deviations of the logarithm of these factors


def drawn_sizes(seed: int, variation: float) -> np.ndarray:
    """Factors on the motion of a take [shape=(61,), float32]; seed 0 has the usual size.

    Parameters
    ----------
    seed : int
    variation : float
        In [0, 1]: how much of what people differ by.
    """
    jaw, lips = variation * np.random.default_rng([seed, 0]).standard_normal(2) * (JAW, LIPS) * (seed != 0)
    logarithms = [jaw if name in REGIONS["jaw"] else lips if name in MOUTH else 0.0 for name in LIVE_LINK]
    return np.exp(np.array(logarithms)).astype(np.float32)
