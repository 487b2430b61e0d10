# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound to motion with a released model, in parts of constant size, on a GPU or on the processor."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .audio import RATE, Audio
from .card import ModelCard, read_card
from .channels import CHANNELS, LIVE_LINK, PHONES
from .errors import ModelError
from .features import MOTION_FPS, log_mel, motion_frames
from .loudness import gain_to_speech_level
from .motion import Motion
from .visemes import visemes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

RELEASED = Path(__file__).resolve().parent.parent / "models" / "released"
DEFAULT = "first"
CHUNK = 1000  # motion frames, 20 s: memory stays small, Cancel is heard soon, the overlap costs little
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"

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
        if (card.fps, card.rate, card.channels, card.phones) != (MOTION_FPS, RATE, LIVE_LINK, PHONES):
            raise ModelError(
                f"Expected a model for {RATE} Hz sound with {len(LIVE_LINK)} Live Link channels at {MOTION_FPS} fps, "
                f"got {card.name} {card.version} with {len(card.channels)} channels at {card.fps} fps. "
                "Use a model made for this version."
            )
        self.card = card
        self._encoder = _session(card, "encoder.onnx", device)
        self._motion = _session(card, "motion.onnx", device)
        self.provider = self._encoder.get_providers()[0].removesuffix("ExecutionProvider")

    def predict(self, audio: Audio, progress: Progress | None = None) -> Motion:
        """Motion of the whole sound.

        Parameters
        ----------
        audio : Audio
            Any length: time grows linearly with it, memory only by the result.
        progress : callable, optional
            Called with the fraction done, in (0, 1], after every part; may raise to cancel.

        Returns
        -------
        Motion
            76 channels (Live Link, then visemes) at 50 fps from time 0.
        """
        total = motion_frames(len(audio.samples))
        gain = gain_to_speech_level(audio.samples)
        motion = np.empty((total, len(LIVE_LINK)), dtype=np.float32)
        logits = np.empty((total, len(PHONES)), dtype=np.float32)
        for begin in range(0, total, CHUNK):
            end = min(begin + CHUNK, total)
            motion[begin:end], logits[begin:end] = self._part(audio.samples, gain, begin, end, total)
            if progress is not None:
                progress(end / total)
        return Motion(np.hstack([motion, visemes(logits)]), CHANNELS, MOTION_FPS)

    def _part(
        self, samples: np.ndarray, gain: float, begin: int, end: int, total: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Motion and phone logits of frames ``begin`` to ``end``, computed with the context they depend on."""
        first = max(begin - self.card.left_context, 0)
        last = min(end + self.card.right_context, total)
        mel = log_mel(samples, 2 * first, 2 * (last - first), gain=gain)[None]  # (1, 2n, 80)
        features, logits = self._encoder.run(["features", "phone_logits"], {"mel": mel})
        (motion,) = self._motion.run(["motion"], {"features": features, "phone_logits": logits})
        wanted = slice(begin - first, end - first)
        return np.asarray(motion)[0, wanted], np.asarray(logits)[0, wanted]


def choose_providers(device: str, available: Sequence[str]) -> list[str]:
    """Execution providers to ask onnxruntime for, the preferred one first.

    Raises
    ------
    ModelError
        When the device is unknown, or CUDA is asked for and onnxruntime has no support for it.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise ModelError(f"Expected device auto, cpu or cuda, got {device!r}.")
    if device == "cuda" and CUDA not in available:
        raise ModelError(_no_cuda("this onnxruntime is built without CUDA"))
    return [CUDA, CPU] if device != "cpu" and CUDA in available else [CPU]


def _session(card: ModelCard, name: str, device: str) -> InferenceSession:
    try:
        import onnxruntime as ort
    except ImportError as problem:
        raise ModelError(
            f"Expected onnxruntime to load, but: {problem}. On Windows install Microsoft's Visual C++ Redistributable "
            "for x64. In Blender install the zip made for this system again; elsewhere `pip install onnxruntime`."
        ) from problem
    options = ort.SessionOptions()
    options.log_severity_level = 3  # what matters is raised
    options.intra_op_num_threads = min(os.cpu_count() or 1, 4)  # more gain nothing on nets this small
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads must not heat a laptop
    providers = choose_providers(device, ort.get_available_providers())
    try:
        session = ort.InferenceSession(card.read(name), options, providers=providers)
    except Exception as problem:  # onnxruntime raises its own, unrelated classes
        raise ModelError(
            f"Expected onnxruntime to load {card.folder / name}, but: {problem}. Try device cpu."
        ) from problem
    if device == "cuda" and session.get_providers()[0] != CUDA:
        raise ModelError(_no_cuda("CUDA or cuDNN could not be loaded"))
    return session


def _no_cuda(reason: str) -> str:
    return (
        f"Expected a CUDA device, but {reason}. Install an NVIDIA driver, CUDA 13, cuDNN 9 and `onnxruntime-gpu` in "
        "place of `onnxruntime`, or use device auto or cpu."
    )
