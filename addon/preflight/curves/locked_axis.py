# SPDX-License-Identifier: GPL-3.0-or-later
"""Locked axes of bones and objects: a bake does not key them."""

from __future__ import annotations

from typing import Any

from ...targets.control import Controls, some
from ...targets.kinds import bones, objects
from ..case import Case, Finding

ORDER = 42


def find(case: Case) -> list[Finding]:
    return [
        Finding(
            f"On '{controls.obj.name}', axes are locked and stay as they are: "
            f"{some([f'{line.target} {line.kind}' for line in lines])}.",
            "Unlock",
        )
        for _, controls, lines in _locked(case)
    ]


def mend(case: Case) -> None:
    for target, controls, lines in _locked(case):
        for line in lines:
            target.unlock(controls, line)


def _locked(case: Case) -> list[tuple[Any, Controls, list[Any]]]:
    """Controls that have lines for locked axes: their kind, the controls, and these lines."""
    return [
        (kind, controls, lines)
        for kind in (bones, objects)
        for controls in kind.found(case.members)
        if (lines := kind.locked(controls, case.lines))
    ]
