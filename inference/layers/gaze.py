# SPDX-License-Identifier: GPL-3.0-or-later
"""Small shifts of gaze, by rule: the eyes rest, then jump a few degrees, both together.

Sizes and durations follow Lee, Badler and Badler, "Eyes Alive" (SIGGRAPH 2002, https://doi.org/10.1145/566654.566629):
a jump takes 25 ms plus 2.4 ms per degree, and eyes rest about a second between jumps while their owner talks.
"""

from __future__ import annotations

import numpy as np

from ..core.curves import smoothstep
from ..core.eyes import turn_eyes
from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style

ORDER = 10
POINTWISE = True

MEDIAN_REST = 1.1  # s between jumps
REST_SPREAD = 0.7  # of the logarithm of the rest
SIZE = np.radians((2.2, 1.2))  # standard deviation of where the eyes point, yaw and pitch

_BLOCK = 256  # jumps


def apply(motion: Motion, rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """The motion with the shifts added to the eyes' rotations and to the eyeLook weights."""
    yaw, pitch = gaze_path(motion.times, rng)
    return turn_eyes(motion, np.float32(style.gaze) * yaw, np.float32(style.gaze) * pitch)


def gaze_path(times: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Yaw and pitch of both eyes in radians at `times` [shape=(F,)]: rests joined by quick, eased jumps."""
    begin, point = np.array([-1.0]), np.zeros((2, 2))  # at rest, straight ahead, before the sound begins
    while begin[-1] <= times[-1]:
        drawn = rng.standard_normal((_BLOCK, 3))  # in whole blocks, so that a longer sound begins with the same jumps
        rests = 0.15 + np.exp(np.log(MEDIAN_REST) + REST_SPREAD * drawn[:, 0])
        begin = np.concatenate([begin, np.cumsum(np.append(max(begin[-1], 0.0), rests))[1:]])  # (J,)
        point = np.concatenate([point, SIZE * drawn[:, 1:]])  # (J + 1, 2): jump j goes from point j to j + 1
    jump = np.searchsorted(begin, times, side="right") - 1  # (F,) the jump that began last
    step = point[1:] - point[:-1]  # (J, 2)
    lasts = 0.025 + 0.0024 * np.degrees(np.hypot(*step.T))  # (J,) s
    path = point[jump] + smoothstep((times - begin[jump]) / lasts[jump])[:, None] * step[jump]  # (F, 2)
    return path[:, 0].astype(np.float32), path[:, 1].astype(np.float32)
