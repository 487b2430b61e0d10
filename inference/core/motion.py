# SPDX-License-Identifier: GPL-3.0-or-later
"""Named curves over time: the one thing that travels from the model to layers, rigs, files and Blender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .errors import MotionError
from .spool import is_finite


@dataclass(frozen=True, eq=False)
class Motion:
    """Curves with names, sampled evenly.

    Parameters
    ----------
    values : ndarray [shape=(F, C), float32]
        One row per frame, one column per channel: weights in [0, 1], rotations in radians.
    channels : sequence of str
        The C names, each once.
    fps : float
        Frames per second, above 0; need not be whole.
    start : float
        Time of the first frame in seconds from the start of the sound. Frame k is at ``start + k / fps``.

    Raises
    ------
    MotionError
        When shape, names or numbers do not fit together.
    """

    values: np.ndarray
    channels: tuple[str, ...]
    fps: float
    start: float = 0.0

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.values, dtype=np.float32)
        channels = tuple(self.channels)
        if values.ndim != 2 or values.shape[1] != len(channels) or len(values) == 0:
            raise MotionError(
                f"Expected values of shape (frames, {len(channels)}) with at least one frame, got {values.shape}."
            )
        if len(set(channels)) != len(channels):
            twice = sorted({c for c in channels if channels.count(c) > 1})
            raise MotionError(f"Expected every channel once, got {', '.join(twice)} more than once.")
        if not is_finite(values):
            frame, column = np.argwhere(~np.isfinite(values))[0]
            raise MotionError(
                f"Expected finite values, got {values[frame, column]} in channel {channels[column]} at frame {frame}. "
                "Repair or remove that frame first."
            )
        if not (np.isfinite(self.fps) and self.fps > 0 and np.isfinite(self.start)):
            raise MotionError(f"Expected fps above 0 and a finite start, got fps={self.fps}, start={self.start}.")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "channels", channels)

    @property
    def frames(self) -> int:
        """Number of frames F."""
        return len(self.values)

    @property
    def times(self) -> np.ndarray:
        """Seconds of each frame [shape=(F,), float64]."""
        return self.start + np.arange(self.frames) / self.fps

    @property
    def end(self) -> float:
        """Seconds of the last frame."""
        return self.start + (self.frames - 1) / self.fps

    def channel(self, name: str) -> np.ndarray:
        """One curve [shape=(F,), float32]."""
        return self.values[:, self._column(name)]

    def select(self, names: Sequence[str]) -> Motion:
        """These channels only, in this order."""
        return replace(self, values=self.values[:, [self._column(n) for n in names]], channels=tuple(names))

    def with_channels(self, names: Sequence[str], values: np.ndarray) -> Motion:
        """A copy in which the named channels have new curves [shape=(F, len(names))]."""
        new = self.values.copy()
        new[:, [self._column(n) for n in names]] = values
        return replace(self, values=new)

    def at(self, times: ArrayLike) -> np.ndarray:
        """Values at any seconds, interpolated linearly, held before the first and after the last frame.

        Linear, because overshoot between frames opens closed lips and leaves [0, 1].

        Parameters
        ----------
        times : array_like [shape=(n,)]
            Seconds.

        Returns
        -------
        ndarray [shape=(n, C), float32]
        """
        position = np.clip((np.asarray(times, dtype=np.float64) - self.start) * self.fps, 0, self.frames - 1)
        before = np.floor(position).astype(np.intp)
        after = np.minimum(before + 1, self.frames - 1)
        part = (position - before).astype(np.float32)[:, None]
        values = self.values[before]
        return values + (self.values[after] - values) * part  # (n, C); exact where both frames are equal

    def resample(self, fps: float) -> Motion:
        """The same curves at another frame rate, from the same start to the last frame that still has data."""
        if fps == self.fps:
            return self
        if not (np.isfinite(fps) and fps > 0):
            raise MotionError(f"Expected a frame rate above 0, got {fps}.")
        count = int(np.floor((self.frames - 1) * fps / self.fps + 1e-6)) + 1
        return replace(self, values=self.at(self.start + np.arange(count) / fps), fps=fps)

    def _column(self, name: str) -> int:
        try:
            return self.channels.index(name)
        except ValueError:
            raise MotionError(
                f"Expected one of this motion's {len(self.channels)} channels, got {name!r}. It has: "
                f"{', '.join(self.channels[:6])}{', ...' if len(self.channels) > 6 else ''}."
            ) from None
