# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose motion it is: what differs from person to person, and is not to be learned as what speech does to a face."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from facewright.inference.core.channels import LIVE_LINK
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.memory import HIDDEN, Memory
from facewright.models.training.data.motion_streams import PEOPLE

ALIKE = 0.02  # weight of the squares of the logarithms of sizes
ARTIST = PEOPLE.index("facegood")


class People(nn.Module):
    """From what the memory reads to the motion of each person of ``PEOPLE``.

    The mouth of everybody who was tracked is the memory's own, times factors for jaw and lips that are 1 on the whole.
    An artist's curves mean something else by the same names: they have a layer of their own, so that what is learned
    of speech from them is kept, and their rig is not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.logarithms = nn.Parameter(torch.zeros(len(PEOPLE), 2))
        self.artist = nn.Linear(HIDDEN, len(LIVE_LINK))
        nn.init.zeros_(self.artist.weight)
        nn.init.zeros_(self.artist.bias)
        jaw = torch.tensor([float(name.startswith("jaw")) for name in LIVE_LINK])
        lips = torch.tensor([float(mouth) for mouth in IS_MOUTH]) * (1 - jaw)
        self.register_buffer("where", torch.stack([jaw, lips]))

    def forward(self, memory: Memory, read: Tensor, people: Tensor) -> Tensor:
        """Motion ``(B, N, 61)`` of these people ``(B,)``, weights not clamped, from ``Memory.read`` ``(B, N, 256)``."""
        sizes = torch.exp(self._sizes()[people] @ self.where)[:, None]
        drawn = (people == ARTIST)[:, None, None]
        return torch.where(drawn, self.artist(read), memory.leave(read) * sizes)

    def cost(self) -> Tensor:
        """What differences of size cost, so that few clips do not make a giant."""
        return ALIKE * (self.logarithms**2).sum()

    def told(self) -> str:
        """The factors in words."""
        found = torch.exp(self._sizes()).tolist()
        rows = [(name, *sizes) for name, sizes in zip(PEOPLE, found, strict=True) if PEOPLE.index(name) != ARTIST]
        return ", ".join(f"{name} {jaw:.2f} {lips:.2f}" for name, jaw, lips in rows)

    def _sizes(self) -> Tensor:
        return self.logarithms - self.logarithms[:ARTIST].mean(dim=0)


def load(cache: Path, width: int) -> tuple[Memory, People]:
    """The memory that ``train_memory`` left in `cache`, for ears of this width, and its people; both frozen."""
    saved = torch.load(cache / "memory.pt", weights_only=True)
    memory, people = Memory(width=width), People()
    memory.load_state_dict(saved["memory"]), people.load_state_dict(saved["people"])
    return memory.eval().requires_grad_(False), people.requires_grad_(False)
