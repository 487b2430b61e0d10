# SPDX-License-Identifier: GPL-3.0-or-later
"""The measures. Each file here is one, and is found by itself.

A measure has an integer ``ORDER`` (lower is printed earlier), ``PEER`` (whether it can be taken of a peer, too), and
``measure(bench) -> Table``. If it has ``plot(bench, folder) -> list of file names``, that is called for pictures. What
it lacks it tells by raising ``NotMeasured``.
"""

from __future__ import annotations

from types import ModuleType

from facewright.inference.core.plugins import modules_in


def measures() -> dict[str, ModuleType]:
    """Every measure by its name, in the order they are printed."""
    return modules_in(__name__)
