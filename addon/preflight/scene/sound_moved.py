# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound that was moved or retimed in the Sequencer since it was baked: its keys are still where it was."""

from __future__ import annotations

from pathlib import PurePath

from ...bake import moved_sounds
from ...bake.moved_sounds import MovedSound
from ...takes import store
from ..case import Case, Finding

ORDER = 59


def find(case: Case) -> list[Finding]:
    texts = dict.fromkeys(_text(moved) for moved in moved_sounds.find(case.scene, case.who))  # parts move together
    return [Finding(text, "Move Keys Along") for text in texts]


def mend(case: Case) -> None:
    moved_sounds.move_along(case.scene, case.who)
    item = store.active_item(case.who.root)
    speech = store.about(item).speech if item is not None else None
    if case.settings.source == "FILE" and speech is not None and not speech.strip:
        case.settings.frame = speech.frame


def _text(moved: MovedSound) -> str:
    what = moved.then.strip or PurePath(moved.then.path).stem
    if abs(moved.speed - 1) > 1e-3:
        return (
            f"The sound of '{what}' is {moved.speed:.3g} times as fast as when it was baked, its keys are not. Move "
            "them along with it, your edits too, or bake again."
        )
    way = moved.now.frame - moved.then.frame
    return (
        f"The sound of '{what}' has moved by {way:+g} {'frame' if abs(way) == 1 else 'frames'} since it was baked, its "
        "keys have not. Move them along with it, your edits too, or bake again."
    )
