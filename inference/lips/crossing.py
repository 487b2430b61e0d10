# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that cross: how far one may be pressed past the other, and what gives way where an edit presses further."""

from __future__ import annotations

import numpy as np

from . import gap_table

# Channels that bring lips together, which are taken back where lips would cross.
TOGETHER = (
    "mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
)  # fmt: skip
NONE = 1e-6
# How far lips may be pressed past each other, and how much further than before where they were past that already; 1 is
# the 3.3 cm by which jawOpen parts them.
PAST, FURTHER = 0.013, 0.0025


def least_openings(openings: np.ndarray, further: float = FURTHER, past: float = PAST) -> np.ndarray:
    """The least openings that an edit may leave, for those of before [both shape=(F, 18)]."""
    return np.minimum(openings - further, -gap_table.AT_REST - past)


def given_up(parts: np.ndarray, heights: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """How much of each part of an edit goes, so that lips do not cross [shape=(F, M)].

    A part gives way where it brings lips together, and only there.

    Parameters
    ----------
    parts : ndarray [shape=(F, M)]
        How far each goes, at least 0.
    heights : ndarray [shape=(M, 18)]
        What 1 of it adds to the openings (`gap_table.heights`).
    beyond : ndarray [shape=(F, 18)]
        How far the openings are below the least ones, at least 0.
    """
    together = np.maximum(-heights, 0)
    share = np.minimum(beyond / np.maximum(parts @ together, NONE), 1)
    gives = [share[:, row > 0].max(axis=1, initial=0) for row in together]
    return parts * np.array(gives, np.float32).reshape(parts.T.shape).T
