# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames and steps that all models share, and the seeds and sizes of the noise that they draw from."""

from __future__ import annotations

from .errors import FacewrightError

MOTION_FPS = 50  # frames of features and motion per second
PAST = 8  # frames of motion that the policy looks back at
STEPS = (1, 2, 4)  # the lengths of step that the policy has learned
LARGEST_SEED = 2**31 - 1  # what fits an integer field in Blender
VARIATION = 0.25  # usual deviation of the noise that jaw and lips of a take are drawn from


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


def checked_variation(variation: float) -> float:
    """How much jaw and lips of takes differ.

    Raises
    ------
    FacewrightError
        When it is out of range.
    """
    if not 0 <= variation <= 1:
        raise FacewrightError(f"Expected a variation from 0 to 1, got {variation}.")
    return variation
