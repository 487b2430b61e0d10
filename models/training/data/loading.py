# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches made while the network computes.

One process makes them, in order, so that a seed still gives one training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch.utils.data import DataLoader, IterableDataset

Batch = TypeVar("Batch")
WAITING = 3  # batches made in advance


class Endless(IterableDataset[Batch]):
    """What a function returns, again and again."""

    def __init__(self, make: Callable[[], Batch]) -> None:
        self.make = make

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self.make()


def batches(make: Callable[[], Batch]) -> DataLoader[Batch]:
    """What `make` returns, without end; what it raises is raised here.

    `make` runs in a process of its own, on a copy of what it holds.
    """
    apart = torch.Generator()  # else the loader would draw from the generator that makes weights and dropout
    return DataLoader(Endless(make), batch_size=None, num_workers=1, prefetch_factor=WAITING, generator=apart)
