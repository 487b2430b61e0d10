# SPDX-License-Identifier: GPL-3.0-or-later
"""Axes of bones and objects that are locked: a bake leaves them alone."""

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
    """What has lines for locked axes, and these lines."""
    each = [(kind, one, kind.locked(one, case.lines)) for kind in (bones, objects) for one in kind.found(case.members)]
    return [one for one in each if one[2]]
