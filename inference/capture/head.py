# SPDX-License-Identifier: GPL-3.0-or-later
"""A head as a tracker sees it: the places of its landmarks, and where each ARKit shape takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.channels import ARKIT
from .distances import LANDMARKS, three
from .landmarks import OUTER_EYES


@dataclass(frozen=True, eq=False)
class MarkedHead:
    """Landmarks of a head that curves can move.

    Parameters
    ----------
    numbers : tuple of int
        MediaPipe number of each of the L landmarks.
    neutral : ndarray [shape=(L, 3)]
        Centimetres in head axes: x to the head's own left, y up, z out of the face.
    deltas : ndarray [shape=(52, L, 3)]
        Offsets of each ARKit shape at weight 1, in the order of ``channels.ARKIT``.
    gauge_neutral, gauge_deltas : ndarray [shape=(10, 3)], [shape=(52, 10, 3)]
        The same of the points between which distances are taken, in the order of ``distances.LANDMARKS``.
    shown_width : ndarray [shape=(52,)], optional
        How much wider each shape makes the mouth, centimetres, on the head that will be seen, where that is not as
        `deltas` say: solving makes it as wide there as it was tracked, too.
    """

    numbers: tuple[int, ...]
    neutral: np.ndarray
    deltas: np.ndarray
    gauge_neutral: np.ndarray
    gauge_deltas: np.ndarray
    shown_width: np.ndarray | None = None

    def columns(self, numbers: Sequence[int]) -> list[int]:
        """Where these MediaPipe numbers stand among the L landmarks."""
        return [self.numbers.index(number) for number in numbers]

    def moves(self, channels: Sequence[str], numbers: Sequence[int]) -> np.ndarray:
        """Offsets of some landmarks by some shapes [shape=(len(channels), len(numbers), 3)]."""
        return self.deltas[[ARKIT.index(name) for name in channels]][:, self.columns(numbers)]

    @property
    def eye_distance(self) -> float:
        """Outer-eye distance at rest, centimetres: the unit of all distances."""
        right, left = self.neutral[self.columns(OUTER_EYES)]
        return float(np.linalg.norm(left - right))

    def distances(self, weights: np.ndarray) -> np.ndarray:
        """Lip opening, mouth width and jaw, (F, 3), in outer-eye distances: see ``distances.py``.

        Parameters
        ----------
        weights : ndarray [shape=(F, 52) or more columns]
            ARKit weights in the order of ``channels.ARKIT``; further columns are ignored.
        """
        weights = np.asarray(weights)[:, : len(ARKIT)]
        moved = (weights @ self.gauge_deltas.reshape(len(ARKIT), -1)).reshape(len(weights), -1, 3)
        ends = np.cumsum([len(numbers) for numbers in LANDMARKS.values()])[:-1]
        return np.stack(three(*np.split(self.gauge_neutral + moved, ends, axis=1)), axis=-1) / self.eye_distance
