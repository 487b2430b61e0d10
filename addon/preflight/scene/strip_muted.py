# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound strip that is muted, or lies where all is: its speech is animated, but not heard."""

from __future__ import annotations

from typing import Any

from ...blender import sequencer, strips
from ...blender.sequencer import Speech
from ...takes import lines
from ..case import Case, Finding

ORDER = 61


def find(case: Case) -> list[Finding]:
    strip = _strip(case)
    if strip is None or not (why := strips.silenced(case.scene, strip)):
        return []
    return [Finding(f"Strip '{strip.name}' {why}, so what it says is not heard.", "Unmute")]


def mend(case: Case) -> None:
    if (strip := _strip(case)) is not None:
        strips.unmute(case.scene, strip)


def _strip(case: Case) -> Any:
    """The strip of the speech that is chosen; None where there is none."""
    settings, root = case.settings, case.who.root
    if case.audio:
        return None
    name = settings.strip if settings.source == "STRIP" else ""
    if settings.source == "STRIP" and not name:
        return None
    speech = Speech(sequencer.absolute(root, settings.filepath), strip=name)
    return sequencer.strip_of(case.scene, speech, lines.owner(root))
