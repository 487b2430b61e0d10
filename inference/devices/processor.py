# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processor runs a model: the one that was asked for, or the best that works."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..core.errors import DeviceError
from ..core.plugins import modules_in
from . import kinds
from .kinds import cpu
from .runtime import onnxruntime, session_options

if TYPE_CHECKING:
    import numpy as np
    from onnxruntime import InferenceSession

AUTO = "auto"
_SOME = 16  # frames, where a network takes any number


def device_names() -> tuple[str, ...]:
    """What `device` may be: ``auto``, and the kinds by name, the processor of the computer last."""
    return AUTO, *modules_in(kinds.__name__)


@dataclass(frozen=True)
class Processor:
    """What runs the networks of a model.

    Parameters
    ----------
    kind : module
        One of `kinds`.
    doubt : str
        Why `auto` did not take a better one that is installed, as a sentence; "" where there is none.
    """

    kind: ModuleType
    doubt: str = ""

    def session(self, network: bytes, threads: int) -> InferenceSession:
        """A network, ready to run here; of at most so many threads.

        Raises
        ------
        DeviceError
            When this processor cannot run it.
        Exception
            Of onnxruntime, when it is no network.
        """
        ort, options = onnxruntime(), session_options(threads)
        providers = self.kind.prepared(ort, options)
        try:
            opened = ort.InferenceSession(network, options, providers=providers, enable_fallback=0)
        except Exception as problem:  # onnxruntime raises its own, unrelated classes
            if self.kind is cpu:
                raise
            raise DeviceError(self.kind.reason(ort, _short(problem))) from problem
        if opened.get_providers()[0] != self.kind.PROVIDER:
            raise DeviceError(self.kind.reason(ort, ""))
        return opened


def chosen(device: str, trial: bytes) -> Processor:
    """The processor that was asked for; of `auto` the best that works.

    Parameters
    ----------
    device : str
        One of `device_names`.
    trial : bytes
        The network that asks most of it, which a graphics card is to run before it is taken.

    Raises
    ------
    DeviceError
        When the device is unknown, or was asked for by name and cannot be used.
    """
    found = modules_in(kinds.__name__)
    if device not in (AUTO, *found):
        raise DeviceError(f"Expected a device of {', '.join((AUTO, *found))}, got {device!r}.")
    if device != AUTO:
        return _tried(Processor(found[device]), trial)
    doubt = ""
    for kind in found.values():
        if kind.AUTOMATIC and kind.installed():
            try:
                return _tried(Processor(kind, doubt), trial)
            except DeviceError as error:
                doubt = doubt or str(error)
    raise DeviceError(doubt)


def state_of(trial: bytes) -> dict[str, str]:
    """Each kind of processor by its name for people, and whether it works, or why not; `trial` as for `chosen`."""
    states = {}
    for kind in modules_in(kinds.__name__).values():
        try:
            _tried(Processor(kind), trial)
            states[kind.LABEL] = "works"
        except DeviceError as error:
            states[kind.LABEL] = str(error) if kind.installed() else "not installed"
    return states


def _tried(processor: Processor, trial: bytes) -> Processor:
    """The same, once it has run a network; the processor of the computer needs no trial."""
    kind = processor.kind
    if kind is not cpu:
        opened = processor.session(trial, threads=1)
        try:
            opened.run(None, {one.name: _zeros(one) for one in opened.get_inputs()})
        except Exception as problem:
            raise DeviceError(kind.reason(onnxruntime(), _short(problem))) from problem
    return processor


def _zeros(given: Any) -> np.ndarray:
    """What fits an input of a network."""
    import numpy as np

    kind = np.int64 if given.type == "tensor(int64)" else np.float32
    return np.zeros([size if isinstance(size, int) else _SOME for size in given.shape], kind)


def _short(problem: Exception) -> str:
    """The end of what onnxruntime says, without the places in its code that it begins with."""
    text = " ".join(str(problem).split())
    return text.rpartition(" was false. ")[2].rpartition("[ONNXRuntimeError] : ")[2][-300:].rstrip(".")
