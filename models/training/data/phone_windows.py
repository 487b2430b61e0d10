# SPDX-License-Identifier: GPL-3.0-or-later
"""Random windows of everything whose phones are known, in fixed shares, as the encoder is trained on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.phone_streams import VARIANTS

WINDOW = 150  # frames, 3 s
# Of the windows. GRID's s1 is one voice, but the accent and words that the motion is learned from; synthetic voices
# have exact phones and speak languages, and phones, that the others lack.
SHARES = {"ocean": 0.45, "grid": 0.2, "synth": 0.35}


class PhoneWindows:
    """Random windows of cached streams of mel and phones."""

    def __init__(self, cache: Path, augment: MelAugment, seed: int, batch: int) -> None:
        names = [f"{source}{variant}" for source in SHARES for variant in range(VARIANTS)]
        self.mel = [np.load(cache / f"{name}.mel.npy", mmap_mode="r") for name in names]
        self.phones = [np.load(cache / f"{name}.phones.npy") for name in names]
        self.share = np.array([SHARES[name.rstrip("0123456789")] / VARIANTS for name in names])
        self.augment = augment
        self.size = batch
        self.rng = np.random.default_rng(seed)

    def batch(self) -> tuple[Tensor, Tensor]:
        """Augmented mel ``(B, 2 WINDOW, 80)`` and phone numbers ``(B, WINDOW)``."""
        mel = np.empty((self.size, 2 * WINDOW, self.mel[0].shape[1]), dtype=np.float32)
        phones = np.empty((self.size, WINDOW), dtype=np.int64)
        for k, stream in enumerate(self.rng.choice(len(self.mel), size=self.size, p=self.share)):
            start = self.rng.integers(len(self.phones[stream]) - WINDOW)
            mel[k] = self.mel[stream][2 * start : 2 * (start + WINDOW)]
            phones[k] = self.phones[stream][start : start + WINDOW]
        return torch.from_numpy(self.augment(mel)), torch.from_numpy(phones)


def statistics(cache: Path) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the log-mel, the same for all bands' deviation so that tilt stays comparable."""
    mel = np.load(cache / "ocean0.mel.npy", mmap_mode="r")[::50].astype(np.float32)
    return torch.from_numpy(mel.mean(axis=0)), torch.full((mel.shape[1],), float(mel.std()))
