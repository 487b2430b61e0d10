# SPDX-License-Identifier: GPL-3.0-or-later
"""Phoneme posteriors: how sure the model is of every phoneme in every frame. Styles and sliders go by them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .channels import PHONES
from .errors import MotionError


@dataclass(frozen=True, eq=False)
class Phonemes:
    """Phoneme posteriors over time, smoothed over 100 ms, with p, b and m decided (`lips.decision`), as for visemes.

    Parameters
    ----------
    posteriors : ndarray [shape=(F, 40), float16]
        In [0, 1], columns as in ``PHONES``; each row sums to 1.
    fps : float
        Frames per second, above 0.
    start : float
        Seconds of the first frame.

    Raises
    ------
    MotionError
        When the shape or a number is not of this kind.
    """

    posteriors: np.ndarray
    fps: float
    start: float = 0.0

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.posteriors, dtype=np.float16)
        if values.ndim != 2 or values.shape[1] != len(PHONES) or len(values) == 0:
            raise MotionError(f"Expected phonemes of shape (frames, {len(PHONES)}), got {values.shape}.")
        if not np.isfinite(values).all() or not (self.fps > 0 and np.isfinite([self.fps, self.start]).all()):
            raise MotionError(f"Expected finite phonemes at an fps above 0, got {self.fps} fps from {self.start} s.")
        values.flags.writeable = False
        object.__setattr__(self, "posteriors", values)

    @property
    def frames(self) -> int:
        """Number of frames F."""
        return len(self.posteriors)

    def at(self, times: ArrayLike) -> np.ndarray:
        """Posteriors at any seconds [shape=(n, 40), float32], interpolated; the first and last are held."""
        position = np.clip((np.asarray(times, dtype=np.float64) - self.start) * self.fps, 0, self.frames - 1)
        before = np.floor(position + 1e-6).astype(np.intp)
        part = (position - before).clip(0, 1).astype(np.float32)[:, None]
        values = self.posteriors.astype(np.float32) if len(position) >= self.frames else self.posteriors
        if not (part > 1e-4).any():
            return values[before].astype(np.float32)
        after = np.minimum(before + 1, self.frames - 1)
        return values[before] * (1 - part) + values[after] * part

    def seconds(self) -> dict[str, float]:
        """Seconds of each phoneme in all; two frames with a posterior of one half count as one frame."""
        return dict(zip(PHONES, (self.posteriors.sum(axis=0, dtype=np.float64) / self.fps).tolist(), strict=True))
