# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight: tells before anything is generated what will not move, and why, with a button that mends it if possible.

A check is one file in `keys`, `curves` or `scene`, which is not listed anywhere else. It has an integer ``ORDER``, a
function ``find(case) -> list of Finding`` and, where a button can help, ``mend(case)``, which mends all that it finds
and may give sentences for the artist.
"""

from __future__ import annotations

from dataclasses import asdict, replace
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
    """All checks by name, in the order in which their findings are shown."""
    found = {name: check for folder in _FOLDERS for name, check in modules_in(folder.__name__).items()}
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))


def inspect(scene: bpy.types.Scene, who: Character, audio: str = "") -> list[Finding]:
    """The findings of all checks, errors first.

    `audio` is the path of a sound file to check in place of the one set on the character.
    """
    case = Case(scene, who, audio)
    findings = [replace(finding, check=name) for name, check in checks().items() for finding in check.find(case)]
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def report(scene: bpy.types.Scene, obj: bpy.types.Object | None, audio: str = "") -> dict[str, Any]:
    """What will move and what will not, as plain data for JSON; `audio` as in `inspect`."""
    try:
        who = character.find(obj, scene)
    except FacewrightError as error:
        return failed(error, obj.name if obj else None)
    moves: dict[str, list[str]] = {}
    for part in who.parts:  # an object may have several: its shape keys, and its own properties
        moves.setdefault(part.obj.name, []).extend(part.rig.controls)
    findings = inspect(scene, who, audio)
    return {
        "ok": not any(finding.severity == ERROR for finding in findings),
        "character": who.root.name,
        "coverage": who.coverage,
        "moves": moves,
        "missing": list(who.missing),
        "findings": [asdict(finding) for finding in findings],
    }


def failed(error: FacewrightError, name: str | None = None) -> dict[str, Any]:
    """A report with the same fields where there is no character: its one finding is the error."""
    finding = asdict(Finding(str(error), "", ERROR, "character"))
    return {"ok": False, "character": name, "coverage": "", "moves": {}, "missing": [], "findings": [finding]}


def mend(scene: bpy.types.Scene, who: Character, name: str) -> list[str]:
    """Mend all that one check finds.

    Returns
    -------
    list of str
        Sentences for the artist, where there is something to say.

    Raises
    ------
    FacewrightError
        When there is no such check, or it cannot mend.
    """
    check = checks().get(name)
    if check is None or not hasattr(check, "mend"):
        able = ", ".join(known for known, each in checks().items() if hasattr(each, "mend"))
        raise FacewrightError(f"Expected one of {able} to mend, got '{name}'.")
    return check.mend(Case(scene, who)) or []
