# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model's encoder hears: phone posteriors, 50 a second, of any released model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facewright.inference.audio.loudness import gain_to_speech_level
from facewright.inference.audio.mel import log_mel
from facewright.inference.policy.card import ModelCard


def listener(card: ModelCard) -> Callable[[np.ndarray], np.ndarray]:
    """A function from samples (16 kHz) to log posteriors [shape=(F, 40), columns as in ``PHONES``]."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(card.read("encoder.onnx"), options, providers=["CPUExecutionProvider"])

    def listen(samples: np.ndarray) -> np.ndarray:
        mel = log_mel(samples, gain=gain_to_speech_level(samples))[None]
        logits = np.asarray(session.run(["phone_logits"], {"mel": mel})[0])[0]
        logits = logits - logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    return listen
