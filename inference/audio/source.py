# SPDX-License-Identifier: GPL-3.0-or-later
"""An opened sound, whatever decodes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

BLOCK = 1 << 16  # frames decoded at once
WORTH_A_NOTE = 0.05  # seconds: less that is missing is nobody's word


@dataclass(frozen=True)
class Source:
    """An opened file from a second on.

    Parameters
    ----------
    name : str
        Of the file.
    rate : int
        Frames per second.
    seconds : float or None
        How many seconds come, as the file says; None where it does not tell.
    blocks : iterator of ndarray
        What is heard [shape=(n, channels), float32].
    cut : bool
        Whether the file is known to end early: less than it says is then no damage, only less.
    notes : list of str
        Sentences on what is missing in it.
    """

    name: str
    rate: int
    seconds: float | None
    blocks: Iterator[np.ndarray]
    cut: bool = False
    notes: list[str] = field(default_factory=list)


def damaged(name: str, reason: str) -> str:
    """The sentence for a file that cannot be decoded to its end."""
    return f"Expected a whole sound file, but '{name}' is damaged: {reason}. Export or copy it again."


def ends_early(name: str, missing: float) -> str:
    """The sentence for a file that was cut off, of which all is used that is there."""
    return f"'{name}' was cut off: {missing:.2f} s that it promises are not there. Export or copy it again for them."


def nothing_left(name: str, seconds: float, start: float) -> str:
    """The sentence for a start after the end."""
    if not seconds:
        return f"Expected a sound file, got '{name}', which holds no samples. Export it again."
    return f"Expected a start before the end of '{name}' at {seconds:.2f} s, got {start:.2f} s. Start earlier."


def skipped(blocks: Iterator[np.ndarray], frames: int) -> Iterator[np.ndarray]:
    """The blocks after so many frames, which are decoded and dropped: seeking in lossy streams is not exact."""
    for block in blocks:
        if frames < len(block):
            yield block[frames:]
        frames = max(frames - len(block), 0)
