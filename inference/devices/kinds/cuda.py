# SPDX-License-Identifier: GPL-3.0-or-later
"""NVIDIA's graphics cards, through CUDA: with ``onnxruntime-gpu``, or a plug-in of CUDA for any onnxruntime."""

import contextlib
import io
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from ...core.errors import DeviceError
from .. import plugin

LABEL, ABOUT = "CUDA", "an NVIDIA graphics card"
PROVIDER = "CUDAExecutionProvider"
AUTOMATIC, ORDER = True, 1

_PLUGINS = ("onnxruntime_ep_cuda13", "onnxruntime_ep_cuda12")
_LIBRARY = "onnxruntime_providers_cuda.dll" if sys.platform == "win32" else "libonnxruntime_providers_cuda.so"
# By default cuDNN takes whichever algorithm was fastest in a trial run, and TF32 rounds factors to 10 bits: bits vary.
_EXACT = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}
_OTHERWISE = "Or use device auto or cpu."


def installed() -> bool:
    """Whether onnxruntime-gpu is, even where another onnxruntime was installed over it, or a plug-in."""
    return _library() is not None or plugin.installed(_PLUGINS) is not None


def prepared(ort: ModuleType, options: Any) -> list[Any] | None:
    """The card that CUDA counts first; ``CUDA_VISIBLE_DEVICES`` says which one that is."""
    name = plugin.installed(_PLUGINS)
    if name is not None:
        found = plugin.devices(ort, name)
        if not found:
            raise DeviceError(reason(ort, ""))
        options.add_provider_for_devices(found[:1], _EXACT)
        return None
    if PROVIDER not in ort.get_available_providers():
        raise DeviceError(_overwritten() if _library() else _absent())
    if hasattr(ort, "preload_dlls"):
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
            ort.preload_dlls()
    return [(PROVIDER, _EXACT), "CPUExecutionProvider"]


def reason(ort: ModuleType, problem: str) -> str:
    """What its library misses, as the system tells when it is loaded by hand: onnxruntime only logs it."""
    missing = _missing()
    if "libcuda.so" in missing or "nvcuda" in missing:
        return f"Expected a CUDA device, but there is no NVIDIA driver ({missing}). Install it. {_OTHERWISE}"
    if missing:
        return (
            f"Expected a CUDA device, but its libraries cannot be loaded ({missing}). Install them: "
            f"`pip install onnxruntime-gpu[cuda,cudnn]`. {_OTHERWISE}"
        )
    return (
        f"Expected a CUDA device, but {problem or 'no card was found'}. Update the NVIDIA driver; a card must be known "
        f"to it (`nvidia-smi`). {_OTHERWISE}"
    )


def _absent() -> str:
    return (
        "Expected a CUDA device, but this onnxruntime is built without CUDA. Install the one that has it: "
        "`pip install facewright[gpu]`, then `pip install --force-reinstall --no-deps onnxruntime-gpu`; in Blender "
        f"name a Python that has it in Preferences > Add-ons > Facewright. {_OTHERWISE}"
    )


def _overwritten() -> str:
    return (
        "Expected a CUDA device, but onnxruntime was installed over onnxruntime-gpu and hides it: both are the same "
        f"module. Run `pip install --force-reinstall --no-deps onnxruntime-gpu`. {_OTHERWISE}"
    )


def _library() -> Path | None:
    """The library of CUDA's provider, which an onnxruntime that is installed over it leaves there."""
    spec = find_spec("onnxruntime")
    path = Path(spec.origin or "").parent / "capi" / _LIBRARY if spec is not None else None
    return path if path is not None and path.is_file() else None


def _missing() -> str:
    """What the system says when it loads the library, "" where it loads."""
    path = _library()
    if path is None:
        return ""
    import ctypes

    shared = path.with_name(path.name.replace("_cuda.", "_shared."))
    try:
        if shared.is_file():
            ctypes.CDLL(str(shared), mode=ctypes.RTLD_GLOBAL)
        ctypes.CDLL(str(path))
    except OSError as problem:
        return str(problem)
    return ""
