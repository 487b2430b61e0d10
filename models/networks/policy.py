# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffusion policy: from noise to the next 64 frames of motion, given the last 8, the sound and frames to be kept.

The observation-action form is Diffusion Policy's (https://arxiv.org/abs/2303.04137): of what is drawn the first 48
frames are executed. Trajectories are relative, as in 3DFacePolicy (https://arxiv.org/abs/2409.10848), to what the
memory expects in each frame, so that nothing drifts. It is a flow (https://arxiv.org/abs/2210.02747) that is also told
how long a step will be taken, so that one set of weights makes 1, 2 and 4 steps (shortcut models,
https://arxiv.org/abs/2410.12557).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.timing import PAST
from facewright.models.networks.memory import LOCAL

HORIZON, EXECUTED = 64, 48  # frames that are drawn, and those of them that are kept
CHANNELS = len(LIVE_LINK)
FINE, COARSE = 128, 192
GLOBAL = 128


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
        Deviation of every channel; the unit of what the network is given of the memory.
    spread : Tensor [shape=(61,)]
        How far every channel is from what the memory expects, root mean square: the unit of trajectories, so that noise
        is as large as what it stands for.
    """

    def __init__(self, scale: Tensor | None = None, spread: Tensor | None = None, dropout: float = 0.1) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(CHANNELS) if scale is None else scale)
        self.register_buffer("spread", torch.ones(CHANNELS) if spread is None else spread)
        self.enter = nn.Conv1d(4 * CHANNELS + LOCAL + 1, FINE, 1)
        first = nn.Linear(32 + 2 * CHANNELS, GLOBAL)
        self.about = nn.Sequential(first, nn.GELU(), nn.Linear(GLOBAL, GLOBAL), nn.GELU())
        self.down = FilmBlock(FINE, FINE, 3, dropout)
        self.narrow = nn.Conv1d(FINE, COARSE, 4, stride=2, padding=1)
        self.narrower = nn.Conv1d(COARSE, COARSE, 4, stride=2, padding=1)
        self.deep = nn.ModuleList([FilmBlock(COARSE, COARSE, 5, dropout) for _ in range(2)])
        self.wide = nn.ConvTranspose1d(COARSE, COARSE, 4, stride=2, padding=1)
        self.join = FilmBlock(2 * COARSE, COARSE, 3, dropout)
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
        state : Tensor [shape=(B, 64, 61)]
            Between noise (time 0) and the trajectory (time 1), relative to the memory's motion, in units of ``spread``.
        time, stride : Tensor [shape=(B,)]
            Where the state is, in [0, 1), and how far it will be moved: 1, 1/2 or 1/4.
        past : Tensor [shape=(B, 8, 61)]
            Motion so far.
        general, local : Tensor [shape=(B, 72, 61) and (B, 72, 128)]
            From the memory, of the past frames and of those that are drawn.
        pins, pinned : Tensor [shape=(B, 64, 61)]
            Motion to be kept, and 1 where it is.

        Returns
        -------
        velocity, motion : Tensor [shape=(B, 64, 61)]
        """
        been, coming = general[:, :PAST], general[:, PAST:]
        missed = (past - been) / self.spread
        kept = pinned * (pins - coming) / self.spread
        behind = (0, 0, PAST, 0)
        known = (torch.arange(PAST + HORIZON) < PAST).to(state.dtype)[:, None].expand(state.shape[0], -1, 1)
        x = [torch.cat([missed, state], dim=1), general / self.scale, local]
        x += [functional.pad(kept, behind), functional.pad(pinned, behind), known]
        about = torch.cat([_waves(time), _waves(stride), missed[:, -1], general[:, PAST] / self.scale], dim=-1)
        about = self.about(about)
        fine = self.down(self.enter(torch.cat(x, dim=-1).transpose(1, 2)), about)
        coarse = self.narrow(fine)
        deep = self.narrower(coarse)
        for block in self.deep:
            deep = block(deep, about)
        coarse = self.join(torch.cat([self.wide(deep), coarse], dim=1), about)
        fine = self.up(torch.cat([self.widen(coarse), fine], dim=1), about)
        trajectory = self.leave(fine).transpose(1, 2)[:, PAST:]
        return (trajectory - state) / (1.0 - time)[:, None, None], coming + self.spread * trajectory


def _waves(x: Tensor) -> Tensor:
    """A number in [0, 1] as 16 sines and cosines, ``(B,)`` to ``(B, 16)``."""
    angles = x[:, None] * torch.pi * 2.0 ** torch.arange(8) / 2.0
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
