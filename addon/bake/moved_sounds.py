# SPDX-License-Identifier: GPL-3.0-or-later
"""Bakes whose sound was moved or retimed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...inference.core.errors import AudioError
from ...inference.core.timeline import Timeline
from ...inference.keys.merge import moved_by
from ..blender import actions, nla, sequencer, strips
from ..blender.actions import SlotRef
from ..blender.sequencer import Speech
from ..blender.timeline import frame_rate
from ..character.character import Character, Part
from ..takes import lines, store
from . import edits, sound_places
from .sound_places import SoundPlace

_LEAST = 0.5  # frames; less than that, keys on whole frames cannot be nearer
_SAME_SPEED = 1e-4


@dataclass(frozen=True, eq=False)
class MovedSound:
    """A sound that no longer lies where it lay when it was baked.

    Parameters
    ----------
    part : Part
        What was baked.
    home : SlotRef
        Where its keys are.
    then, now : SoundPlace
        Where the sound lay, and where it lies.
    by_hand : float
        Frames by which the artist has moved all the keys together already.
    locked : str
        Name of its line where that is locked, so that its keys stay; "" elsewhere.
    """

    part: Part
    home: SlotRef
    then: SoundPlace
    now: SoundPlace
    by_hand: float
    locked: str

    @property
    def speed(self) -> float:
        """How many times as fast it is heard now."""
        return self.then.rate / self.now.rate


def find(scene: bpy.types.Scene, who: Character) -> list[MovedSound]:
    """The sounds of a character's bakes that have moved, with the keys that have not."""
    found: dict[tuple[str, str, SoundPlace], MovedSound] = {}  # parts may share a slot
    locked = lines.locked(who.root)
    for part, home in ((one, home) for one in who.parts for home in _homes(one.block)):
        rate = edits.rate(home)
        if rate is not None and abs(rate[0] / rate[1] - frame_rate(scene)) > 1e-3:
            continue  # keys and sound run apart in any case: another check says so
        by_hand = None
        for then in sound_places.places_of(home):
            now = _place_now(scene, who.root, then)
            if _is_at(then, now):
                continue
            by_hand = _moved_by_hand(home) if by_hand is None else by_hand
            if not _is_at(then.later(by_hand), now):
                moved = MovedSound(part, home, then, now, by_hand, locked.get(then.line, ""))
                found.setdefault((home.action.name_full, home.mark, then), moved)
    return list(found.values())


def _homes(block: bpy.types.ID) -> Iterator[SlotRef]:
    """All places with baked keys of a data-block."""
    found = (actions.slot_in_use(block), nla.additive_home(block), nla.poses_home(block))
    yield from (home for number, home in enumerate(found) if home is not None and home not in found[:number])


def goes(scene: bpy.types.Scene, root: bpy.types.Object, then: SoundPlace, by_hand: float) -> SoundPlace:
    """Where a place goes when others of its bake move along: with the keys that the artist moved already, if at all."""
    moved = then.later(by_hand)
    now = _place_now(scene, root, then) if by_hand else then
    return now if _is_at(moved, now) else moved


def _place_now(scene: bpy.types.Scene, root: bpy.types.Object, then: SoundPlace) -> SoundPlace:
    """Where a sound that was baked lies now; where it was if that is not known."""
    timeline = _timeline_now(scene, root, then)
    if timeline is None:
        return then
    frame, rate = timeline.frame(then.start), timeline.fps
    if abs(rate / then.rate - 1) < _SAME_SPEED:  # keys on whole frames stay on whole frames
        return then.later(round(frame - then.frame))
    now = replace(then, frame=frame, rate=rate)
    first, last = now.timeline.frame(then.timeline.seconds(np.array(then.span))).tolist()
    return replace(now, first=first, last=last)


def _is_at(place: SoundPlace, other: SoundPlace) -> bool:
    return max(abs(place.first - other.first), abs(place.last - other.last)) < _LEAST


def _timeline_now(scene: bpy.types.Scene, root: bpy.types.Object, then: SoundPlace) -> Timeline | None:
    """Where the seconds of the file of a sound that was baked lie now; None where that is not known."""
    line = next((one for one in lines.items(root) if one.key == then.line), None)
    abouts = [store.about(item) for item in (store.items(root) if line is None else lines.takes_of(root, line))]
    taken = next((about.speech for about in abouts if then.is_of(about.speech)), None)
    speech = taken or Speech(bpy.path.abspath(then.path), strip=then.strip)
    strip = sequencer.strip_of(scene, speech, lines.owner(root, then.line))
    if strip is None:  # only takes of a file know by themselves where they begin
        return replace(speech, frame=_zero(scene, taken)).timeline(scene) if taken and not taken.strip else None
    try:
        heard = strips.heard(scene, strip)
    except AudioError:
        return None
    return Timeline(frame_rate(scene) / heard.speed, heard.frame_of(0.0, frame_rate(scene)))


def _zero(scene: bpy.types.Scene, speech: Speech) -> float:
    return speech.timeline(scene).frame(-speech.start)


def _moved_by_hand(home: SlotRef) -> float:
    """Frames by which all keys of a bake lie elsewhere than they were baked: moved together, or their strip was."""
    strip = nla.additive_strip(home.block)
    if strip is not None and actions.home_in(strip, home.block) == home:
        return strip.frame_start - strip.action_frame_start
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    ways = [
        moved_by(actions.read(curves[place]), keys) for place, keys in edits.baked_keys(home).items() if place in curves
    ]
    known = [way for way in ways if way is not None]
    return float(np.median(known)) if known else 0.0
