# SPDX-License-Identifier: GPL-3.0-or-later
"""Chunks for the policy out of windows with sound and motion: what it has done, what it hears, what it should do.

At inference the past is the policy's own doing, of any temperature: in training it is the truth, or what the memory
expects, or something between them, for mouth and rest apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facewright.inference.core.timing import PAST
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.policy import CHANNELS, HORIZON

PER_WINDOW = 4
TRUE = 0.7  # share of chunks whose past is the truth; in the others it is nearer to what the memory expects
FIRST = 0.1  # share of chunks that begin a file
PINNED = 0.15  # of the chunks have frames that are given


@dataclass(frozen=True, eq=False)
class Chunks:
    """R chunks; names as in ``Policy.forward`` and ``MotionLoss``."""

    past: Tensor  # (R, 8, 61)
    general: Tensor  # (R, 72, 61)
    local: Tensor  # (R, 72, 128)
    pins: Tensor  # (R, 64, 61)
    pinned: Tensor  # (R, 64, 61)
    motion: Tensor  # (R, 64, 61), the truth
    observed: Tensor  # (R, 64, 61)
    valid: Tensor  # (R, 64)


def cut(general: Tensor, local: Tensor, answers: tuple[Tensor, ...], rng: np.random.Generator) -> Chunks:
    """Random chunks of a batch of windows.

    Parameters
    ----------
    general, local : Tensor [shape=(B, N, 61) and (B, N, 128)]
    answers : tuple of Tensor
        Motion, tracked distances, observed, bilabial and valid of the windows, see ``windows.truth``.
    """
    motion, _, observed, _, valid = answers
    motion = torch.where(observed > 0, motion, general)  # what was not seen is taken to be the mean, and not learned
    windows, frames, _ = motion.shape
    row = torch.arange(windows).repeat_interleave(PER_WINDOW)
    start = torch.from_numpy(rng.integers(PAST, frames - HORIZON, len(row)))

    def part(x: Tensor, before: int, after: int) -> Tensor:
        return x[row[:, None], start[:, None] + torch.arange(-before, after)]

    future = part(motion, 0, HORIZON)
    pinned = torch.from_numpy(_pinned(len(row), rng))
    expected, heard = part(general, PAST, HORIZON), part(local, PAST, HORIZON)
    first = torch.from_numpy(rng.random((len(row), 1, 1)) < FIRST)
    begun = torch.arange(PAST + HORIZON)[None, :, None] < PAST  # before a file the face is as at its first moment
    expected = torch.where(first & begun, expected[:, PAST : PAST + 1], expected)
    heard = torch.where(first & begun, heard[:, PAST : PAST + 1], heard)
    past = _past(part(motion, PAST, 0), expected[:, :PAST], rng)
    return Chunks(
        past=torch.where(first, expected[:, :PAST], past),
        general=expected,
        local=heard,
        pins=future,
        pinned=pinned * part(observed, 0, HORIZON),
        motion=future,
        observed=part(observed, 0, HORIZON),
        valid=part(valid, 0, HORIZON),
    )


def _past(truth: Tensor, expected: Tensor, rng: np.random.Generator) -> Tensor:
    share = np.where(rng.random((len(truth), 1, 2)) < TRUE, 1.0, rng.random((len(truth), 1, 2))).astype(np.float32)
    of_channel = torch.from_numpy(share[..., [0 if mouth else 1 for mouth in IS_MOUTH]])  # (R, 1, 61)
    return expected + of_channel * (truth - expected)


def _pinned(rows: int, rng: np.random.Generator) -> np.ndarray:
    """Nothing for most rows; else from some frame on or for a range, all or some channels [shape=(rows, 64, 61)]."""
    mask = np.zeros((rows, HORIZON, CHANNELS), dtype=np.float32)
    for row in np.flatnonzero(rng.random(rows) < PINNED):
        begin = rng.integers(HORIZON)
        end = HORIZON if rng.random() < 0.6 else rng.integers(begin, HORIZON) + 1
        channels = np.ones(CHANNELS) if rng.random() < 0.6 else rng.random(CHANNELS) < 0.33
        mask[row, begin:end] = channels
    return mask
