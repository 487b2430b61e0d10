# SPDX-License-Identifier: GPL-3.0-or-later
"""How far eyes turn, and the weights that show it."""

import numpy as np

# Radians the eye turns when the weight is 1, measured on Live Link Face recordings.
FULL_UP, FULL_DOWN, FULL_SIDE = 0.44, 0.61, 0.60

LOOK = tuple(f"eyeLook{way}{side}" for side in ("Left", "Right") for way in ("Down", "Up", "In", "Out"))


def look_weights(inward: np.ndarray, pitch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weights down, up, in and out of one eye for its turns in radians.

    The left eye turns in when it yaws to the character's right (+), the right eye when it yaws to the left (-).
    """
    return (
        np.maximum(pitch, 0) / FULL_DOWN,
        np.maximum(-pitch, 0) / FULL_UP,
        np.maximum(inward, 0) / FULL_SIDE,
        np.maximum(-inward, 0) / FULL_SIDE,
    )
