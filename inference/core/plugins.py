# SPDX-License-Identifier: GPL-3.0-or-later
"""Plug-in folders: each file in them is one plug-in (a layer, a slider, a format) and is found by itself."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def modules_in(package: str) -> dict[str, ModuleType]:
    """The modules of a package by their names.

    Parameters
    ----------
    package : str
        Full name of the package, as in ``__name__``.

    Returns
    -------
    dict of str to module
        Sorted by their ``ORDER`` (0 where they have none), then by name.
    """
    folder = import_module(package)
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = {name: import_module(f"{package}.{name}") for name in names}
    return dict(sorted(modules.items(), key=lambda item: (getattr(item[1], "ORDER", 0), item[0])))
