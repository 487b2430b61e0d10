# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound as the model takes it: mono float32 at 16 kHz."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import AudioError
from .spool import is_finite

RATE = 16_000


@dataclass(frozen=True, eq=False)
class Audio:
    """Mono sound at 16 kHz.

    Parameters
    ----------
    samples : ndarray [shape=(n,), float32]
        In [-1, 1]; larger values are allowed, NaN and infinity are not.
    notes : tuple of str
        Sentences on what is odd in the file it comes from, for the person who gave it.

    Raises
    ------
    AudioError
        When the samples are not one finite, non-empty channel.
    """

    samples: np.ndarray
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        samples = np.ascontiguousarray(self.samples, dtype=np.float32)
        if samples.ndim != 1 or len(samples) == 0:
            raise AudioError(f"Expected one channel of sound with at least one sample, got shape {samples.shape}.")
        if not is_finite(samples):
            raise AudioError(
                f"Expected finite samples, got {int((~np.isfinite(samples)).sum())} that are NaN or infinite. "
                "Export the sound again from the program that made it."
            )
        samples.flags.writeable = False
        object.__setattr__(self, "samples", samples)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / RATE
