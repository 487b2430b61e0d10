# SPDX-License-Identifier: GPL-3.0-or-later
"""The predictor: a released model that encodes sounds and samples takes of them, on a GPU or on the processor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..audio.loudness import gain_to_speech_level
from ..audio.mel import log_mel, motion_frames
from ..core.audio import RATE, Audio
from ..core.channels import CHANNELS, LIVE_LINK, PHONES
from ..core.errors import ModelError, StyleError
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.spool import release
from ..core.timing import MOTION_FPS, STEPS
from ..devices.processor import chosen
from ..prosody.prosody import prosody
from .assembler import FrameAssembler, Frames
from .card import ModelCard, read_card
from .encoding import EncodedPart, Encoding
from .hearing import Carried, Hearing, Recomputed, at_once, takes_state
from .inpainting import Pins, overwrite
from .sampler import Sampler
from .session import session
from .visemes import PosteriorStream

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

RELEASED = Path(__file__).resolve().parents[2] / "models" / "released"
DEFAULT = "policy"
SHORTEST_VOICE = 3.0  # seconds of speech from which a style can be told
NEUTRAL_SLOTS = np.ones(len(PHONES), np.float32)

Progress = Callable[[float], None]


def load_predictor(name: str | Path | None = None, device: str = "auto", threads: int = 4) -> Predictor:
    """Load a released model.

    Parameters
    ----------
    name : str or Path, optional
        A folder of ``models/released``, or the path of a model folder elsewhere; the default model when not given.
    device : {"auto", "cuda", "webgpu", "cpu"}
        ``auto`` takes CUDA where it is installed and works, else the processor.
    threads : int
        At most so many processor threads; curves are the same with any number.

    Raises
    ------
    ModelError
        When there is no such model, or its files are damaged.
    DeviceError
        When the device is not there.
    """
    folder = Path(name) if isinstance(name, Path) or (name and Path(name).is_dir()) else RELEASED / (name or DEFAULT)
    if not folder.is_dir():
        known = ", ".join(sorted(entry.name for entry in RELEASED.glob("*/"))) or "none"
        raise ModelError(f"Expected a released model or a model folder, got {str(name)!r}. Released models: {known}.")
    return Predictor(read_card(folder), device, threads)


class Predictor:
    """A model that is loaded and ready.

    Attributes
    ----------
    card : ModelCard
        What the model is.
    provider : str
        "CUDA", "WebGPU" or "CPU": where it runs.
    doubt : str
        Why a graphics card for which there is a library is not used, as a sentence; mostly "".
    """

    def __init__(self, card: ModelCard, device: str = "auto", threads: int = 4) -> None:
        _check(card)
        self.card = card
        card.read("style.onnx")  # it is loaded later, but a damaged one is noticed now
        self._processor = chosen(device, trial=card.read("encoder.onnx"))
        self._encoder = session(card, "encoder.onnx", self._processor, threads)
        self._memory = session(card, "memory.onnx", self._processor, threads)
        self._policy = session(card, "policy.onnx", self._processor, threads=1)  # too small to be shared out
        self.provider, self.doubt = self._processor.kind.LABEL, self._processor.doubt

    @cached_property
    def _style(self) -> InferenceSession:
        """The style encoder, loaded when a voice is first listened to for its style."""
        return session(self.card, "style.onnx", self._processor)

    def encode(self, audio: Audio, slots: np.ndarray | None = None) -> Encoding:
        """The encoding of a whole sound, which all its takes share.

        Parameters
        ----------
        audio : Audio
            Any length; nothing is computed before the parts are asked for.
        slots : ndarray [shape=(40,), float32], optional
            How strongly each phoneme counts in the memory (`Style.slots`); 1 for all when not given.
        """
        total, card = motion_frames(len(audio.samples)), self.card
        gain = gain_to_speech_level(audio.samples)

        def compute(begin: int, end: int) -> EncodedPart:
            first, last = max(begin - card.left_context, 0), min(end + card.right_context, total)
            part = self.encode_part(audio.samples, first, last, gain=gain, slots=slots)
            release(audio.samples)
            return part[begin - first : end - first]

        return Encoding(total, audio.seconds, card.chunk, compute, lambda: prosody(audio.samples, MOTION_FPS))

    def encode_part(
        self, samples: np.ndarray, first: int, last: int, *, gain: float, slots: np.ndarray | None = None
    ) -> EncodedPart:
        """The encoding of frames `first` to `last` of a sound, computed from these frames alone.

        It is that of the whole sound except within the card's left and right context of a cut; of a model that is not
        `live`, nearly.
        """
        slots = NEUTRAL_SLOTS if slots is None else slots
        mel = log_mel(samples, 2 * first, 2 * (last - first), gain=gain)[None]  # (1, 2n, 80)
        features, logits = self._encoder.run(["features", "phone_logits"], {"mel": mel, **at_once(self._encoder)})
        given = {"features": features, "phone_logits": logits, "style": slots[None], **at_once(self._memory)}
        general, local = self._memory.run(["general", "local"], given)
        return EncodedPart(np.asarray(general)[0], np.asarray(local)[0], np.asarray(logits)[0])

    def sample(
        self,
        encoding: Encoding,
        seed: int = 0,
        *,
        steps: int | None = None,
        pins: Motion | Sequence[Motion] | None = None,
        context: Motion | None = None,
        variation: float | None = None,
        progress: Progress | None = None,
    ) -> Motion:
        """One take of a sound.

        Parameters
        ----------
        encoding : Encoding
            As `encode` gives it; takes of one sound share it.
        seed : int
            In [0, 2**31). The same seed gives the same take, bit for bit on one provider.
        steps : int, optional
            1, 2 or 4 steps for each chunk; the card's number when not given.
        pins : Motion or sequence of Motion, optional
            Frames to be kept, in any of the 76 channels; seconds count from the start of the sound.
        context : Motion, optional
            The 8 frames before the first, in some of the channels.
        variation : float, optional
            In [0, 1]: how much jaw and lips of takes with other seeds differ; the card's when not given.
        progress : callable, optional
            Called with the fraction done, in (0, 1], after every part; may raise to cancel.

        Returns
        -------
        Motion
            76 channels (Live Link, then visemes) at 50 fps from time 0.

        Raises
        ------
        FacewrightError
            When seed, steps, pins or variation are not of this kind.
        """
        given = None if pins is None else Pins(pins, encoding.seconds)
        assembler = self.begin_take(seed, steps, given, context, variation)
        values, done = np.empty((encoding.frames, len(CHANNELS)), dtype=np.float32), 0
        for frames, _ in drawn(encoding, assembler, progress):
            values[done : done + len(frames)] = frames
            done += len(frames)
        motion = Motion(values, CHANNELS, MOTION_FPS)
        return motion if pins is None else overwrite(motion, pins)

    def predict(
        self, audio: Audio, *, slots: np.ndarray | None = None, seed: int = 0, steps: int | None = None,
        pins: Motion | Sequence[Motion] | None = None, progress: Progress | None = None,
    ) -> Motion:  # fmt: skip
        """One take of a sound, where no more are wanted: `encode` and `sample` in one."""
        return self.sample(self.encode(audio, slots), seed, steps=steps, pins=pins, progress=progress)

    def phonemes(self, audio: Audio) -> Phonemes:
        """The phoneme posteriors of a sound, by the encoder alone."""
        total, card = motion_frames(len(audio.samples)), self.card
        gain, stream, posteriors = gain_to_speech_level(audio.samples), PosteriorStream(), []
        for begin in range(0, total, card.chunk):
            end = min(begin + card.chunk, total)
            first, last = max(begin - card.left_context, 0), min(end + card.right_context, total)
            mel = log_mel(audio.samples, 2 * first, 2 * (last - first), gain=gain)[None]
            (logits,) = self._encoder.run(["phone_logits"], {"mel": mel, **at_once(self._encoder)})
            posteriors.append(stream.feed(np.asarray(logits)[0][begin - first : end - first]).astype(np.float16))
        return Phonemes(np.concatenate([*posteriors, stream.finish().astype(np.float16)]), MOTION_FPS)

    def slots_of(self, audio: Audio) -> np.ndarray:
        """How strongly the speaker of a sound articulates each phoneme, as far as the voice tells.

        Parameters
        ----------
        audio : Audio
            At least 3 s of speech; pauses do not count.

        Returns
        -------
        ndarray [shape=(40,)]
            As `Style.slots`.

        Raises
        ------
        StyleError
            When there is less speech than that.
        """
        total, chunk = motion_frames(len(audio.samples)), self.card.chunk
        gain = gain_to_speech_level(audio.samples)
        slots, spoken = np.zeros(len(PHONES)), 0
        for first in range(0, total, chunk):
            mel = log_mel(audio.samples, 2 * first, 2 * min(chunk, total - first), gain=gain)[None]
            (logits,) = self._encoder.run(["phone_logits"], {"mel": mel, **at_once(self._encoder)})
            frames = int((np.asarray(logits)[0].argmax(axis=1) != PHONES.index("SIL")).sum())
            (gains,) = self._style.run(["style"], {"mel": mel})
            slots += frames * np.asarray(gains)[0]
            spoken += frames
        if spoken < SHORTEST_VOICE * MOTION_FPS:
            raise StyleError(
                f"Expected at least {SHORTEST_VOICE:g} s of speech to take a style from, heard "
                f"{spoken / MOTION_FPS:.1f} s in {audio.seconds:.1f} s of sound. Take a longer recording of the voice."
            )
        return slots / spoken

    def listen(self, slots: np.ndarray | None = None) -> Hearing:
        """The encoding of a sound that still comes in, of which nothing is there yet; arguments as for `encode`."""
        slots = NEUTRAL_SLOTS if slots is None else slots
        if takes_state(self._encoder):
            return Carried(self._encoder, self._memory, self.card, slots)
        return Recomputed(self.encode_part, self.card, slots)

    def begin_take(
        self,
        seed: int = 0,
        steps: int | None = None,
        pins: Pins | None = None,
        context: Motion | None = None,
        variation: float | None = None,
    ) -> FrameAssembler:
        """The frames of a new take, of which nothing is drawn yet; arguments as for `sample`."""
        return FrameAssembler(Sampler(self._policy, self.card.sampling, seed, steps, pins, context, variation))


def drawn(encoding: Encoding, assembler: FrameAssembler, progress: Progress | None = None) -> Iterator[Frames]:
    """The frames of a take that was begun, and their posteriors, part by part; `progress` as for `Predictor.sample`."""
    encoded = 0
    for part in encoding.parts():
        yield assembler.feed(part)
        encoded += len(part.general)
        if progress is not None:
            progress(encoded / encoding.frames)
    yield assembler.finish()


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
