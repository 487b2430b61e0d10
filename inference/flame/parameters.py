# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME parameters over time: read from other tools' files, or made from curves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.errors import MotionError
from ..core.rotations import matrices


@dataclass(frozen=True, eq=False)
class Parameters:
    """FLAME parameters, sampled evenly.

    Parameters
    ----------
    expression : ndarray [shape=(F, n), float32]
        Expression coefficients, in standard deviations of FLAME's training faces; the first n of the file's 100.
    root, neck, jaw : ndarray [shape=(F, 3), float32]
        Axis-angle vectors, radians, each relative to what it hangs on.
    eyes : ndarray [shape=(F, 6), float32]
        Left eye, then right eye.
    translation : ndarray [shape=(F, 3), float32]
        Of the whole head, metres.
    fps : float
        Frames per second.
    start : float
        Seconds of the first frame.
    shape : ndarray [shape=(n,), float32] or None
        Identity coefficients; None is the mean head.

    Raises
    ------
    MotionError
        When the arrays do not fit together or are not finite.
    """

    expression: np.ndarray
    root: np.ndarray
    neck: np.ndarray
    jaw: np.ndarray
    eyes: np.ndarray
    translation: np.ndarray
    fps: float
    start: float = 0.0
    shape: np.ndarray | None = None

    def __post_init__(self) -> None:
        frames = len(self.expression)
        wanted = {"expression": None, "root": 3, "neck": 3, "jaw": 3, "eyes": 6, "translation": 3}
        for name, width in wanted.items():
            array = np.asarray(getattr(self, name), np.float32)
            if array.ndim != 2 or len(array) != frames or frames == 0 or (width and array.shape[1] != width):
                raise MotionError(f"Expected {name} of shape ({frames}, {width or 'n'}), got {array.shape}.")
            if not np.isfinite(array).all():
                raise MotionError(f"Expected finite numbers in {name}, got NaN or infinity. Repair those frames first.")
            object.__setattr__(self, name, array)
        if not (np.isfinite(self.fps) and self.fps > 0 and np.isfinite(self.start)):
            raise MotionError(f"Expected fps above 0 and a finite start, got fps={self.fps}, start={self.start}.")

    @classmethod
    def still(cls, frames: int, fps: float, start: float = 0.0, **given: np.ndarray | None) -> Parameters:
        """Parameters that are zero, but for the arrays that are given."""
        zero = np.zeros((frames, 3), np.float32)
        held = {"expression": np.zeros((frames, 0), np.float32), "root": zero, "neck": zero, "jaw": zero}
        held |= {"eyes": np.zeros((frames, 6), np.float32), "translation": zero}
        return cls(**(held | given), fps=fps, start=start)  # type: ignore[arg-type]

    @property
    def frames(self) -> int:
        """Number of frames F."""
        return len(self.expression)

    @cached_property
    def turns(self) -> np.ndarray:
        """Rotation of each joint [shape=(F, 5, 3, 3), float64]: root, neck, jaw, left eye, right eye."""
        joined = np.concatenate([self.root, self.neck, self.jaw, self.eyes], axis=1)
        return matrices(joined.reshape(-1, 5, 3))
