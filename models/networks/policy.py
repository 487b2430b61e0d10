# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffusion policy: from noise to the next 16 frames of motion, given the last 8, the sound and frames to be kept.

The observation-action form is Diffusion Policy's (https://arxiv.org/abs/2303.04137), trajectories are relative to the
last frame as in 3DFacePolicy (https://arxiv.org/abs/2409.10848) but not summed up, so that nothing drifts. It is a flow
(https://arxiv.org/abs/2210.02747) that is also told how long a step will be taken, so that one set of weights makes 1,
2 and 4 steps (shortcut models, https://arxiv.org/abs/2410.12557).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.timing import EXECUTED, HORIZON, PAST
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.memory import LOCAL

HEARD = PAST + EXECUTED  # frames whose sound is known when a chunk is made; what comes later is not heard yet
CHANNELS = len(LIVE_LINK)
FINE, COARSE = 160, 256
GLOBAL = 192


class FilmBlock(nn.Module):
    """Two convolutions over time with layer norm per frame; scale and shift come from the global condition."""

    def __init__(self, entering: int, width: int, taps: int, dropout: float) -> None:
        super().__init__()
        self.one = nn.Conv1d(entering, width, taps, padding=taps // 2)
        self.two = nn.Conv1d(width, width, taps, padding=taps // 2)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.film = nn.Linear(GLOBAL, 2 * width)
        self.drop = nn.Dropout(dropout)
        self.skip = nn.Conv1d(entering, width, 1) if entering != width else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """``(B, entering, N)`` to ``(B, width, N)``."""
        scale, shift = self.film(condition)[:, None].chunk(2, dim=-1)
        y = self.norms[0](self.one(x).transpose(1, 2)) * (1 + scale) + shift
        y = self.two(self.drop(functional.gelu(y)).transpose(1, 2))
        y = functional.gelu(self.norms[1](y.transpose(1, 2))).transpose(1, 2)
        return self.skip(x) + y


class Policy(nn.Module):
    """One evaluation of the flow.

    Parameters
    ----------
    scale : Tensor [shape=(61,)]
        Deviation of every channel; the unit of what the network is given.
    reach : Tensor [shape=(16, 61)]
        How far every channel gets from the last frame in 1 to 16 frames, root mean square: the unit of trajectories, so
        that noise is as large as what it stands for.
    """

    def __init__(self, scale: Tensor | None = None, reach: Tensor | None = None, dropout: float = 0.1) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(CHANNELS) if scale is None else scale)
        self.register_buffer("reach", torch.ones(HORIZON, CHANNELS) if reach is None else reach)
        # Jaw and lips are the memory's unless frames are pinned: drawn in turns with their own past they run away.
        self.register_buffer("drawn", torch.tensor([float(not mouth) for mouth in IS_MOUTH]), persistent=False)
        self.enter = nn.Conv1d(4 * CHANNELS + LOCAL + 2, FINE, 1)
        first = nn.Linear(32 + 2 * CHANNELS, GLOBAL)
        self.about = nn.Sequential(first, nn.GELU(), nn.Linear(GLOBAL, GLOBAL), nn.GELU())
        self.down = FilmBlock(FINE, FINE, 3, dropout)
        self.narrow = nn.Conv1d(FINE, COARSE, 4, stride=2, padding=1)
        self.deep = nn.ModuleList([FilmBlock(COARSE, COARSE, 5, dropout) for _ in range(2)])
        self.widen = nn.ConvTranspose1d(COARSE, FINE, 4, stride=2, padding=1)
        self.up = FilmBlock(2 * FINE, FINE, 3, dropout)
        self.leave = nn.Conv1d(FINE, CHANNELS, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(
        self,
        state: Tensor,
        time: Tensor,
        stride: Tensor,
        past: Tensor,
        general: Tensor,
        local: Tensor,
        pins: Tensor,
        pinned: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Velocity of the state, and the motion it is on the way to.

        Parameters
        ----------
        state : Tensor [shape=(B, 16, 61)]
            Between noise (time 0) and the trajectory (time 1), relative to the last frame, in units of ``reach``.
        time, stride : Tensor [shape=(B,)]
            Where the state is, in [0, 1), and how far it will be moved: 1, 1/2 or 1/4.
        past : Tensor [shape=(B, 8, 61)]
            Motion so far.
        general, local : Tensor [shape=(B, 12, 61) and (B, 12, 128)]
            From the memory, of the past frames and of the 4 that will be executed.
        pins, pinned : Tensor [shape=(B, 16, 61)]
            Motion to be kept, and 1 where it is.

        Returns
        -------
        velocity, motion : Tensor [shape=(B, 16, 61)]
        """
        last = past[:, -1:]
        relative = torch.cat([(past - last) / self.scale, state], dim=1)
        behind, ahead = (0, 0, PAST, 0), (0, 0, 0, HORIZON - EXECUTED)
        mean = general - last
        mean = torch.cat([mean, mean[:, -1:].expand(-1, HORIZON - EXECUTED, -1)], dim=1)  # held where nothing is heard
        kept = functional.pad(pinned * (pins - last) / self.reach, behind)
        frame = torch.arange(PAST + HORIZON)
        flags = torch.stack([frame < PAST, frame < HEARD], dim=-1).to(state.dtype).expand(state.shape[0], -1, -1)
        x = [relative, mean / self.scale, functional.pad(local, ahead), kept, functional.pad(pinned, behind), flags]
        about = torch.cat([_waves(time), _waves(stride), last[:, 0] / self.scale, mean[:, PAST] / self.scale], dim=-1)
        about = self.about(about)
        fine = self.down(self.enter(torch.cat(x, dim=-1).transpose(1, 2)), about)
        deep = self.narrow(fine)
        for block in self.deep:
            deep = block(deep, about)
        fine = self.up(torch.cat([self.widen(deep), fine], dim=1), about)
        moved = self.leave(fine).transpose(1, 2)[:, PAST:]
        asked = pinned.amax(dim=(1, 2), keepdim=True)  # 1 where an artist has pinned something
        trajectory = mean[:, PAST:] / self.reach * (1.0 - self.drawn) + moved * torch.maximum(self.drawn, asked)
        velocity = (trajectory - state) / (1.0 - time)[:, None, None]
        return velocity, last + self.reach * trajectory


def _waves(x: Tensor) -> Tensor:
    """A number in [0, 1] as 16 sines and cosines, ``(B,)`` to ``(B, 16)``."""
    angles = x[:, None] * torch.pi * 2.0 ** torch.arange(8) / 2.0
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
