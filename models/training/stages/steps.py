# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of any training: how far, down, and into the moving average that is kept."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

Lesson = TypeVar("Lesson")
KEPT = 0.998  # of the moving average in every step, once it is settled
MEASURED = 10  # steps from which it is told how long all will take
SETTLING = 20  # steps; the average of the first ones is shorter, and so forgets the random weights


def rate(step: int, steps: int, warm: int) -> float:
    """Share of the highest learning rate in a step: up over the `warm` first ones, then down to 0 by a cosine."""
    return min(step / warm, 1.0) * 0.5 * (1 + math.cos(math.pi * step / steps))


def schedule(optimiser: torch.optim.Optimizer, steps: int, warm: int) -> LambdaLR:
    """`rate` for every step, from 1; the highest rates are those that the optimiser was made with."""
    return LambdaLR(optimiser, lambda done: rate(done + 1, steps, warm))


def descend(optimiser: torch.optim.Optimizer, loss: Tensor, largest: float = math.inf) -> None:
    """One step down the gradient of `loss`, which is shortened to `largest`."""
    optimiser.zero_grad()
    loss.backward()
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    nn.utils.clip_grad_norm_(weights, largest)
    optimiser.step()


def mixed() -> torch.autocast:
    """The context of a step forward: bfloat16 where this processor is faster with it, as those with AMX are.

    Without the instructions for it (AVX2 alone) PyTorch takes ten times as long as in float32.
    """
    return torch.autocast("cpu", torch.bfloat16, enabled=_halves_pay())


@cache
def _halves_pay() -> bool:
    def seconds(kind: torch.dtype) -> float:
        x, weight = torch.ones(512, 512, dtype=kind), torch.ones(512, 512, dtype=kind)
        x @ weight  # the first makes things ready
        begin = time.perf_counter()
        for _ in range(5):
            x @ weight
        return time.perf_counter() - begin

    return seconds(torch.bfloat16) < seconds(torch.float32)


def paced(lessons: Iterable[Lesson], steps: int, done: int = 0) -> Iterator[tuple[int, Lesson]]:
    """The lessons of a training with the numbers of their steps, from `done` + 1 to `steps`.

    After ten steps it prints how long one takes, and so all that are left.
    """
    begin = time.monotonic()
    for step, lesson in zip(range(done + 1, steps + 1), lessons, strict=False):
        if step == done + MEASURED + 1:
            took = (time.monotonic() - begin) / MEASURED
            left = took * (steps - step) / 60
            print(f"{took:.2f} s a step; {steps - step} steps are left, about {left:.0f} min", flush=True)
        yield step, lesson


def averaged(network: nn.Module) -> AveragedModel:
    """The moving average of a network's weights, exponential but for the first steps, which it forgets sooner.

    ``update_parameters(network)`` after every step; the average itself is its ``module``.
    """

    def average(means: list[Tensor], weights: list[Tensor], step: Tensor | int) -> None:
        kept = min(KEPT, int(step) / (int(step) + SETTLING))
        get_ema_multi_avg_fn(kept)(means, weights, step)

    made = AveragedModel(network, multi_avg_fn=average)
    made.update_parameters(network)  # the first is a copy: the weights before step 1
    return made
