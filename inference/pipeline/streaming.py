# SPDX-License-Identifier: GPL-3.0-or-later
"""`Live`: motion while the sound still comes in, with the same loop and the same frames as this model gives offline.

A frame is given out when all the sound that can change it is there: the right context of encoder and memory, and the
rest of the frames that the policy executes at once. A model has to be made for it: one for files hears what comes
later.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from ..audio.loudness import RunningGain
from ..audio.mel import HOP, WINDOW, motion_frames
from ..core.audio import RATE
from ..core.channels import CHANNELS
from ..core.errors import AudioError, ModelError
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.timing import MOTION_FPS
from ..layers import AHEAD, POINTWISE, apply_layers, stream_layers
from ..lips.constraint import constrain
from ..lips.contacts import lip_contacts
from ..policy.assembler import Frames
from ..policy.predictor import Predictor, load_predictor
from ..policy.visemes import LOOK_AHEAD
from ..styles.apply import model_context
from ..styles.style import Style, neutral
from . import stages

LIVE = "live"  # the shipped model for it
_FRAME = 2 * HOP  # samples
_AHEAD = ceil(AHEAD * MOTION_FPS)  # frames
_REACH = WINDOW // 2 - HOP  # samples that the last mel frame of a motion frame needs of the next motion frame


class Live:
    """A take that is made while its sound is spoken.

    Parameters
    ----------
    predictor : Predictor, optional
        A loaded model that is made for live sound; by default the shipped one is loaded on the best device.
    style, seed, steps
        As for `animate`.
    gain : float, optional
        Factor that brings the speech to the level the model knows, above 0. `gain_to_speech_level` of the whole sound
        gives what `animate` gives. By default it is estimated from the sound so far, from 1 on.

    Attributes
    ----------
    latency : float
        Seconds of sound that must follow the beginning of a frame before the frame is given out; the time
        to compute it and the length of the pushed pieces come on top.
    """

    def __init__(
        self,
        predictor: Predictor | None = None,
        *,
        style: Style | None = None,
        seed: int = 0,
        steps: int | None = None,
        gain: float | None = None,
    ) -> None:
        if gain is not None and not 0 < gain < np.inf:
            raise AudioError(f"Expected a gain above 0, got {gain}.")
        self._predictor = predictor or load_predictor(LIVE)
        if not self._predictor.card.live:
            card = self._predictor.card
            raise ModelError(
                f"Expected a model for live sound, got {card.name} {card.version}, which hears what comes later. "
                f"Load the model '{LIVE}'."
            )
        self._style = replace(style or neutral(), lead=0.0)  # no movement can come before its sound
        self._seed, self._gain = seed, gain
        self._estimate = RunningGain()
        self._assembler = self._predictor.begin_take(seed, steps, context=model_context(self._style))
        self._samples = np.zeros(0, dtype=np.float32)  # from frame `_kept_from` on, at the model's level
        self._kept_from = 0  # frame
        self._hearing = self._predictor.listen(self._style.slots)
        self._given = 0  # frames given out
        self._states: dict[str, Any] = {}  # of layers, after the last of them
        self._finished = False
        card = self._predictor.card
        ahead = card.sampling.heard + max(card.right_context, card.phones_right_context + LOOK_AHEAD)  # frames
        self.latency = (ahead * _FRAME + _REACH) / RATE

    def push(self, samples: np.ndarray) -> Motion | None:
        """Take in the next piece of sound.

        Parameters
        ----------
        samples : ndarray [shape=(n,), float32]
            Mono at 16 kHz, any number of samples; 20 to 100 ms at a time keep the delay low.

        Returns
        -------
        Motion or None
            The frames that became final, 76 channels at 50 fps, each with its time in the whole sound; None when there
            are none yet.

        Raises
        ------
        AudioError
            When the samples are not one finite channel, or the take is finished.
        """
        samples = self._checked(samples)
        gain = self._estimate.update(samples) if self._gain is None else self._gain
        self._samples = np.concatenate([self._samples, samples * np.float32(gain)])
        total = self._kept_from + (len(self._samples) - _REACH) // _FRAME  # frames whose sound is there to their end
        return self._motion(self._heard(total, ended=False), ended=False)

    def finish(self) -> Motion | None:
        """The rest of the frames, when no more sound will come; None when there was no sound at all.

        Raises
        ------
        AudioError
            When the take is finished already.
        """
        if self._finished:
            raise AudioError(_OVER)
        self._finished = True
        if self._kept_from == 0 and len(self._samples) == 0:
            return None
        total = self._kept_from + motion_frames(len(self._samples))
        return self._motion([*self._heard(total, ended=True), self._assembler.finish()], ended=True)

    def _checked(self, samples: np.ndarray) -> np.ndarray:
        if self._finished:
            raise AudioError(_OVER)
        samples = np.asarray(samples, dtype=np.float32)
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise AudioError(
                f"Expected one channel of finite samples, got shape {samples.shape}"
                f"{' with NaN or infinity in it' if samples.ndim == 1 else ''}. Mix to mono, and repair the source."
            )
        return samples

    def _heard(self, total: int, *, ended: bool) -> list[Frames]:
        """The frames that became final by the sound so far, of which `total` frames are there."""
        encoded = self._hearing.feed(self._samples, self._kept_from, total, ended=ended)
        frames = [self._assembler.feed(part) for part in encoded]
        done = self._hearing.wanted - self._kept_from
        self._samples, self._kept_from = self._samples[done * _FRAME :], self._hearing.wanted
        return frames

    def _motion(self, parts: list[Frames], *, ended: bool) -> Motion | None:
        """The frames of some parts, finished with style, layers and lips; None when there are none."""
        if not any(len(frames) for frames, _ in parts):
            return None
        values, posteriors = (np.concatenate(side) for side in zip(*parts, strict=True))
        start = self._given / MOTION_FPS
        self._given += len(values)
        phonemes = Phonemes(posteriors, MOTION_FPS, start)
        motion = stages.spoken(Motion(values, CHANNELS, MOTION_FPS, start), phonemes, self._style)
        motion, self._states = stream_layers(motion, self._states, self._style)
        motion = constrain(motion, lip_contacts(motion))  # the layers to come leave the mouth alone
        if ended:
            return apply_layers(motion, self._seed, style=self._style, kinds=(POINTWISE,))
        # The sound goes on for longer than layers reach: a blink that comes after these frames shuts the lids in them.
        longer = np.concatenate([motion.values, np.repeat(motion.values[-1:], _AHEAD, axis=0)])
        layered = apply_layers(replace(motion, values=longer), self._seed, style=self._style, kinds=(POINTWISE,))
        return replace(layered, values=layered.values[: motion.frames])


_OVER = "Expected no more sound: this take is finished. Begin another one."
