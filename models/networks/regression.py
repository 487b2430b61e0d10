# SPDX-License-Identifier: GPL-3.0-or-later
"""Regression head: features and phone posteriors to the 61 Live Link channels, frame by frame."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from facewright.inference.channels import ARKIT, LIVE_LINK, PHONES
from facewright.models.networks.blocks import ChannelDropout, DilatedBlock, context
from facewright.models.networks.encoder import WIDTH

HIDDEN = 192
# (dilation, looks ahead): 3 frames = 60 ms to the right, 11 to the left.
LAYOUT = ((1, True), (2, True), (4, False))


class RegressionHead(nn.Module):
    """Mean motion given the sound; starts at rest."""

    def __init__(self, dropout: float = 0.1, feature_dropout: float = 0.5) -> None:
        super().__init__()
        self.drop = ChannelDropout(feature_dropout)
        self.enter = nn.Linear(WIDTH + len(PHONES), HIDDEN)
        self.blocks = nn.Sequential(*[DilatedBlock(HIDDEN, d, ahead, dropout) for d, ahead in LAYOUT])
        self.norm = nn.LayerNorm(HIDDEN)
        self.leave = nn.Linear(HIDDEN, len(LIVE_LINK))
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, features: Tensor, phone_logits: Tensor) -> Tensor:
        """Features ``(B, N, 256)`` and logits ``(B, N, 40)`` to motion ``(B, N, 61)``."""
        x = torch.cat([self.drop(features), torch.softmax(phone_logits, dim=-1)], dim=-1)
        motion = self.leave(self.norm(self.blocks(self.enter(x))))
        if self.training:
            return motion  # the loss clamps, and lets gradients through
        weights, rotations = motion[..., : len(ARKIT)], motion[..., len(ARKIT) :]
        return torch.cat([weights.clamp(0.0, 1.0), rotations], dim=-1)

    def context(self) -> tuple[int, int]:
        """Frames before and after that can change an output frame."""
        return context(self.blocks)
