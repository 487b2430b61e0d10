# SPDX-License-Identifier: GPL-3.0-or-later
"""Style encoder: how a voice sounds, to how strongly each slot of the motion memory speaks.

The second stage of MemoryTalker (https://arxiv.org/abs/2507.20562), which trains it with everything else frozen.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.channels import PHONES

WIDTH = 96


class StyleEncoder(nn.Module):
    """Strided convolutions over log-mel, weighted mean over time; starts neutral."""

    def __init__(self, mean: Tensor | None = None, std: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BANDS) if mean is None else mean)
        self.register_buffer("std", torch.ones(BANDS) if std is None else std)
        self.first = nn.Conv1d(BANDS, WIDTH, 5, stride=2, padding=2)
        self.second = nn.Conv1d(WIDTH, WIDTH, 5, stride=2, padding=2)
        self.heard = nn.Conv1d(WIDTH, 1, 1)  # how much a moment tells: silence tells nothing
        self.gains = nn.Linear(2 * WIDTH, len(PHONES))
        nn.init.zeros_(self.gains.weight)
        nn.init.zeros_(self.gains.bias)

    def forward(self, mel: Tensor) -> Tensor:
        """Mel ``(B, 2N, 80)`` to gains ``(B, 40)`` in (0, 2)."""
        x = ((mel - self.mean) / self.std).transpose(1, 2)
        x = functional.gelu(self.first(x))
        x = functional.gelu(self.second(x))  # (B, 96, N / 2)
        weight = torch.softmax(self.heard(x), dim=-1)
        mean = (x * weight).sum(-1)
        spread = ((x - mean[..., None]) ** 2 * weight).sum(-1).clamp_min(1e-6).sqrt()
        return 2.0 * torch.sigmoid(self.gains(torch.cat([mean, spread], dim=-1)))
