# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound that was moved or retimed in the Sequencer since it was baked: its keys are still where it was."""

from __future__ import annotations

from pathlib import PurePath

from ...bake import move_along, moved_sounds
from ...bake.moved_sounds import MovedSound
from ...takes import store
from ..case import Case, Finding

ORDER = 59


def find(case: Case) -> list[Finding]:
    found = {_text(moved): moved for moved in moved_sounds.find(case.scene, case.who)}  # parts move together
    return [Finding(text, "" if moved.locked else "Move Keys Along") for text, moved in found.items()]


def mend(case: Case) -> list[str]:
    said = move_along.move_along(case.scene, case.who)
    item = store.active_item(case.who.root)
    speech = store.about(item).speech if item is not None else None
    if case.settings.source == "FILE" and speech is not None and not speech.strip:
        case.settings.frame = speech.frame
    return said


def _text(moved: MovedSound) -> str:
    what = moved.then.strip or PurePath(moved.then.path).stem
    if abs(moved.speed - 1) > 1e-3:
        how, has = f"is {moved.speed:.3g} times as fast as when it was baked", "are not"
    else:
        way = moved.now.frame - moved.then.frame
        frames = "frame" if abs(way) == 1 else "frames"
        how, has = f"has moved by {way:+g} {frames} since it was baked", "have not"
    if moved.locked:
        return (
            f"The sound of '{what}' {how}. Its keys stay, as line '{moved.locked}' is locked: unlock it to move them."
        )
    return f"The sound of '{what}' {how}, its keys {has}. Move them along with it, your edits too, or bake again."
