# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of onnxruntime (https://onnxruntime.ai), one for each network of a model, and the processor they run on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from ..core.errors import ModelError
from .card import ModelCard

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"

# By default cuDNN takes whichever algorithm was fastest in a trial run, and TF32 rounds factors to 10 bits: bits vary.
_PROVIDERS = {CUDA: (CUDA, {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}), CPU: (CPU, {})}


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


def onnxruntime() -> ModuleType:
    """The library, with its telemetry off: since 1.29 it reports to its maker unless told not to before it is loaded.

    Raises
    ------
    ModelError
        When it cannot be loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime as ort
    except ImportError as problem:
        raise ModelError(
            f"Expected onnxruntime to load, but: {problem}. On Windows install Microsoft's Visual C++ Redistributable "
            "for x64. In Blender install the zip made for this system again; elsewhere `pip install onnxruntime`."
        ) from problem
    ort.disable_telemetry_events()  # Windows does not read the variable
    return ort


def session(card: ModelCard, name: str, device: str, threads: int = 4) -> InferenceSession:
    """A session for one of the model's files, ready to run.

    Parameters
    ----------
    card : ModelCard
        The model's card.
    name : str
        File name.
    device : {"auto", "cpu", "cuda"}
        ``auto`` takes CUDA where onnxruntime can use it.
    threads : int
        At most so many processor threads.

    Raises
    ------
    ModelError
        When onnxruntime or the device is not there, or the file is absent, damaged or no network.
    """
    ort = onnxruntime()
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors are raised, warnings would only fill the console
    options.intra_op_num_threads = min(os.cpu_count() or 1, threads)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads must not heat a laptop
    options.use_deterministic_compute = True  # a seed is a take, bit for bit
    options.enable_cpu_mem_arena = False  # an arena keeps the most it ever held, one for each file; no faster here
    providers = [_PROVIDERS[name] for name in choose_providers(device, ort.get_available_providers())]
    content = card.read(name)
    try:
        opened = ort.InferenceSession(content, options, providers=providers)
    except Exception as problem:  # onnxruntime raises its own, unrelated classes
        raise ModelError(
            f"Expected onnxruntime to load {card.folder / name}, but: {problem}. Try device cpu."
        ) from problem
    if device == "cuda" and opened.get_providers()[0] != CUDA:
        raise ModelError(_no_cuda("CUDA or cuDNN could not be loaded"))
    return opened


def _no_cuda(reason: str) -> str:
    """The sentence for a CUDA device that was asked for and cannot be used."""
    return (
        f"Expected a CUDA device, but {reason}. Install an NVIDIA driver, CUDA 13, cuDNN 9 and `onnxruntime-gpu` in "
        "place of `onnxruntime`, or use device auto or cpu."
    )
