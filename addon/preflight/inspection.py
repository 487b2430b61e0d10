# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight: what will not move, and why, before anything is made; each finding with a button that mends it.

A check is one file in `keys`, `curves` or `scene`, found by itself, with an integer ``ORDER``, a function
``find(case) -> list of Finding`` and, where a click can help, ``mend(case)``, which mends all that it finds.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import bpy

from ...inference.core.errors import FacewrightError
from ...inference.core.plugins import modules_in
from ..character import character
from ..character.character import Character
from . import curves, keys, scene
from .case import ERROR, Case, Finding

_FOLDERS = (keys, curves, scene)


def checks() -> dict[str, Any]:
    """Every check by its name, in the order they are shown."""
    found = {name: check for folder in _FOLDERS for name, check in modules_in(folder.__name__).items()}
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))


def inspect(scene: bpy.types.Scene, who: Character, audio: str = "") -> list[Finding]:
    """Everything that the checks find, the worst first."""
    case = Case(scene, who, audio)
    findings = [
        Finding(one.text, one.mend, one.severity, name) for name, check in checks().items() for one in check.find(case)
    ]
    return sorted(findings, key=lambda one: one.severity != ERROR)


def report(scene: bpy.types.Scene, obj: bpy.types.Object | None, audio: str = "") -> dict[str, Any]:
    """The same for a machine to read: what will move, and what will not and why."""
    try:
        who = character.find(obj, scene)
    except FacewrightError as error:
        return failed(error, obj.name if obj else None)
    moves: dict[str, list[str]] = {}
    for part in who.parts:  # an object may have shape keys, and properties of its own
        moves.setdefault(part.obj.name, []).extend(part.rig.controls)
    findings = inspect(scene, who, audio)
    return {
        "ok": not any(one.severity == ERROR for one in findings),
        "character": who.root.name,
        "coverage": who.coverage,
        "moves": moves,
        "missing": list(who.missing),
        "findings": [asdict(one) for one in findings],
    }


def failed(error: FacewrightError, name: str | None = None) -> dict[str, Any]:
    """The same fields where there is no character to look at."""
    finding = asdict(Finding(str(error), "", ERROR, "character"))
    return {"ok": False, "character": name, "coverage": "", "moves": {}, "missing": [], "findings": [finding]}


def mend(scene: bpy.types.Scene, who: Character, name: str) -> None:
    """Mend all that one check finds.

    Raises
    ------
    FacewrightError
        When there is no such check, or it cannot mend.
    """
    check = checks().get(name)
    if check is None or not hasattr(check, "mend"):
        able = ", ".join(known for known, one in checks().items() if hasattr(one, "mend"))
        raise FacewrightError(f"Expected one of {able} to mend, got '{name}'.")
    check.mend(Case(scene, who))
