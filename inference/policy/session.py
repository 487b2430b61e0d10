# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of onnxruntime (https://onnxruntime.ai), one for each network of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import FacewrightError, ModelError
from ..devices.processor import Processor
from .card import ModelCard

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def session(card: ModelCard, name: str, processor: Processor, threads: int = 4) -> InferenceSession:
    """A session for one of the model's files, ready to run.

    Parameters
    ----------
    card : ModelCard
        The model's card.
    name : str
        File name.
    processor : Processor
        What runs it.
    threads : int
        At most so many processor threads.

    Raises
    ------
    ModelError
        When onnxruntime does not load, or the file is absent, damaged or no network.
    DeviceError
        When the processor cannot run it.
    """
    content = card.read(name)
    try:
        return processor.session(content, threads)
    except FacewrightError:
        raise
    except Exception as problem:  # onnxruntime raises its own, unrelated classes
        raise ModelError(f"Expected onnxruntime to load {card.folder / name}, but: {problem}.") from problem
