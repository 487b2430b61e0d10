# SPDX-License-Identifier: GPL-3.0-or-later
"""How far eyes turn, and the weights that show it."""

import numpy as np

from .channels import EYES
from .motion import Motion

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


def turn_eyes(motion: Motion, yaw: np.ndarray, pitch: np.ndarray) -> Motion:
    """The motion with both eyes turned further by `yaw` and `pitch` [shape=(F,), radians], and the weights that fit."""
    still = np.zeros_like(yaw)
    eyes = motion.select(EYES).values + np.stack([yaw, pitch, still, yaw, pitch, still], axis=1)
    weights = *look_weights(eyes[:, 0], eyes[:, 1]), *look_weights(-eyes[:, 3], eyes[:, 4])
    look = np.stack(weights, axis=1).clip(0, 1).astype(np.float32)
    return motion.with_channels(EYES, eyes.astype(np.float32)).with_channels(LOOK, look)
