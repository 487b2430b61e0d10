# SPDX-License-Identifier: GPL-3.0-or-later
"""How far predicted motion is from the target: on weights, on mesh points of the mouth, and on what lips do."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.inference.core.channels import ARKIT, PHONES
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import SILENCE

# Deviations on s1's training clips, by which errors are divided: opening, width, jaw; the same per 20 ms.
SPREAD = (0.045, 0.016, 0.025)
SPEED = (0.009, 0.0025, 0.0045)
CLOSED = 0.008  # outer-eye distances; below it lips count as shut
CLOSED_WEIGHT = 3.0
UNKNOWN = -1  # a phone of a synthetic voice that no ARPAbet phone is like: not learned from
CHANNEL_FLOOR = 0.05  # channels that hardly move are not blown up by their small deviation


def phone_loss(logits: Tensor, phones: Tensor) -> Tensor:
    """Cross-entropy over frames; silence, a third of all frames and easy, counts half."""
    weight = torch.ones(len(PHONES))
    weight[SILENCE] = 0.5
    return functional.cross_entropy(
        logits.flatten(0, 1), phones.flatten(), weight=weight, label_smoothing=0.05, ignore_index=UNKNOWN
    )


class MotionLoss(nn.Module):
    """Sum of squared errors, each in units of its own spread.

    Parameters
    ----------
    mesh : MouthMesh
    deviation : ndarray [shape=(61,)]
        Of every channel over the training set.
    """

    def __init__(self, mesh: MouthMesh, deviation: np.ndarray) -> None:
        super().__init__()
        self.mesh = mesh
        importance = torch.tensor([1.0 if mouth else 0.2 for mouth in IS_MOUTH])
        self.register_buffer("channel", importance / torch.from_numpy(np.maximum(deviation, CHANNEL_FLOOR)) ** 2)
        self.register_buffer("spread", torch.tensor(SPREAD))
        self.register_buffer("speed", torch.tensor(SPEED))

    def forward(
        self, motion: Tensor, target: Tensor, tracked: Tensor, observed: Tensor, bilabial: Tensor, valid: Tensor
    ) -> Tensor:
        """Loss of a batch.

        Parameters
        ----------
        motion, target : Tensor [shape=(B, N, 61)]
            Weights of the prediction may leave [0, 1]: the mesh sees them clamped, as a user will, but gradients pass.
        tracked : Tensor [shape=(B, N, 3)]
            Opening, width and jaw that were measured.
        observed : Tensor [shape=(B, N, 61)]
            0 where the target is not known.
        bilabial : Tensor [shape=(B, N)]
            1 where p, b or m is said: there, lips that are shut count more. Elsewhere shut lips are one man's habit.
        valid : Tensor [shape=(B, N)]
            0 behind the end of a window's clip.
        """
        weights = ((motion - target) ** 2 * self.channel * observed).sum(-1) / observed.sum(-1).clamp_min(1.0)
        clamped = torch.cat([motion[..., : len(ARKIT)].clamp(0.0, 1.0), motion[..., len(ARKIT) :]], dim=-1)
        motion, target = (motion + (clamped - motion).detach()) * observed, target * observed
        have, vertices = self.mesh.points(motion)
        _, wanted = self.mesh.points(target)
        shape = ((vertices - wanted) ** 2).sum(-1).mean(-1) / 0.015**2
        error = ((have - tracked) / self.spread) ** 2
        shut = (tracked[..., 0] < CLOSED).float() * bilabial
        lips = error.sum(-1) + CLOSED_WEIGHT * shut * error[..., 0]
        velocity = (((have - tracked).diff(dim=1) / self.speed) ** 2).sum(-1)
        still = 0.8 * weights + 0.5 * shape + lips
        return (still * valid).sum() / valid.sum() + 0.3 * (velocity * valid[:, 1:]).sum() / valid[:, 1:].sum()
