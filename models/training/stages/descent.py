# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of any training: how far, down, and into the moving average that is kept."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

KEPT = 0.998  # of the moving average in every step, once it is settled


def rate(step: int, steps: int, warm: int) -> float:
    """Share of the highest learning rate in a step: up over the `warm` first ones, then down to 0 by a cosine."""
    return float(min(step / warm, 1.0) * 0.5 * (1 + np.cos(np.pi * step / steps)))


def descend(optimiser: torch.optim.Optimizer, loss: Tensor, largest: float = np.inf) -> None:
    """One step down the gradient of `loss`, which is shortened to `largest`."""
    optimiser.zero_grad()
    loss.backward()
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    torch.nn.utils.clip_grad_norm_(weights, largest)
    optimiser.step()


def average_into(average: torch.nn.Module, now: torch.nn.Module, step: int) -> None:
    """Moving average of the weights, exponential but for the first steps, which it forgets sooner."""
    keep = min(KEPT, step / (step + 20))
    for mean, weight in zip(average.parameters(), now.parameters(), strict=True):
        mean.data.lerp_(weight.data, 1 - keep)
