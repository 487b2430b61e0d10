# SPDX-License-Identifier: GPL-3.0-or-later
"""The mouth of the ICT head in torch, so that gradients flow from its points to the weights."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from facewright.inference.core.channels import ARKIT
from facewright.models.training.heads import distances, ict


class MouthMesh(nn.Module):
    """Points of lips and chin, and the distances of the mouth, in outer-eye distances.

    Parameters
    ----------
    head : path of ``head_ict_facekit.npz``
    """

    def __init__(self, head: Path) -> None:
        super().__init__()
        face = ict.IctHead.load(head)
        lips = [vertex for group in (ict.LIPS, ict.CHIN) for vertex in group.values()]
        chosen = [*distances.SUBSET, *lips]
        deltas = torch.from_numpy(face.deltas[:, chosen]).flatten(1) / face.eye_distance  # (52, V * 3)
        self.register_buffer("deltas", deltas)
        self.register_buffer("neutral", torch.from_numpy(face.neutral[chosen]) / face.eye_distance)
        self.register_buffer("closed", torch.stack(self._distances(self.neutral[None]), dim=-1)[0])

    def points(self, motion: Tensor) -> tuple[Tensor, Tensor]:
        """Distances ``(B, N, 3)`` less those at rest, and mouth vertices ``(B, N, V, 3)``, of motion ``(B, N, 61)``."""
        moved = motion[..., : len(ARKIT)] @ self.deltas
        vertices = self.neutral + moved.unflatten(-1, (-1, 3))
        return torch.stack(self._distances(vertices), dim=-1) - self.closed, vertices[..., len(distances.SUBSET) :, :]

    def distances(self, motion: Tensor) -> Tensor:
        """Opening, width and jaw ``(B, N, 3)`` less those at rest."""
        return self.points(motion)[0]

    def _distances(self, vertices: Tensor) -> tuple[Tensor, ...]:
        return distances.from_mesh(vertices[..., : len(distances.SUBSET), :], 1.0)
