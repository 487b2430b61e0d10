# SPDX-License-Identifier: GPL-3.0-or-later
"""The first family of models, which tells the mean motion; goes when the policy is released."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import predictor
from .audio import Audio
from .card import ModelCard
from .channels import CHANNELS, LIVE_LINK, PHONES
from .errors import ModelError
from .features import MOTION_FPS, log_mel, motion_frames
from .loudness import gain_to_speech_level
from .motion import Motion
from .pins import Pins
from .runtime import session
from .style import Style
from .take import Take
from .visemes import visemes


class RegressionPredictor(predictor.Predictor):
    """Predicts without style, steps or pins: the same motion for every seed."""

    def __init__(self, card: ModelCard, device: str = "auto") -> None:
        predictor.check_card(card)
        self.card = card
        self._encoder = session(card, "encoder.onnx", device)
        self._motion = session(card, "motion.onnx", device)
        self.provider = self._encoder.get_providers()[0].removesuffix("ExecutionProvider")

    def predict(
        self,
        audio: Audio,
        *,
        style: Style | None = None,
        seed: int = 0,
        steps: int | None = None,
        pins: Motion | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Motion:
        """Motion of the whole sound."""
        if style is not None or steps is not None or pins is not None:
            raise ModelError(f"Expected a model with a policy, got {self.card.name}: it knows no style, steps or pins.")
        total = motion_frames(len(audio.samples))
        gain = gain_to_speech_level(audio.samples)
        motion = np.empty((total, len(LIVE_LINK)), dtype=np.float32)
        logits = np.empty((total, len(PHONES)), dtype=np.float32)
        for begin in range(0, total, predictor.CHUNK):
            end = min(begin + predictor.CHUNK, total)
            motion[begin:end], logits[begin:end] = self._part(audio.samples, gain, begin, end, total)
            if progress is not None:
                progress(end / total)
        return Motion(np.hstack([motion, visemes(logits)]), CHANNELS, MOTION_FPS)

    def style_of(self, audio: Audio, name: str = "voice") -> Style:
        """Nothing: it has no styles."""
        raise ModelError(f"Expected a model with a policy, got {self.card.name}: it knows no style.")

    def begin_take(self, seed: int = 0, steps: int | None = None, pins: Pins | None = None) -> Take:
        """Nothing: it draws nothing."""
        raise ModelError(f"Expected a model with a policy, got {self.card.name}: it cannot run live.")

    def _part(
        self, samples: np.ndarray, gain: float, begin: int, end: int, total: int
    ) -> tuple[np.ndarray, np.ndarray]:
        first = max(begin - self.card.left_context, 0)
        last = min(end + self.card.right_context, total)
        mel = log_mel(samples, 2 * first, 2 * (last - first), gain=gain)[None]  # (1, 2n, 80)
        features, logits = self._encoder.run(["features", "phone_logits"], {"mel": mel})
        (motion,) = self._motion.run(["motion"], {"features": features, "phone_logits": logits})
        wanted = slice(begin - first, end - first)
        return np.asarray(motion)[0, wanted], np.asarray(logits)[0, wanted]
