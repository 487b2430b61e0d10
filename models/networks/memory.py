# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion memory: one slot per phone, read by what the encoder hears, and how all of it moves a face on the whole.

After MemoryTalker (https://arxiv.org/abs/2507.20562): the address is a sharpened softmax of phone logits, so that a
slot is a phone, can be shown to an artist and be turned up and down; a style is one gain per slot.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from facewright.inference.core.channels import ARKIT, LIVE_LINK, PHONES
from facewright.models.networks.blocks import ChannelDropout, DilatedBlock, context
from facewright.models.networks.encoder import WIDTH

HIDDEN = 256
SLOT = 96
LOCAL = 128
KAPPA = 1.5  # sharper than the posteriors, soft enough that doubt between two phones stays a mouth between two
# (dilation, looks ahead): 8 frames = 160 ms to either side, and for live sound 2 frames = 40 ms to the right
LAYOUT = ((1, True), (2, True), (4, True), (1, True))
LIVE_LAYOUT = ((1, True), (1, True), (2, False), (4, False))


def clamped(motion: Tensor) -> Tensor:
    """Motion ``(..., 61)`` with weights in [0, 1]."""
    weights, rotations = motion[..., : len(ARKIT)], motion[..., len(ARKIT) :]
    return torch.cat([weights.clamp(0.0, 1.0), rotations], dim=-1)


class Memory(nn.Module):
    """Mean motion given sound and style, and what the policy is told of both; starts at rest.

    `width` is that of the features it is given, `layout` the dilations of its blocks and whether they look ahead.
    """

    def __init__(
        self,
        dropout: float = 0.1,
        feature_dropout: float = 0.5,
        width: int = WIDTH,
        layout: tuple[tuple[int, bool], ...] = LAYOUT,
    ) -> None:
        super().__init__()
        self.drop = ChannelDropout(feature_dropout)
        self.slots = nn.Parameter(torch.randn(len(PHONES), SLOT) * 0.3)
        self.enter = nn.Linear(width + SLOT, HIDDEN)
        self.blocks = nn.Sequential(*[DilatedBlock(HIDDEN, d, ahead, dropout) for d, ahead in layout])
        self.norm = nn.LayerNorm(HIDDEN)
        self.leave = nn.Linear(HIDDEN, len(LIVE_LINK))
        self.tell = nn.Linear(HIDDEN, LOCAL)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, features: Tensor, phone_logits: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Mean motion ``(B, N, 61)`` and condition ``(B, N, 128)``.

        Parameters
        ----------
        features, phone_logits : Tensor [shape=(B, N, width) and (B, N, 40)]
        style : Tensor [shape=(B, 40)]
            Gain of every slot; 1 is neutral.
        """
        x = self.read(features, phone_logits, style)
        return clamped(self.leave(x)), self.tell(x)

    def read(self, features: Tensor, phone_logits: Tensor, style: Tensor) -> Tensor:
        """What `leave` makes motion of, and `tell` the condition ``(B, N, 256)``; arguments as for `forward`."""
        address = torch.softmax(KAPPA * phone_logits, dim=-1)
        retrieved = (address * style[:, None]) @ self.slots
        return self.norm(self.blocks(self.enter(torch.cat([self.drop(features), retrieved], dim=-1))))

    def context(self) -> tuple[int, int]:
        """Frames before and after that can change an output frame."""
        return context(self.blocks)
