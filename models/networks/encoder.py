# SPDX-License-Identifier: GPL-3.0-or-later
"""Ears for live sound: log-mel to features and phone logits, 50 frames per second, 20 ms ahead and no more."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.channels import PHONES
from facewright.models.networks.blocks import DilatedBlock, context

WIDTH = 256
STEM = 5  # mel frames that make one feature frame: 2k - 3 .. 2k + 1
# (dilation, looks ahead): 1 frame = 20 ms to the right, 75 to the left
LAYOUT = (
    (1, True), (1, False), (2, False), (4, False),
    (1, False), (2, False), (4, False), (8, False),
    (1, False), (2, False), (4, False), (8, False),
)  # fmt: skip


class Encoder(nn.Module):
    """Dilated convolutions with layer norm per frame; no statistics over time.

    Parameters
    ----------
    mean, std : Tensor [shape=(80,)]
        Of the training set's log-mel; part of the saved model.
    """

    def __init__(self, mean: Tensor | None = None, std: Tensor | None = None, dropout: float = 0.1) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BANDS) if mean is None else mean)
        self.register_buffer("std", torch.ones(BANDS) if std is None else std)
        self.stem = nn.Linear(STEM * BANDS, WIDTH)
        self.blocks = nn.Sequential(*[DilatedBlock(WIDTH, d, ahead, dropout) for d, ahead in LAYOUT])
        self.norm = nn.LayerNorm(WIDTH)
        self.phones = nn.Linear(WIDTH, len(PHONES))

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Mel ``(B, 2N, 80)`` to features ``(B, N, 256)`` and phone logits ``(B, N, 40)``."""
        frames = mel.shape[1] // 2
        x = functional.pad((mel - self.mean) / self.std, (0, 0, 3, 1))  # (B, 2N + 4, 80)
        x = torch.cat([x[:, k : k + 2 * frames : 2] for k in range(STEM)], dim=-1)  # (B, N, 400)
        features = self.norm(self.blocks(self.stem(x)))
        return features, self.phones(features)

    def context(self) -> tuple[int, int]:
        """Motion frames before and after that can change an output frame; mel frames 2k and 2k + 1 are of frame k."""
        left, right = context(self.blocks)
        return left + 2, right
