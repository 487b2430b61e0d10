# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech that is not chosen, cannot be found or read, or is not heard as a whole at one speed."""

from __future__ import annotations

import glob
from pathlib import Path

import bpy

from ....inference.core.errors import FacewrightError
from ...blender import sequencer
from ...dialogue import partners
from ...takes import lines
from ..case import ERROR, Case, Finding

ORDER = 12


def find(case: Case) -> list[Finding]:
    settings = case.settings
    if partners.is_set(case.who.root) and not (
        case.audio or len(settings.lines) or settings.filepath or settings.strip
    ):
        return []  # it only listens
    try:
        if case.audio:
            sequencer.from_file(case.audio, 0.0)
        elif settings.source == "STRIP":
            sequencer.from_strip(case.scene, settings.strip)
        else:
            spoken = sequencer.from_file(settings.filepath, settings.frame)
            sequencer.where_heard(case.scene, spoken, lines.owner(case.who.root))
    except FacewrightError as error:
        moved = _moved(case)
        return [Finding(str(error), f"Use {bpy.path.basename(moved)} beside the .blend" if moved else "", ERROR)]
    return []


def mend(case: Case) -> None:
    if moved := _moved(case):
        case.settings.filepath = moved


def _moved(case: Case) -> str:
    """Where the sound file is gone, one of the same name beside the .blend or in a folder there; "" without any."""
    settings = case.settings
    name = bpy.path.basename(settings.filepath.replace("\\", "/"))
    if case.audio or settings.source == "STRIP" or not name or not bpy.data.filepath:
        return ""
    folder = Path(bpy.data.filepath).parent
    found = next((path for path in (folder / name, *folder.glob(f"*/{glob.escape(name)}")) if path.is_file()), None)
    return bpy.path.relpath(str(found)) if found else ""
