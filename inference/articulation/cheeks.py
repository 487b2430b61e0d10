# SPDX-License-Identifier: GPL-3.0-or-later
"""Cheeks and nose, by rule: air blows the cheeks up on p and b, a smile lifts them, a raised lip lifts the nose.

Which muscle moves what together: Ekman, Friesen and Hager 2002, "Facial Action Coding System" (AU 6 with 12, AU 9 with
10).
"""

from __future__ import annotations

import numpy as np

from ..core.channels import PHONES
from ..core.curves import smoothstep
from ..core.motion import Motion

PUFF = {"P": 0.04, "B": 0.025}  # cheekPuff; m lets the air out through the nose
DOUBTED, SURE = 0.3, 0.7  # posteriors, as for the tongue
LIFTED = {"mouthSmile": ("cheekSquint", 0.3), "mouthUpperUp": ("noseSneer", 0.15)}  # what goes along, by so much

_COLUMNS = [PHONES.index(phoneme) for phoneme in PUFF]
_FAR = np.array([*PUFF.values()], np.float32)


def with_cheeks(motion: Motion, posteriors: np.ndarray) -> Motion:
    """The motion with cheeks and nose that go along; arguments as for `tongue.with_tongue`."""
    puff = (smoothstep(posteriors[:, _COLUMNS], DOUBTED, SURE) * _FAR).max(axis=1)
    curves = {"cheekPuff": np.maximum(motion.channel("cheekPuff"), puff)}
    for mouth, (other, share) in LIFTED.items():
        for side in ("Left", "Right"):
            moved = share * motion.channel(mouth + side)
            curves[other + side] = np.maximum(motion.channel(other + side), moved)
    return motion.with_channels(tuple(curves), np.column_stack([*curves.values()]))
