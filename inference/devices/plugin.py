# SPDX-License-Identifier: GPL-3.0-or-later
"""Providers of onnxruntime that come in a wheel of their own.

Such a wheel holds a library that any onnxruntime takes in while it runs
(https://onnxruntime.ai/docs/execution-providers/plugin-ep-libraries/usage.html), and a module that says where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from ..core.errors import DeviceError

_registered: set[str] = set()


def installed(modules: Sequence[str]) -> str | None:
    """The first of some plug-ins that is installed, by the name of its module."""
    return next((name for name in modules if find_spec(name) is not None), None)


def devices(ort: ModuleType, name: str) -> list[Any]:
    """What a plug-in can run networks on.

    Parameters
    ----------
    ort : module
        onnxruntime.
    name : str
        Of the plug-in's module, which is installed.

    Returns
    -------
    list of OrtEpDevice
        Empty where there is no card, or no driver of it.

    Raises
    ------
    DeviceError
        When this onnxruntime does not take the plug-in in.
    """
    plugin = import_module(name)
    if not hasattr(ort, "register_execution_provider_library"):
        raise DeviceError(
            f"Expected an onnxruntime that takes plug-ins such as {name}, got {ort.__version__}: update onnxruntime."
        )
    provider = plugin.get_ep_name()
    if name not in _registered:  # a library stays until the process ends, and is given only once
        try:
            ort.register_execution_provider_library(provider, plugin.get_library_path())
        except Exception as problem:  # onnxruntime raises its own, unrelated classes
            raise DeviceError(f"Expected onnxruntime {ort.__version__} to load {name}, but: {problem}.") from problem
        _registered.add(name)
    return [one for one in ort.get_ep_devices() if one.ep_name == provider]
