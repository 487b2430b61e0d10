# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on the timeline the sounds of a bake lay: remembered with the bake, so that its keys can go with its sound."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from ...inference.core.timeline import Timeline
from ...inference.keys.merge import Span
from ...inference.keys.records import frames
from ..blender.actions import SlotRef
from ..blender.sequencer import Speech
from ..dialogue import talk
from . import records

BENEATH = talk.KEY  # as the line of what lies beneath all lines
_AROUND = 0.5  # frames before the first and after the last key of a take that are still its own


@dataclass(frozen=True)
class SoundPlace:
    """Where a sound lay that was baked, and which frames were keyed.

    Parameters
    ----------
    path, strip : str
        Of its speech; the path is relative to the .blend where it can be.
    start, frame : float
        A second of the file, and the scene frame on which it fell.
    rate : float
        Scene frames that a second of the file took, above 0.
    first, last : float
        The first and the last frame that were keyed.
    line : str
        Key of the line that says it; "" where it is none.
    """

    path: str
    strip: str
    start: float
    frame: float
    rate: float
    first: float
    last: float
    line: str = ""

    @property
    def span(self) -> Span:
        """The first and the last frame that were keyed."""
        return self.first, self.last

    @property
    def timeline(self) -> Timeline:
        """Where the seconds of the file lay."""
        return Timeline(self.rate, self.frame - self.start * self.rate)

    def later(self, by: float) -> SoundPlace:
        """The place as many frames later."""
        return replace(self, frame=self.frame + by, first=self.first + by, last=self.last + by)

    def is_of(self, speech: Speech) -> bool:
        """Whether it is the place of this sound."""
        return (self.strip, bpy.path.abspath(self.path)) == (speech.strip, speech.path)

    def stands_for(self, other: SoundPlace) -> bool:
        """Whether another is the place of the same line, or of the same sound where they are of none."""
        return self.line == other.line and (bool(self.line) or (self.path, self.strip) == (other.path, other.strip))

    def holds(self, at: np.ndarray) -> np.ndarray:
        """Which frames [shape=(n,)] are among those that were keyed [bool]."""
        return (at >= self.first - _AROUND) & (at <= self.last + _AROUND)


def place_of(speech: Speech, timeline: Timeline, keyed: Span, line: str) -> SoundPlace:
    """The place of a speech on the timeline of its bake, which keyed it from one frame to another."""
    where = speech.start, timeline.first_frame, timeline.fps
    return SoundPlace(_as_saved(speech.path), speech.strip, *where, *keyed, line)


def places_of(home: SlotRef) -> list[SoundPlace]:
    """The places of the sounds that are baked at `home`; of bakes of earlier versions none."""
    return [SoundPlace(**table) for table in json.loads(records.sounds(home) or "[]")]


def remember(
    home: SlotRef,
    now: Mapping[str, Sequence[SoundPlace]],
    before: Sequence[SoundPlace],
    baked: Sequence[np.ndarray],
    *,
    part: bool,
) -> None:
    """Remember where lines lie that were just baked; of `part` of their frames only, around those there were.

    Parameters
    ----------
    home : SlotRef
        Where they were baked.
    now : mapping of str to sequence of SoundPlace
        The place of each, by its key; several of listening, which has no sound.
    before : sequence of SoundPlace
        Those of what the bake was worked into. Of which no key is left, they are forgotten.
    baked : sequence of ndarray [dtype=KEY]
        All keys of the bake, of each curve.
    part : bool
    """
    at = np.unique(np.concatenate([np.zeros(0), *map(frames, baked)]))
    places = list(before)
    for line, own in now.items():
        places = _with_line(places, line, own, at, part)
    write(home, places)


def _with_line(
    before: Sequence[SoundPlace], line: str, places: Sequence[SoundPlace], at: np.ndarray, part: bool
) -> list[SoundPlace]:
    """The places with those of a line, where `at` are the frames of all baked keys."""
    others = [other for other in before if not other.stands_for(places[0])]
    same = [other for other in before if other.stands_for(places[0])]
    if part and line == BENEATH:
        places = [*(piece for other in same for piece in cut(other, [place.span for place in places])), *places]
    elif part and same:
        places = [replace(places[0], first=min(same[0].first, places[0].first), last=max(same[0].last, places[0].last))]
    keyed = [place.span for place in places]
    if line != BENEATH:  # what lies beneath gives its frames up to a line
        others = [piece for other in others for piece in (cut(other, keyed) if other.line == BENEATH else [other])]
    covered = np.any([place.holds(at) for place in places], axis=0)
    return [*(one for one in others if (one.holds(at) & ~covered).any()), *places]


def cut(place: SoundPlace, others: Sequence[Span]) -> list[SoundPlace]:
    """What is left of a place where others lie over it."""
    return [replace(place, first=first, last=last) for first, last in without(place.span, others)]


def without(span: Span, others: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of a span of whole frames where others lie over it."""
    left = [span]
    for begin, end in others:
        left = [
            piece
            for low, high in left
            for piece in ((low, min(high, begin - 1)), (max(low, end + 1), high))
            if piece[0] <= piece[1]
        ]
    return tuple(left)


def write(home: SlotRef, places: Sequence[SoundPlace]) -> None:
    """Make these the places of the sounds at `home`, which holds a bake."""
    records.keep_sounds(home, json.dumps([asdict(place) for place in places]))


def _as_saved(path: str) -> str:
    """A path that is still right when .blend and sound go to another disk together."""
    folder = Path(bpy.data.filepath).parent
    if not bpy.data.filepath or not Path(path).is_relative_to(folder):
        return path
    return f"//{Path(path).relative_to(folder).as_posix()}"
