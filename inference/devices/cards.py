# SPDX-License-Identifier: GPL-3.0-or-later
"""The graphics cards of NVIDIA in this computer, for those who share them out among processes."""

from __future__ import annotations

import os
import subprocess

# What CUDA looks at before it counts cards
# (https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables).
CHOICE = "CUDA_VISIBLE_DEVICES"

_COMMAND = ("nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader")  # comes with the driver
_PATIENCE = 20.0  # seconds; a driver that has slept takes a moment


def visible_cards() -> tuple[str, ...]:
    """The cards that CUDA may use, each as ``CUDA_VISIBLE_DEVICES`` names it; none where there is no driver."""
    named = os.environ.get(CHOICE)
    if named is not None:
        return tuple(one.strip() for one in named.split(",") if one.strip())
    try:
        given = {"capture_output": True, "text": True, "check": True, "timeout": _PATIENCE}
        listed = subprocess.run(_COMMAND, **given)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in listed.stdout.splitlines() if line.strip().startswith("GPU-"))
