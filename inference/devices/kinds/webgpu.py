# SPDX-License-Identifier: GPL-3.0-or-later
"""Any graphics card, through WebGPU: Direct3D 12, Vulkan or Metal, with the plug-in ``onnxruntime-ep-webgpu``."""

from types import ModuleType
from typing import Any

from ...core.errors import DeviceError
from .. import plugin

LABEL, ABOUT = "WebGPU", "any graphics card, through Direct3D 12, Vulkan or Metal"
PROVIDER = "WebGpuExecutionProvider"
AUTOMATIC, ORDER = False, 2  # not before cards have been seen on which it is faster than the processor

_PLUGINS = ("onnxruntime_ep_webgpu",)
_OTHERWISE = "Use device auto or cpu."


def installed() -> bool:
    """Whether the plug-in is."""
    return plugin.installed(_PLUGINS) is not None


def prepared(ort: ModuleType, options: Any) -> None:
    """The options name the card, which the plug-in chooses."""
    name = plugin.installed(_PLUGINS)
    if name is None:
        raise DeviceError(
            "Expected a WebGPU device, but its plug-in is not installed. Install it: `pip install facewright[webgpu]`, "
            f"in Blender into the Python that its preferences name. {_OTHERWISE}"
        )
    found = plugin.devices(ort, name)
    if not found:
        raise DeviceError(
            "Expected a WebGPU device, but no graphics card was found. Install its driver; on Linux that of Vulkan "
            f"and its loader, libvulkan1. {_OTHERWISE}"
        )
    options.add_provider_for_devices(found[:1], {})


def reason(ort: ModuleType, problem: str) -> str:
    """The adapter's words."""
    return f"Expected a WebGPU device, but: {problem or 'it runs no network'}. Update its driver. {_OTHERWISE}"
