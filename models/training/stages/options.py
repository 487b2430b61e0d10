# SPDX-License-Identifier: GPL-3.0-or-later
"""What every stage of training of the motion model is told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

Train = Callable[[Path, Path, int, int], None]


def run(train: Train, document: str, steps: int) -> None:
    """Read the command line and train.

    Parameters
    ----------
    train : callable
        Called with the folder of the recordings, the folder of everything made on the way, steps and seed.
    document : str
        The stage's own; its first line is shown by ``--help``.
    steps : int
        When not told otherwise.
    """
    parser = argparse.ArgumentParser(description=document.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="read from and written to")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments.data, arguments.cache, arguments.steps, arguments.seed)
