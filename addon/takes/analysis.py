# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech analysis (phonemes, loudness) of the sound of a character's takes, kept with the character in the .blend.

Of takes of several sounds of a line the file holds the analysis of the last one; memory holds those of all since it was
opened.
"""

from __future__ import annotations

import bpy

from ...inference.adjust.phoneme_gains import SPOKEN, spoken
from ...inference.core.analysis import SpeechAnalysis
from ...inference.takes.packing import pack_within, unpack
from ..blender.rna import CharacterSettings, LineItem, settings_of
from . import lines
from .store import Take

_analyses: dict[str, SpeechAnalysis] = {}  # by key; those too long to be saved are here only
_counts: dict[str, dict[str, int]] = {}  # by key


def key_of(take: Take) -> str:
    """What identifies the sound of a take: all takes of one sound have the same key, and share its analysis."""
    if take.recipe is not None:
        return take.recipe.sound.sha256
    return f"{take.speech.path} {take.speech.start} {take.speech.duration}"


def remember(root: bpy.types.Object, take: Take, analysis: SpeechAnalysis | None, text: str | None = None) -> None:
    """Keep the analysis of a take's sound; in the file it replaces that of another sound.

    `text` is its curves as `pack_within` packs them, where that is done already.
    """
    if analysis is None:
        return
    key = key_of(take)
    _analyses[key] = analysis
    holder: CharacterSettings | LineItem = lines.active(root) or settings_of(root)
    holder.heard_key = key
    holder.heard = pack_within(analysis.curves()) if text is None else text


def of(root: bpy.types.Object, take: Take) -> SpeechAnalysis | None:
    """The analysis of a take's sound; None where there is none."""
    key = key_of(take)
    if key not in _analyses:
        for holder in (*lines.items(root), settings_of(root)):
            curves = unpack(holder.heard) if holder.heard_key == key and holder.heard else None
            if curves is not None:
                _analyses[key] = SpeechAnalysis.from_curves(curves)
                break
    return _analyses.get(key)


def counts(root: bpy.types.Object, take: Take) -> dict[str, int]:
    """How often each phoneme is spoken; empty where there is no analysis."""
    key = key_of(take)
    if key not in _counts:
        analysis = of(root, take)
        if analysis is None:
            return {}
        names = [name for name, _, _ in spoken(analysis.phonemes, SPOKEN)]
        _counts[key] = {phoneme: names.count(phoneme) for phoneme in SPOKEN}
    return _counts[key]


def clear() -> None:
    """Forget the analyses in memory; what is in the file stays."""
    _analyses.clear()
    _counts.clear()
