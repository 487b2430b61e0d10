# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model's encoder hears: phone posteriors, 50 a second, of any released model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facewright.inference.core.audio import Audio
from facewright.inference.policy.card import ModelCard
from facewright.inference.policy.predictor import Predictor


def listener(card: ModelCard) -> Callable[[np.ndarray], np.ndarray]:
    """A function from samples (16 kHz) to log posteriors [shape=(F, 40), columns as in ``PHONES``]."""
    predictor = Predictor(card, "cpu")

    def listen(samples: np.ndarray) -> np.ndarray:
        logits = np.concatenate([part.logits for part in predictor.encode(Audio(samples)).parts()])
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    return listen
