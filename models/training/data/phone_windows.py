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
    """Random windows of cached streams of mel and phones.

    Parameters
    ----------
    cache : Path
    augment : MelAugment
    seed : int
    batch : int
        Windows in a batch.
    shares : dict of str to float
        Of the windows, by source.
    lengths : tuple of int
        Frames of a window; one is drawn for each batch, and the number of its windows so that it lasts as long.
    """

    def __init__(
        self,
        cache: Path,
        augment: MelAugment,
        seed: int,
        batch: int,
        shares: dict[str, float] = SHARES,
        lengths: tuple[int, ...] = (WINDOW,),
    ) -> None:
        names = [f"{source}{variant}" for source in shares for variant in range(VARIANTS)]
        self.mel = [np.load(cache / f"{name}.mel.npy", mmap_mode="r") for name in names]
        self.phones = [np.load(cache / f"{name}.phones.npy") for name in names]
        taught = [cache / f"{name}.taught.npy" for name in names]
        self.taught = [np.load(path, mmap_mode="r") if path.exists() else None for path in taught]
        self.share = np.array([shares[name.rstrip("0123456789")] / VARIANTS for name in names])
        self.augment = augment
        self.size, self.lengths = batch, lengths
        self.rng = np.random.default_rng(seed)

    def batch(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Augmented mel ``(B, 2 frames, 80)`` and phone numbers ``(B, frames)``; what a teacher hears
        ``(T, frames, 512)`` in those of the windows ``(T,)`` where it was asked (`stages.hear_teacher`).
        """
        frames = int(self.rng.choice(self.lengths))
        size = self.size * self.lengths[0] // frames
        mel = np.empty((size, 2 * frames, self.mel[0].shape[1]), dtype=np.float32)
        phones = np.empty((size, frames), dtype=np.int64)
        asked, heard = [], [np.zeros((0, frames, 512), np.float16)]
        for k, stream in enumerate(self.rng.choice(len(self.mel), size=size, p=self.share)):
            start = self.rng.integers(len(self.phones[stream]) - frames)
            mel[k] = self.mel[stream][2 * start : 2 * (start + frames)]
            phones[k] = self.phones[stream][start : start + frames]
            if (taught := self.taught[stream]) is not None:
                asked.append(k)
                heard.append(taught[None, start : start + frames])
        taught = torch.from_numpy(np.concatenate(heard).astype(np.float32))
        return torch.from_numpy(self.augment(mel)), torch.from_numpy(phones), taught, torch.tensor(asked).long()


def statistics(cache: Path) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the log-mel, the same for all bands' deviation so that tilt stays comparable."""
    mel = np.load(cache / "ocean0.mel.npy", mmap_mode="r")[::50].astype(np.float32)
    return torch.from_numpy(mel.mean(axis=0)), torch.full((mel.shape[1],), float(mel.std()))
