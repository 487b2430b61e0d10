# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the channels of a sound tell different things: another speaker on one, timecode, a camera's noise."""

from __future__ import annotations

import numpy as np

_WINDOW = 0.02  # seconds: syllables are ten times as long
_MOST_CHANNELS = 8
_HEARD = 3e-3  # of full scale (-50 dB), rms of the louder tenth: below that a channel is empty
_ALIKE = 0.5  # correlation of loudness; of two microphones that hear one speaker it is above 0.8


class ChannelComparison:
    """The loudness of each channel over time, block by block.

    Parameters
    ----------
    rate : int
        Frames per second.
    """

    def __init__(self, rate: int) -> None:
        self._size = max(round(_WINDOW * rate), 1)
        self._loudness: list[np.ndarray] = []

    def add(self, block: np.ndarray) -> None:
        """Listen to a block [shape=(n, channels)]; what does not fill a window at its end is left out."""
        if block.shape[1] > 1:
            whole = block[: len(block) // self._size * self._size, :_MOST_CHANNELS]
            windows = whole.reshape(-1, self._size, whole.shape[1])
            self._loudness.append(np.sqrt(np.mean(np.square(windows), axis=1)))

    def differ(self) -> bool:
        """Whether two channels that are heard have little to do with each other."""
        if not self._loudness:
            return False
        loudness = np.concatenate(self._loudness)
        if len(loudness) < 25:
            return False
        loudness = loudness[:, np.quantile(loudness, 0.9, axis=0) > _HEARD]
        if loudness.shape[1] < 2:
            return False
        centred = loudness - loudness.mean(axis=0)
        size = np.sqrt(np.square(centred).sum(axis=0))
        size[size < 1e-9] = np.inf  # one that never changes has nothing to do with any other
        alike = (centred / size).T @ (centred / size)
        np.fill_diagonal(alike, 1.0)
        return bool(alike.min() < _ALIKE)


def different(name: str, count: int) -> str:
    """The sentence for a sound whose channels differ."""
    return (
        f"The {count} channels of '{name}' are of different sounds: another speaker, timecode or noise. Their mix was "
        "heard; choose one channel."
    )
