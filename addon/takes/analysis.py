# SPDX-License-Identifier: GPL-3.0-or-later
"""What was heard in the sound of a character's takes (phones, loudness), kept with the character in the .blend."""

from __future__ import annotations

import bpy

from ...inference.adjust.phoneme_gains import SPOKEN, spoken
from ...inference.core.analysis import SpeechAnalysis
from ...inference.takes.packing import pack_within, unpack
from ..blender.rna import settings_of
from .store import Take

_heard: dict[str, SpeechAnalysis] = {}  # by key; of what the file holds and of what is too long for it
_counts: dict[str, dict[str, int]] = {}


def key_of(take: Take) -> str:
    """The same for all takes of one sound."""
    if take.recipe is not None:
        return take.recipe.sound.sha256
    return f"{take.speech.path} {take.speech.start} {take.speech.duration}"


def remember(root: bpy.types.Object, take: Take, analysis: SpeechAnalysis | None, text: str | None = None) -> None:
    """Keep what was heard in the sound of a take, in place of what was heard in another one.

    Where its curves are packed already, as `packed_within` gives them, that is `text`.
    """
    if analysis is None:
        return
    settings = settings_of(root)
    key = key_of(take)
    _heard[key] = analysis
    settings.heard_key = key
    settings.heard = pack_within(analysis.curves()) if text is None else text


def of(root: bpy.types.Object, take: Take) -> SpeechAnalysis | None:
    """What was heard in a take's sound; None where that is not known."""
    settings = settings_of(root)
    key = key_of(take)
    if key not in _heard and settings.heard_key == key and settings.heard:
        curves = unpack(settings.heard)
        if curves is not None:
            _heard[key] = SpeechAnalysis.from_curves(curves)
    return _heard.get(key)


def counts(root: bpy.types.Object, take: Take) -> dict[str, int]:
    """How often each phone is spoken; empty where that is not known."""
    key = key_of(take)
    if key not in _counts:
        analysis = of(root, take)
        if analysis is None:
            return {}
        names = [name for name, _, _ in spoken(analysis.phonemes, SPOKEN)]
        _counts[key] = {phone: names.count(phone) for phone in SPOKEN}
    return _counts[key]


def clear() -> None:
    """Forget what is in memory; what is in the file stays."""
    _heard.clear()
    _counts.clear()
