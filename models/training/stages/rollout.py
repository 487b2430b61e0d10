# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy's loop over chunks in torch, many clips at once, to look at held-out clips while it trains.

What users run is ``inference/policy/sampler.py``; this follows it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from facewright.inference.core.channels import ARKIT
from facewright.inference.core.timing import PAST
from facewright.models.networks.policy import CHANNELS, EXECUTED, HORIZON, Policy


@torch.no_grad()
def roll(policy: Policy, general: Tensor, local: Tensor, temperature: Tensor, steps: int, seed: int) -> Tensor:
    """Motion ``(B, N, 61)`` of clips of equal length.

    Parameters
    ----------
    general, local : Tensor [shape=(B, N, 61) and (B, N, 128)]
        From the memory.
    temperature : Tensor [shape=(61,)]
        Deviation of the noise: 0 gives the mean of what could be, 1 a sample of it.
    steps : int
        1, 2 or 4.
    """
    clips, frames, _ = general.shape
    random = torch.Generator().manual_seed(seed)
    ahead = -frames % EXECUTED + HORIZON - EXECUTED
    general = torch.cat([general[:, :1].expand(-1, PAST, -1), general, general[:, -1:].expand(-1, ahead, -1)], dim=1)
    local = torch.cat([local[:, :1].expand(-1, PAST, -1), local, local[:, -1:].expand(-1, ahead, -1)], dim=1)
    motion = general[:, :PAST]
    free = torch.zeros(clips, HORIZON, CHANNELS)
    for begin in range(0, frames, EXECUTED):
        state = temperature * torch.randn(clips, HORIZON, CHANNELS, generator=random)
        heard = slice(begin, begin + PAST + HORIZON)
        given = motion[:, -PAST:], general[:, heard], local[:, heard], free, free
        for k in range(steps):
            velocity, made = policy(state, *(torch.full((clips,), x / steps) for x in (k, 1)), *given)
            state = state + velocity / steps
        made = made[:, :EXECUTED]
        made = torch.cat([made[..., : len(ARKIT)].clamp(0.0, 1.0), made[..., len(ARKIT) :]], dim=-1)
        motion = torch.cat([motion, made], dim=1)
    return motion[:, PAST : PAST + frames]
