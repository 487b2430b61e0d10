# SPDX-License-Identifier: GPL-3.0-or-later
"""The measures. Each file here is one, and is found by itself.

A measure has an integer ``ORDER`` (lower is printed earlier), ``PEER`` (whether it can be taken of a peer, too), and
``measure(bench) -> Table``. If it has ``plot(bench, folder) -> list of file names``, that is called for pictures. What
it lacks it tells by raising ``NotMeasured``.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def measures() -> dict[str, ModuleType]:
    """Every measure by its name, in the order they are printed."""
    found = {info.name: import_module(f".{info.name}", __package__) for info in pkgutil.iter_modules(__path__)}
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))
