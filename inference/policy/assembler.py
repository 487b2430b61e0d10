# SPDX-License-Identifier: GPL-3.0-or-later
"""The frames of one take, put together from the policy's motion and the phonemes' visemes as both become known."""

from __future__ import annotations

import numpy as np

from ..core.channels import CHANNELS, LIVE_LINK
from .encoding import EncodedPart
from .sampler import Sampler
from .visemes import PosteriorStream, viseme_weights

Frames = tuple[np.ndarray, np.ndarray]


class FrameAssembler:
    """Frames of all 76 channels, in order, each given out once.

    Parameters
    ----------
    sampler : Sampler
        The sampler of this take, of which nothing is drawn yet.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._motion = np.zeros((0, len(LIVE_LINK)), dtype=np.float32)  # drawn, but not given out
        self._posteriors = PosteriorStream()

    def feed(self, part: EncodedPart) -> Frames:
        """Take in the next part of the encoding, whose logits may run ahead of the rest; the frames it makes final.

        Returns
        -------
        motion, posteriors : ndarray [shape=(k, 76) and (k, 40), float32]
            The next frames, and the phoneme posteriors in them; `k` may be 0.
        """
        self._motion = np.concatenate([self._motion, self._sampler.feed(part.general, part.local)])
        self._posteriors.push(part.logits)
        return self._give(min(len(self._motion), self._posteriors.final))

    def finish(self) -> Frames:
        """All frames that are left, as `feed` gives them."""
        self._motion = np.concatenate([self._motion, self._sampler.finish()])
        return self._give(len(self._motion))

    def _give(self, count: int) -> Frames:
        posteriors = self._posteriors.take(count)
        if count == 0:
            return np.zeros((0, len(CHANNELS)), dtype=np.float32), posteriors
        frames = np.hstack([self._motion[:count], viseme_weights(posteriors)])
        self._motion = self._motion[count:]
        return frames, posteriors
