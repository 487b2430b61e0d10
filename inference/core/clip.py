# SPDX-License-Identifier: GPL-3.0-or-later
"""A stretch of a sound file. Whatever is made of it counts its seconds from the beginning of the stretch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .motion import Motion


@dataclass(frozen=True)
class Clip:
    """A stretch of a sound file.

    Parameters
    ----------
    path : str
        Of the file.
    start : float
        Seconds of the file that come before it.
    duration : float or None
        Seconds of it; None for all that follows.
    """

    path: str
    start: float = 0.0
    duration: float | None = None

    def in_file(self, motion: Motion) -> Motion:
        """A motion of the clip with its seconds counted from the beginning of the file, as exports have them."""
        return replace(motion, start=motion.start + self.start)

    def in_clip(self, motion: Motion) -> Motion:
        """A motion of the file with its seconds counted from the beginning of the clip."""
        return replace(motion, start=motion.start - self.start)
