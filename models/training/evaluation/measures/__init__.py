# SPDX-License-Identifier: GPL-3.0-or-later
"""The measures. Each file in a folder here is one, and is found by itself.

A measure has

* ``ORDER``, an integer: lower is printed earlier;
* ``PEER``: whether it can be taken of a peer, too;
* ``NEEDS``: the names, in the folder of the data sets, of what it reads; without them it is not taken;
* ``COLUMNS``: its figures, as ``table.Column``;
* ``measure(bench) -> Table`` with these columns. What else it lacks it tells by raising ``NotMeasured``;
* if it has pictures, ``plot(bench, folder) -> list of file names``.

Its name is that of its file. Measures do not import each other: what they share is in ``figures``.
"""

from __future__ import annotations

from types import ModuleType

from facewright.inference.core.plugins import modules_in


def measures() -> dict[str, ModuleType]:
    """Every measure by its name, in the order they are printed."""
    found: dict[str, ModuleType] = {}
    for folder in modules_in(__name__).values():
        found |= modules_in(folder.__name__)
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))
