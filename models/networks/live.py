# SPDX-License-Identifier: GPL-3.0-or-later
"""The model for live sound: ears that hear 20 ms ahead, and a memory that hears 40 ms more."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from facewright.inference.core.channels import PHONES
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.memory import LIVE_LAYOUT, Memory


class LiveEars(nn.Module):
    """Ears and memory of the model for live sound."""

    def __init__(self, mean: Tensor | None = None, std: Tensor | None = None) -> None:
        super().__init__()
        self.encoder = Encoder(mean, std)
        self.memory = Memory(feature_dropout=0.0, layout=LIVE_LAYOUT)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mel ``(B, 2N, 80)`` to phone logits, motion not clamped and condition, ``(B, N, 40)``, 61 and 128."""
        features, logits = self.encoder(mel)
        read = self.memory.read(features, logits, torch.ones(len(mel), len(PHONES)))
        return logits, self.memory.leave(read), self.memory.tell(read)
