# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``--device``, and the model on what it names."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..devices.processor import device_names
from .progress import say

if TYPE_CHECKING:
    from ..policy.predictor import Predictor


def add_device(command: argparse.ArgumentParser) -> None:
    """Give a command the choice of a processor."""
    command.add_argument(
        "--device", choices=device_names(), default="auto", help="what runs the model (default: cuda where it works)"
    )


def predictor_of(options: argparse.Namespace) -> Predictor:
    """The model on the chosen device; says so where a graphics card should do it and cannot."""
    from ..policy.predictor import load_predictor

    predictor = load_predictor(device=options.device)
    if predictor.doubt:
        say(options, f"Not on the graphics card: {predictor.doubt}")
    return predictor
