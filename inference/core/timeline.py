# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the seconds of a motion lie among the frames of a scene: the one place that turns the one into the other."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import overload

import numpy as np


@dataclass(frozen=True)
class Timeline:
    """Seconds on one side, frames on the other; both may lie between whole ones.

    Parameters
    ----------
    fps : float
        Frames per second, above 0; need not be whole.
    first_frame : float
        Frame at which second 0 falls.
    """

    fps: float
    first_frame: float = 0.0

    @overload
    def frame(self, seconds: float) -> float: ...
    @overload
    def frame(self, seconds: np.ndarray) -> np.ndarray: ...
    def frame(self, seconds: float | np.ndarray) -> float | np.ndarray:
        """Frame, with its fraction, of a time; of an ndarray of any shape one for each."""
        return self.first_frame + seconds * self.fps

    @overload
    def seconds(self, frame: float) -> float: ...
    @overload
    def seconds(self, frame: np.ndarray) -> np.ndarray: ...
    def seconds(self, frame: float | np.ndarray) -> float | np.ndarray:
        """Time of a frame; of an ndarray of any shape one for each."""
        return (frame - self.first_frame) / self.fps

    def whole_frames(self, begin: float, end: float) -> tuple[int, int]:
        """First and last of the whole frames that a stretch of seconds needs, those around its two ends included."""
        first = floor(self.frame(begin))
        return first, max(ceil(self.frame(end)), first)
