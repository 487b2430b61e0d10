# SPDX-License-Identifier: GPL-3.0-or-later
"""When a character speaks: its lines as stretches of a shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import bpy

from ...inference.core.analysis import SpeechAnalysis
from ...inference.core.phonemes import Phonemes
from ...inference.core.timeline import Timeline
from ...inference.dialogue.turns import Turn
from ...inference.takes.ends import LEAD, TAIL
from ..blender import sequencer
from ..blender.timeline import frame_rate
from ..takes import analysis, lines


@dataclass(frozen=True)
class Spoken:
    """A line while it is spoken, on the frames of the scene.

    Parameters
    ----------
    begin, end : float
        Frames.
    analysis : SpeechAnalysis or None
        Of its sound, where there is one.
    speed : float
        How many seconds of the sound are heard in one second.
    """

    begin: float
    end: float
    analysis: SpeechAnalysis | None
    speed: float

    def turn(self, shot: Timeline, who: int) -> Turn:
        """The same on the clock of a shot."""
        return Turn(shot.seconds(self.begin), shot.seconds(self.end), _at_speed(self.analysis, self.speed), who)


def spoken(scene: bpy.types.Scene, root: bpy.types.Object) -> tuple[Spoken, ...]:
    """What a character says: its lines that have a take, where they are heard."""
    found = []
    for key, take in lines.spoken(root):
        timeline = sequencer.speech_timeline(scene, take.speech, lines.owner(root, key))
        ends = timeline.frame(take.motion.start), timeline.frame(take.motion.end)
        if ends[0] < ends[1]:
            found.append(Spoken(*ends, analysis.of(root, take), frame_rate(scene) / timeline.fps))
    return tuple(found)


def shot_of(scene: bpy.types.Scene, every: Sequence[Spoken]) -> tuple[int, int]:
    """First and last frame of the shot: all of the scene, and all that is said, from rest to rest."""
    rate = frame_rate(scene)
    first = min([scene.frame_start, *(floor(one.begin - LEAD * rate / one.speed) for one in every)])
    return first, max([scene.frame_end, first + 1, *(ceil(one.end + TAIL * rate / one.speed) for one in every)])


def _at_speed(heard: SpeechAnalysis | None, speed: float) -> SpeechAnalysis | None:
    if heard is None or speed == 1.0:
        return heard
    phonemes = heard.phonemes
    return replace(heard, phonemes=Phonemes(phonemes.posteriors, phonemes.fps * speed, phonemes.start / speed))
