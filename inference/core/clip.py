# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips: stretches of a sound file. Takes of a clip count their seconds from its beginning."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .motion import Motion


@dataclass(frozen=True)
class Clip:
    """A stretch of a sound file.

    Parameters
    ----------
    path : str
        Path of the file.
    start : float
        Seconds of the file that come before the clip.
    duration : float or None
        Length of the clip in seconds; None for the rest of the file.
    channel : int or None
        The channel that is heard, from 1; None for the mean of all.
    track : int or None
        The sound track of a file that has several, from 1; None for the first.
    """

    path: str
    start: float = 0.0
    duration: float | None = None
    channel: int | None = None
    track: int | None = None

    def in_file(self, motion: Motion) -> Motion:
        """A motion of the clip with its seconds counted from the beginning of the file, as exports have them."""
        return replace(motion, start=motion.start + self.start)
