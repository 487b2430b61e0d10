# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound to motion with a released model, in parts of constant size, on a GPU or on the processor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..audio.loudness import gain_to_speech_level
from ..audio.mel import log_mel, motion_frames
from ..core.audio import RATE, Audio
from ..core.channels import CHANNELS, LIVE_LINK, PHONES
from ..core.errors import ModelError, StyleError
from ..core.motion import Motion
from ..core.phonemes import Phones
from ..core.timing import MOTION_FPS, STEPS
from ..styles.apply import before
from ..styles.style import Style, neutral
from .assembler import Take
from .card import ModelCard, read_card
from .inpainting import Pins, write_over
from .sampler import Sampler
from .session import session

RELEASED = Path(__file__).resolve().parents[2] / "models" / "released"
DEFAULT = "policy"
CHUNK = 1000  # motion frames, 20 s: memory stays small, Cancel is heard soon, the overlap costs little
SHORTEST_VOICE = 3.0  # seconds of speech from which a style can be told

Progress = Callable[[float], None]


def load_predictor(name: str | Path | None = None, device: str = "auto") -> Predictor:
    """Load a released model.

    Parameters
    ----------
    name : str or Path, optional
        A folder of ``models/released``, or the path of a model folder elsewhere; the default model when not given.
    device : {"auto", "cpu", "cuda"}
        ``auto`` takes CUDA where onnxruntime can use it.

    Raises
    ------
    ModelError
        When there is no such model, its files are damaged, or the device is not there.
    """
    folder = Path(name) if isinstance(name, Path) or (name and Path(name).is_dir()) else RELEASED / (name or DEFAULT)
    if not folder.is_dir():
        known = ", ".join(sorted(entry.name for entry in RELEASED.glob("*/"))) or "none"
        raise ModelError(f"Expected a released model or a model folder, got {str(name)!r}. Released models: {known}.")
    return Predictor(read_card(folder), device)


class Predictor:
    """A model that is loaded and ready.

    Attributes
    ----------
    card : ModelCard
        What the model is.
    provider : str
        "CUDA" or "CPU": where it runs.
    """

    def __init__(self, card: ModelCard, device: str = "auto") -> None:
        _check(card)
        self.card = card
        self._encoder = session(card, "encoder.onnx", device)
        self._memory = session(card, "memory.onnx", device)
        self._policy = session(card, "policy.onnx", device, threads=1)  # too small to be shared out
        self._style = session(card, "style.onnx", device)
        self.provider = self._encoder.get_providers()[0].removesuffix("ExecutionProvider")

    def predict(
        self,
        audio: Audio,
        *,
        style: Style | None = None,
        seed: int = 0,
        steps: int | None = None,
        pins: Motion | Sequence[Motion] | None = None,
        progress: Progress | None = None,
    ) -> Motion:
        """Motion of the whole sound; `hear` gives the phones with it.

        Parameters
        ----------
        audio : Audio
            Any length: time grows linearly with it, memory only by the result.
        style : Style, optional
            How to articulate; neutral when not given.
        seed : int
            In [0, 2**31). The same seed gives the same take, bit for bit on one provider.
        steps : int, optional
            1, 2 or 4 steps for each chunk; the card's number when not given.
        pins : Motion or sequence of Motion, optional
            Frames to be kept, in any of the 76 channels; seconds count from the start of the sound.
        progress : callable, optional
            Called with the fraction done, in (0, 1], after every part; may raise to cancel.

        Returns
        -------
        Motion
            76 channels (Live Link, then visemes) at 50 fps from time 0.

        Raises
        ------
        FacewrightError
            When seed, steps or pins are not of this kind.
        """
        motion, _ = self.hear(audio, style=style, seed=seed, steps=steps, pins=pins, progress=progress)
        return motion

    def hear(
        self,
        audio: Audio,
        *,
        style: Style | None = None,
        seed: int = 0,
        steps: int | None = None,
        pins: Motion | Sequence[Motion] | None = None,
        progress: Progress | None = None,
    ) -> tuple[Motion, Phones]:
        """As `predict`, and what is heard in every frame: 80 bytes for each, over its 304 of motion."""
        total = motion_frames(len(audio.samples))
        gain = gain_to_speech_level(audio.samples)
        take = self.begin_take(seed, steps, None if pins is None else Pins(pins, audio.seconds), style)
        values, done = np.empty((total, len(CHANNELS)), dtype=np.float32), 0
        phones = np.empty((total, len(PHONES)), dtype=np.float16)
        for begin in range(0, total, CHUNK):
            end = min(begin + CHUNK, total)
            first, last = max(begin - self.card.left_context, 0), min(end + self.card.right_context, total)
            heard = self.listen(audio.samples, first, last, gain=gain, style=style or neutral())
            frames, shares = take.feed(*(part[begin - first : end - first] for part in heard))
            values[done : done + len(frames)], phones[done : done + len(frames)] = frames, shares
            done += len(frames)
            if progress is not None:
                progress(end / total)
        values[done:], phones[done:] = take.finish()
        motion = Motion(values, CHANNELS, MOTION_FPS)
        return motion if pins is None else write_over(motion, pins), Phones(phones, MOTION_FPS)

    def style_of(self, audio: Audio, name: str = "voice") -> Style:
        """How strongly the speaker of a sound articulates each phone, as far as the voice tells.

        Parameters
        ----------
        audio : Audio
            At least 3 s of speech; pauses do not count.
        name : str
            Of the style.

        Raises
        ------
        StyleError
            When there is less speech than that.
        """
        total = motion_frames(len(audio.samples))
        gain = gain_to_speech_level(audio.samples)
        slots, spoken = np.zeros(len(PHONES)), 0
        for first in range(0, total, CHUNK):
            mel = log_mel(audio.samples, 2 * first, 2 * min(CHUNK, total - first), gain=gain)[None]
            (logits,) = self._encoder.run(["phone_logits"], {"mel": mel})
            frames = int((np.asarray(logits)[0].argmax(axis=1) != PHONES.index("SIL")).sum())
            (gains,) = self._style.run(["style"], {"mel": mel})
            slots += frames * np.asarray(gains)[0]
            spoken += frames
        if spoken < SHORTEST_VOICE * MOTION_FPS:
            raise StyleError(
                f"Expected at least {SHORTEST_VOICE:g} s of speech to take a style from, heard "
                f"{spoken / MOTION_FPS:.1f} s in {audio.seconds:.1f} s of sound. Take a longer recording of the voice."
            )
        return Style(name, slots / spoken)

    def begin_take(
        self, seed: int = 0, steps: int | None = None, pins: Pins | None = None, style: Style | None = None
    ) -> Take:
        """A take of which nothing is drawn yet; of a style, its context."""
        return Take(Sampler(self._policy, self.card.sampling, seed, steps, pins, before(style or neutral())))

    def listen(
        self, samples: np.ndarray, first: int, last: int, *, gain: float, style: Style
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What encoder and memory make of frames `first` to `last`, taken as if there were no other.

        Returns
        -------
        general, local, logits : ndarray [shape=(n, 61), (n, 128) and (n, 40), float32]
            Right from the card's left context on, or the start of the sound, up to its right context.
        """
        mel = log_mel(samples, 2 * first, 2 * (last - first), gain=gain)[None]  # (1, 2n, 80)
        features, logits = self._encoder.run(["features", "phone_logits"], {"mel": mel})
        given = {"features": features, "phone_logits": logits, "style": style.slots[None]}
        general, local = self._memory.run(["general", "local"], given)
        return np.asarray(general)[0], np.asarray(local)[0], np.asarray(logits)[0]


def _check(card: ModelCard) -> None:
    """Refuse a model that was made for other sound, channels or steps."""
    if (card.fps, card.rate, card.channels, card.phones) != (MOTION_FPS, RATE, LIVE_LINK, PHONES):
        raise ModelError(
            f"Expected a model for {RATE} Hz sound with {len(LIVE_LINK)} Live Link channels at {MOTION_FPS} fps, "
            f"got {card.name} {card.version} with {len(card.channels)} channels at {card.fps} fps. "
            "Use a model made for this version."
        )
    steps, temperatures = card.sampling.steps, len(card.sampling.temperature)
    if steps not in STEPS or temperatures != len(LIVE_LINK):
        raise ModelError(
            f"Expected a policy of 1, 2 or 4 steps with {len(LIVE_LINK)} temperatures, got {card.name} {card.version} "
            f"with {steps} steps and {temperatures}. Use a model made for this version."
        )
