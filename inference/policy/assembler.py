# SPDX-License-Identifier: GPL-3.0-or-later
"""One take in the making: motion from the policy and visemes from the phones, as far as both are known."""

from __future__ import annotations

import numpy as np

from ..core.channels import CHANNELS, LIVE_LINK, PHONES
from .sampler import Sampler
from .visemes import LOOK_AHEAD, heard, shown

Frames = tuple[np.ndarray, np.ndarray]


class Take:
    """Frames of all 76 channels, in order, each given out once.

    Parameters
    ----------
    sampler : Sampler
        A fresh one.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._motion = np.zeros((0, len(LIVE_LINK)), dtype=np.float32)  # drawn, but not given out
        self._logits = np.zeros((0, len(PHONES)), dtype=np.float32)  # from `LOOK_AHEAD` frames before those
        self._given = 0  # frames given out

    def feed(self, general: np.ndarray, local: np.ndarray, logits: np.ndarray) -> Frames:
        """What became final with this.

        Parameters
        ----------
        general, local : ndarray [shape=(n, 61) and (n, 128), float32]
            What the memory says of the next frames.
        logits : ndarray [shape=(m, 40), float32]
            The encoder's of the next frames; they may run ahead of the others.

        Returns
        -------
        motion, phones : ndarray [shape=(k, 76) and (k, 40), float32]
            The next frames, and what is heard in them; `k` may be 0.
        """
        self._motion = np.concatenate([self._motion, self._sampler.feed(general, local)])
        self._logits = np.concatenate([self._logits, logits])
        before = min(self._given, LOOK_AHEAD)
        return self._give(max(min(len(self._motion), len(self._logits) - before - LOOK_AHEAD), 0))

    def finish(self) -> Frames:
        """All frames that are left, as `feed` gives them."""
        self._motion = np.concatenate([self._motion, self._sampler.finish()])
        return self._give(len(self._motion))

    def _give(self, count: int) -> Frames:
        if count == 0:
            return np.zeros((0, len(CHANNELS)), dtype=np.float32), np.zeros((0, len(PHONES)), dtype=np.float32)
        before = min(self._given, LOOK_AHEAD)
        phones = heard(self._logits[: before + count + LOOK_AHEAD])[before : before + count]
        frames = np.hstack([self._motion[:count], shown(phones)])
        self._given += count
        self._motion = self._motion[count:]
        self._logits = self._logits[before + count - min(self._given, LOOK_AHEAD) :]
        return frames, phones
