# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight: what will not move, and why, before anything is made; each finding with a button that mends it.

A check is one file in this folder, found by itself, with an integer ``ORDER``, a function ``find(case) -> list of
Finding`` and, where a click can help, ``mend(case)``, which mends all that it finds.
"""

from __future__ import annotations

import pkgutil
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import bpy

from ...inference.errors import FacewrightError
from ...inference.rig import Line
from .. import character, keyframes, mapping
from ..character import Character, Part
from ..targets import matched_lines

ERROR, WARNING = "ERROR", "WARNING"


@dataclass(frozen=True)
class Case:
    """What is looked at: a character in a scene."""

    scene: bpy.types.Scene
    who: Character
    audio: str = ""  # path of the sound, where it is not the one set on the character

    @property
    def settings(self) -> Any:
        """What the artist set for the character."""
        return self.who.root.facewright

    @cached_property
    def members(self) -> list[bpy.types.Object]:
        """All objects of the character."""
        return character.family(self.who.root, self.scene)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What moves what, the artist's own or matched by name."""
        own = mapping.stored(self.who.root)
        return matched_lines(self.members) if own is None else own

    def curves(self, part: Part) -> list[bpy.types.FCurve]:
        """The F-curves in use that a bake of this part would write."""
        places = {part.target.curve(part.block, name) for name in part.rig.targets}
        return [one for one in keyframes.fcurves_of(part.block) if (one.data_path, one.array_index) in places]

    def own_actions(self) -> None:
        """Put copies in the place of linked Actions in use: a linked one cannot be changed for good."""
        copies: dict[bpy.types.Action, bpy.types.Action] = {}
        for part in self.who.parts:
            home = keyframes.home_of(part.block)
            if home is not None and home.action.library is not None:
                if home.action not in copies:
                    copies[home.action] = home.action.copy()
                keyframes.assign(keyframes.home_by_mark(part.block, copies[home.action], home.mark))

    def is_linked(self, part: Part) -> bool:
        """Whether the Action in use of a part is linked from a library."""
        home = keyframes.home_of(part.block)
        return home is not None and home.action.library is not None


@dataclass(frozen=True)
class Finding:
    """Something that will not move as it should.

    Parameters
    ----------
    text : str
        A sentence: what, and why.
    mend : str
        What the button that mends it says; empty where only a person can.
    severity : str
        "ERROR" where nothing can be made or nothing would move, "WARNING" where a part of it.
    check : str
        Name of the check, filled in by `inspect`.
    """

    text: str
    mend: str = ""
    severity: str = WARNING
    check: str = ""


def checks() -> dict[str, Any]:
    """Every check by its name, in the order they are shown."""
    found = {info.name: import_module(f".{info.name}", __package__) for info in pkgutil.iter_modules(__path__)}
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
        moves.setdefault(part.obj.name, []).extend(part.rig.targets)
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


def library_of(part: Part) -> str:
    """File name of the library whose shape keys an override shows; "" where they are this file's own.

    Of overridden shape keys Blender saves values, mute and drivers, but no ends of sliders and not whether they are
    relative (`is_property_overridable_library`): those a click can only change until the file is opened again.
    """
    override = getattr(part.obj.data, "override_library", None)
    linked = override.reference.library if override is not None and override.reference is not None else None
    return bpy.path.basename(linked.filepath) if linked is not None else ""


def some(names: list[str]) -> str:
    """A few names for a sentence."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
