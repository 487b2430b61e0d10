# SPDX-License-Identifier: GPL-3.0-or-later
"""Ears for files: a transformer over a log-mel, 50 frames per second, that hears everything before and after.

The form is that of Whisper's encoder (https://arxiv.org/abs/2212.04356): two convolutions, fixed sinusoids for places,
blocks of self-attention with the norm before. Early blocks know of lips, later ones of words, so a few are enough.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.channels import PHONES

HEAD = 64  # channels of an attention head
LONGEST = 1500  # frames, 30 s


class Block(nn.Module):
    """Self-attention and a feed-forward net, each beside the straight way."""

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = width // HEAD
        self.before = nn.LayerNorm(width)
        self.attend = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, N, width)`` to the same."""
        batch, frames, width = x.shape
        asked = self.attend(self.before(x)).view(batch, frames, 3, self.heads, HEAD).permute(2, 0, 3, 1, 4)
        heard = functional.scaled_dot_product_attention(*asked).transpose(1, 2).reshape(batch, frames, width)
        x = x + self.drop(self.leave(heard))
        return x + self.drop(self.narrow(functional.gelu(self.widen(self.between(x)))))


class Ears(nn.Module):
    """Log-mel to features.

    Parameters
    ----------
    width : int
        Channels, a multiple of 64.
    blocks : int
    dropout : float
    mean, std : Tensor [shape=(80,)], optional
        What the log-mel is brought to 0 and 1 with, band by band; part of the saved model.
    """

    def __init__(
        self,
        width: int = 384,
        blocks: int = 2,
        dropout: float = 0.0,
        mean: Tensor | None = None,
        std: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(BANDS) if mean is None else mean)
        self.register_buffer("std", torch.ones(BANDS) if std is None else std)
        self.first = nn.Conv1d(BANDS, width, 3, padding=1)
        self.second = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block(width, dropout) for _ in range(blocks))
        self.register_buffer("places", sinusoids(LONGEST, width), persistent=False)

    def forward(self, mel: Tensor) -> Tensor:
        """Mel ``(B, 2N, 80)`` to features ``(B, N, width)``; at most 30 s."""
        return self.all(mel)[-1]

    def all(self, mel: Tensor) -> list[Tensor]:
        """What the convolutions hear, then what each block does, all ``(B, N, width)``."""
        x = functional.gelu(self.first(((mel - self.mean) / self.std).transpose(1, 2)))
        x = functional.gelu(self.second(x)).transpose(1, 2)
        heard = [x := x + self.places[: x.shape[1]]]
        heard += [x := block(x) for block in self.blocks]
        return heard


class PhoneEars(nn.Module):
    """Ears that also name phones, as everything that is built on them wants to know them.

    Parameters
    ----------
    ears : Ears

    Attributes
    ----------
    width : int
        Of the features.
    """

    def __init__(self, ears: Ears) -> None:
        super().__init__()
        self.ears = ears
        self.width = len(ears.first.bias)
        self.norm = nn.LayerNorm(self.width)
        self.phones = nn.Linear(self.width, len(PHONES))

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Mel ``(B, 2N, 80)`` to features ``(B, N, width)`` and phone logits ``(B, N, 40)``; at most 30 s."""
        features = self.norm(self.ears(mel))
        return features, self.phones(features)


def sinusoids(frames: int, width: int) -> Tensor:
    """Places in time: sines, then cosines, of wavelengths from 2 pi to 20,000 pi frames [shape=(frames, width)]."""
    rates = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(frames)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def load_ears(path: Path) -> PhoneEars:
    """The moving average of what ``train_ears`` saved, for use."""
    average = torch.load(path, weights_only=True)["average"]
    weights = {name.removeprefix("module."): value for name, value in average.items() if name.startswith("module.")}
    blocks = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("ears.blocks."))
    ears = PhoneEars(Ears(len(weights["ears.first.bias"]), blocks))
    ears.load_state_dict(weights)
    return ears.eval().requires_grad_(False)
