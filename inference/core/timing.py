# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames and steps of the model: how far it looks back and ahead, and the seeds that its noise is drawn from.

The words are those of Diffusion Policy (https://arxiv.org/abs/2303.04137): of `HORIZON` frames that are drawn at once,
`EXECUTED` are kept before the policy looks again at the last `PAST`.
"""

from __future__ import annotations

from .errors import FacewrightError

MOTION_FPS = 50  # frames of features and motion per second
PAST, HORIZON, EXECUTED = 8, 16, 4  # frames
STEPS = (1, 2, 4)  # the lengths of step that the policy has learned
LARGEST_SEED = 2**31 - 1  # what fits an integer field in Blender


def checked_seed(seed: int) -> int:
    """The seed.

    Raises
    ------
    FacewrightError
        When it is out of range.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise FacewrightError(f"Expected a seed from 0 to {LARGEST_SEED}, got {seed}.")
    return seed
