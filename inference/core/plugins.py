# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders in which each file is one of a kind, found by itself: to add one is to add a file."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def modules_in(package: str) -> dict[str, ModuleType]:
    """The modules of a package by their names.

    Parameters
    ----------
    package : str
        Its full name, as in ``__name__``.

    Returns
    -------
    dict of str to module
        By their ``ORDER`` where they have one, and by name.
    """
    folder = import_module(package)
    found = {one.name: import_module(f"{package}.{one.name}") for one in pkgutil.iter_modules(folder.__path__)}
    return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "ORDER", 0), item[0])))
