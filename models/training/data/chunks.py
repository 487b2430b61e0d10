# SPDX-License-Identifier: GPL-3.0-or-later
"""Chunks for the policy out of windows with sound and motion: what it has done, what it hears, what it should do.

At inference the past is the policy's own doing. In training that of the mouth is mostly the memory's mean, which is
what the policy's own comes near to, and that of the rest mostly the truth. It must be the one or the other: of a
mixture the policy learns to enlarge what it did, and runs away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.policy import CHANNELS, EXECUTED, HORIZON, PAST

PER_WINDOW = 12
TRUE_MOUTH, TRUE_REST = 0.1, 0.85  # shares of chunks whose past is the truth
FIRST = 0.08  # share of chunks that begin a file
PINNED = 0.15  # of the chunks have frames that are given


@dataclass(frozen=True, eq=False)
class Chunks:
    """R chunks; names as in ``Policy.forward`` and ``MotionLoss``."""

    past: Tensor  # (R, 8, 61)
    general: Tensor  # (R, 12, 61)
    local: Tensor  # (R, 12, 128)
    pins: Tensor  # (R, 16, 61)
    pinned: Tensor  # (R, 16, 61)
    motion: Tensor  # (R, 16, 61), the truth
    tracked: Tensor  # (R, 16, 3)
    observed: Tensor  # (R, 16, 61)
    bilabial: Tensor  # (R, 16)
    valid: Tensor  # (R, 16)


def cut(general: Tensor, local: Tensor, answers: tuple[Tensor, ...], rng: np.random.Generator) -> Chunks:
    """Random chunks of a batch of windows.

    Parameters
    ----------
    general, local : Tensor [shape=(B, N, 61) and (B, N, 128)]
    answers : tuple of Tensor
        Motion, tracked distances, observed, bilabial and valid of the windows, see ``teacher.truth``.
    """
    motion, tracked, observed, bilabial, valid = answers
    motion = torch.where(observed > 0, motion, general)  # what was not seen is taken to be the mean, and not learned
    windows, frames, _ = motion.shape
    row = torch.arange(windows).repeat_interleave(PER_WINDOW)
    start = torch.from_numpy(rng.integers(PAST, frames - HORIZON, len(row)))

    def part(x: Tensor, before: int, after: int) -> Tensor:
        return x[row[:, None], start[:, None] + torch.arange(-before, after)]

    future = part(motion, 0, HORIZON)
    pinned = torch.from_numpy(_pinned(len(row), rng))
    return Chunks(
        past=_past(part(motion, PAST, 0), part(general, PAST, EXECUTED), rng),
        general=part(general, PAST, EXECUTED),
        local=part(local, PAST, EXECUTED),
        pins=future,
        pinned=pinned * part(observed, 0, HORIZON),
        motion=future,
        tracked=part(tracked, 0, HORIZON),
        observed=part(observed, 0, HORIZON),
        bilabial=part(bilabial, 0, HORIZON),
        valid=part(valid, 0, HORIZON),
    )


def _past(truth: Tensor, general: Tensor, rng: np.random.Generator) -> Tensor:
    true = rng.random((len(truth), 1, 2)) < (TRUE_MOUTH, TRUE_REST)
    true = torch.from_numpy(true[..., [0 if mouth else 1 for mouth in IS_MOUTH]])  # (R, 1, 61)
    first = torch.from_numpy(rng.random((len(truth), 1, 1)) < FIRST)
    known = torch.where(true, truth, general[:, :PAST])
    return torch.where(first, general[:, PAST : PAST + 1].expand_as(truth), known)


def _pinned(rows: int, rng: np.random.Generator) -> np.ndarray:
    """Nothing for most rows; else from some frame on or for a range, all or some channels [shape=(rows, 16, 61)]."""
    mask = np.zeros((rows, HORIZON, CHANNELS), dtype=np.float32)
    for row in np.flatnonzero(rng.random(rows) < PINNED):
        begin = rng.integers(HORIZON)
        end = HORIZON if rng.random() < 0.7 else rng.integers(begin, HORIZON) + 1
        channels = np.ones(CHANNELS) if rng.random() < 0.6 else rng.random(CHANNELS) < 0.33
        mask[row, begin:end] = channels
    return mask
