# SPDX-License-Identifier: GPL-3.0-or-later
"""The model for live sound: ears that hear 20 ms ahead, and a memory that hears 40 ms more."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.audio.mel import BANDS
from facewright.inference.core.channels import PHONES
from facewright.models.networks.blocks import Streamed
from facewright.models.networks.encoder import STEM, WIDTH, Encoder
from facewright.models.networks.memory import KAPPA, LIVE_LAYOUT, Memory, clamped

BEFORE = 3  # rows of mel before those of a frame that it is made of


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


class StreamedEncoder(nn.Module):
    """The encoder, sound by sound: what is exported. A whole sound at once is its first part and its last."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder, self.blocks = encoder, Streamed(encoder.blocks)
        self.held = 1 + sum(self.blocks.sizes)

    def forward(self, mel: Tensor, state: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features, logits and the state after them; arguments as for `DilatedBlock.stream`, mel ``(1, 2n, 80)``.

        The first row of the state ``(1, held, 256)`` holds what came before in the mel.
        """
        frames = mel.shape[1] // 2
        before = state[:, :1, : BEFORE * BANDS].reshape(1, BEFORE, BANDS)
        x = torch.cat([before, (mel - self.encoder.mean) / self.encoder.std], dim=1)  # (1, 3 + 2n, 80)
        taps = torch.cat([x[:, k : k + 2 * frames : 2] for k in range(STEM)], dim=-1)
        kept = functional.pad(x[:, -BEFORE:].reshape(1, 1, BEFORE * BANDS), (0, WIDTH - BEFORE * BANDS))
        heard, after = self.blocks(self.encoder.stem(taps), state[:, 1:], first, last)
        features = self.encoder.norm(heard)
        return features, self.encoder.phones(features), torch.cat([kept, after], dim=1)


class StreamedMemory(nn.Module):
    """The memory, part by part: what is exported."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory, self.blocks = memory, Streamed(memory.blocks)
        self.held = sum(self.blocks.sizes)

    def forward(
        self, features: Tensor, phone_logits: Tensor, style: Tensor, state: Tensor, first: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Mean motion, condition and the state after them; arguments as for `Memory` and `DilatedBlock.stream`."""
        address = torch.softmax(KAPPA * phone_logits, dim=-1)
        retrieved = (address * style[:, None]) @ self.memory.slots
        entered = self.memory.enter(torch.cat([features, retrieved], dim=-1))
        heard, after = self.blocks(entered, state, first, last)
        read = self.memory.norm(heard)
        return clamped(self.memory.leave(read)), self.memory.tell(read), after
