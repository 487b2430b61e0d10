# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns of a conversation: who speaks when, and what that makes of one of them over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby, pairwise

import numpy as np

from ..core.analysis import SpeechAnalysis
from ..core.channels import PHONES
from ..core.curves import runs
from ..core.errors import MotionError
from ..core.phonemes import Phonemes

SILENT = 0.6  # posterior of silence
PAUSE = 1.0  # s; in shorter silences a conversation goes on


@dataclass(frozen=True, eq=False)
class Turn:
    """A stretch of a shot in which somebody speaks.

    Parameters
    ----------
    begin, end : float
        Seconds from the beginning of the shot.
    analysis : SpeechAnalysis, optional
        Of its sound, whose second 0 is at `begin`. Without one a listener answers only its end.
    who : int
        Which of the partners speaks, from 0; no matter for the character's own turns.

    Raises
    ------
    MotionError
        When it does not end after it begins.
    """

    begin: float
    end: float
    analysis: SpeechAnalysis | None = None
    who: int = 0

    def __post_init__(self) -> None:
        if not (np.isfinite([self.begin, self.end]).all() and self.begin < self.end and self.who >= 0):
            raise MotionError(
                f"Expected a turn that ends after it begins, of partner 0 or above, got {self.begin} to {self.end} s "
                f"of partner {self.who}."
            )


class Role(Enum):
    """What one of the conversation does; speaking, where both speak."""

    LISTENING = "listening"
    SPEAKING = "speaking"
    SILENT = "silent"


@dataclass(frozen=True)
class Stretch:
    """A stretch of a shot in which the role stays the same, and so does the partner whom it is about.

    Parameters
    ----------
    begin, end : float
        Seconds.
    role : Role
    who : int
        The partner who speaks; where none does, the one who spoke last or, before anybody did, who will speak first.
    """

    begin: float
    end: float
    role: Role
    who: int


def without_silence(turn: Turn) -> list[Turn]:
    """The parts of a turn in which somebody is heard; in pauses of `PAUSE` and more of a long recording others are.

    One without an analysis stays whole.
    """
    if turn.analysis is None:
        return [turn]
    phonemes = turn.analysis.phonemes
    first, fps = turn.begin + phonemes.start, phonemes.fps
    silent = phonemes.posteriors[:, PHONES.index("SIL")] >= SILENT
    for begin, end in runs(silent):
        silent[begin:end] = end - begin >= PAUSE * fps
    found = []
    for begin, end in runs(~silent):
        ends = max(first + begin / fps, turn.begin), min(first + end / fps, turn.end)
        if ends[0] < ends[1]:
            part = Phonemes(phonemes.posteriors[begin:end], fps, first + begin / fps - ends[0])
            analysis = SpeechAnalysis(
                part, *(curve[begin:end] for curve in (turn.analysis.loudness, turn.analysis.effort))
            )
            found.append(replace(turn, begin=ends[0], end=ends[1], analysis=analysis))
    return found


def stretches(own: Sequence[Turn], partners: Sequence[Turn], end: float) -> list[Stretch]:
    """The roles of a character from second 0 to `end`, one after the other without gaps."""
    edges = [edge for turn in (*own, *partners) for edge in (turn.begin, turn.end) if 0 < edge < end]
    partners = sorted(partners, key=lambda turn: turn.begin)
    who = partners[0].who if partners else 0
    found: list[Stretch] = []
    for first, last in pairwise([0.0, *sorted(set(edges)), end]):
        middle = (first + last) / 2
        heard = [turn for turn in partners if turn.begin < middle < turn.end]
        who = heard[-1].who if heard else who
        speaks = any(turn.begin < middle < turn.end for turn in own)
        role = Role.SPEAKING if speaks else Role.LISTENING if heard else Role.SILENT
        found.append(Stretch(first, last, role, who))
    return _joined(_without_pauses(found))


def _without_pauses(found: list[Stretch]) -> list[Stretch]:
    """The same, with short silences as pauses of an own turn where one goes on, else as time to listen."""
    roles = [one.role for one in found]
    for place in range(1, len(found) - 1):
        if roles[place] is Role.SILENT and found[place].end - found[place].begin < PAUSE:
            both = roles[place - 1] is roles[place + 1] is Role.SPEAKING
            roles[place] = Role.SPEAKING if both else Role.LISTENING
    return [replace(one, role=role) for one, role in zip(found, roles, strict=True)]


def _joined(found: list[Stretch]) -> list[Stretch]:
    """The same, with neighbours of the same role and partner as one."""
    groups = [list(group) for _, group in groupby(found, key=lambda one: (one.role, one.who))]
    return [replace(group[0], end=group[-1].end) for group in groups]
