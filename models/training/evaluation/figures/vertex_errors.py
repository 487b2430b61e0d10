# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of vertices, as torchmetrics defines them.

``torchmetrics.multimodal.lve.LipVertexError`` and ``torchmetrics.multimodal.fdd.UpperFaceDynamicsDeviation``
(https://github.com/Lightning-AI/torchmetrics).
"""

from __future__ import annotations

import numpy as np


def lve(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Lip vertex error of vertices [both shape=(F, lips, 3)], in their unit squared."""
    return float(np.square(truth - predicted).sum(axis=-1).max(axis=1).mean())


def fdd(predicted: np.ndarray, truth: np.ndarray, neutral: np.ndarray) -> float:
    """Upper-face dynamics deviation of vertices (F, V, 3) about the face at rest (V, 3): above 0, too still."""
    dynamics = [np.square(vertices - neutral).sum(axis=-1).std(axis=0) for vertices in (truth, predicted)]
    return float((dynamics[0] - dynamics[1]).mean())
