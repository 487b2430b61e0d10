# SPDX-License-Identifier: GPL-3.0-or-later
"""Bakes whose sound was moved or retimed since: found, and moved along with it, hand edits and all.

What is remembered of a bake (its keys, what was there before it) goes along, so that hand edits are still told from
baked keys, and Unbake still brings back what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import bpy
import numpy as np

from ...inference.core.errors import AudioError, FacewrightError
from ...inference.core.timeline import Timeline
from ...inference.keys.merge import SAME_FRAME, moved_by
from ...inference.keys.records import frames
from ..blender import actions, nla, sequencer, strips
from ..blender.actions import SlotRef
from ..blender.sequencer import Speech
from ..blender.timeline import frame_rate
from ..character.character import Character, Part
from ..takes import lines, store
from . import edits, nla_poses, records, sound_places
from .edits import Place
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
    """

    part: Part
    home: SlotRef
    then: SoundPlace
    now: SoundPlace
    by_hand: float

    @property
    def speed(self) -> float:
        """How many times as fast it is heard now."""
        return self.then.rate / self.now.rate

    def at_now(self, at: np.ndarray) -> np.ndarray:
        """Frames of now [shape=(n,)] for frames that were right then."""
        return self.now.timeline.frame(self.then.timeline.seconds(at))


def find(scene: bpy.types.Scene, who: Character) -> list[MovedSound]:
    """The sounds of a character's bakes that have moved, with the keys that have not."""
    found: dict[tuple[str, str, SoundPlace], MovedSound] = {}  # parts may share a slot
    for part, home in ((one, home) for one in who.parts for home in _homes(one.block)):
        rate = edits.rate(home)
        if rate is not None and abs(rate[0] / rate[1] - frame_rate(scene)) > 1e-3:
            continue  # keys and sound run apart in any case: another check says so
        for then in sound_places.places_of(home):
            moved = _moved(scene, who.root, part, home, then)
            if moved is not None:
                found.setdefault((home.action.name_full, home.mark, then), moved)
    return list(found.values())


def move_along(scene: bpy.types.Scene, who: Character) -> None:
    """Move the keys of a character's bakes to where their sounds lie now, and the takes with them.

    Raises
    ------
    FacewrightError
        When keys cannot be moved; nothing has changed then.
    """
    found = find(scene, who)
    for moved in found:
        _ensure_movable(scene, who, moved)
    for moved in found:
        if moved.home == nla.poses_home(moved.part.block):
            nla_poses.work_over(moved.home, partial(_both_carried, moved))
        else:
            _move_keys(scene, moved)
        places = sound_places.places_of(moved.home)
        sound_places.write(moved.home, [moved.now if place == moved.then else place for place in places])
    lines.settle(scene, who.root)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _homes(block: bpy.types.ID) -> Iterator[SlotRef]:
    """All places with baked keys of a data-block."""
    found = (actions.slot_in_use(block), nla.additive_home(block), nla.poses_home(block))
    yield from (home for number, home in enumerate(found) if home is not None and home not in found[:number])


def _moved(
    scene: bpy.types.Scene, root: bpy.types.Object, part: Part, home: SlotRef, then: SoundPlace
) -> MovedSound | None:
    """How a sound has moved since it was baked; None where it has not, or the keys have gone with it."""
    timeline = _timeline_now(scene, root, then)
    if timeline is None:
        return None
    ends = np.array([then.first, then.last])
    frame, rate = timeline.frame(then.start), timeline.fps
    if abs(rate / then.rate - 1) < _SAME_SPEED:  # keys on whole frames stay on whole frames
        frame, rate = then.frame + round(frame - then.frame), then.rate
    now = replace(then, frame=frame, rate=rate)
    first, last = now.timeline.frame(then.timeline.seconds(ends)).tolist()
    now = replace(now, first=first, last=last)
    if np.abs(ends - (first, last)).max() < _LEAST:
        return None
    by_hand = _moved_by_hand(home)
    if np.abs(ends + by_hand - (first, last)).max() < _LEAST:
        return None
    return MovedSound(part, home, then, now, by_hand)


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


def _ensure_movable(scene: bpy.types.Scene, who: Character, moved: MovedSound) -> None:
    home, name = moved.home, moved.part.obj.name
    if home.action.library is not None:
        raise FacewrightError(f"Action '{home.action.name}' of '{name}' is linked and stays as it is. Bake again.")
    if _moves_others(home, [part.block for part in who.parts]):
        raise FacewrightError(
            f"Action '{home.action.name}' of '{name}' also moves others, whose sound may lie elsewhere. Make it a "
            "single user (the number beside its name) first."
        )
    for place in (moved.then, moved.now):
        lock = next((one for one in edits.locked_ranges(scene) if one[0] <= place.last and one[1] >= place.first), None)
        if lock is not None:
            raise FacewrightError(
                f"Frames from {lock[0]:g} on are locked by a timeline marker, so their keys stay. Remove the markers "
                f"'{edits.LOCK}' and '{edits.UNLOCK}' there first."
            )


def _moves_others(home: SlotRef, own: list[bpy.types.ID]) -> bool:
    """Whether keys also move what is not the character's own; a strip of our own in the NLA is no other."""
    if home == actions.slot_in_use(home.block):
        return edits.plays_elsewhere(home, own)
    users = bpy.data.user_map(subset={home.action}).get(home.action, ())
    return any(getattr(user, "animation_data", None) is not None and user not in own for user in users)


def _move_keys(scene: bpy.types.Scene, moved: MovedSound) -> None:
    """Move the keys in an Action, those the artist added between them too; curves that are locked stay as they are."""
    home = moved.home
    strip = nla.additive_strip(home.block)
    by_hand = 0.0 if strip is not None and actions.home_in(strip, home.block) == home else moved.by_hand
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    base = edits.baked_keys(home)
    now_at = {then: now for now, then in edits.renamed(home, base, curves).items()}
    changes: dict[Place, tuple[np.ndarray, np.ndarray]] = {}
    for place, baked in base.items():
        curve = curves.get(now_at.get(place, place))
        if curve is not None and actions.is_locked(curve):
            continue
        base[place] = _carried(baked, moved, 0.0)
        if curve is not None:
            now = actions.read(curve)
            changes[place] = now, _carried(now, moved, by_hand)
    records.carry(home, changes)
    for place, (_, keys) in changes.items():
        actions.replace_keys(home, now_at.get(place, place), keys, curves[now_at.get(place, place)])
    edits.remember(home, base, scene)
    if strip is not None and actions.home_in(strip, home.block) == home:
        nla.add_strip(home, strip.blend_in)


def _both_carried(moved: MovedSound, keys: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _carried(keys, moved, 0.0), _carried(base, moved, 0.0)


def _carried(keys: np.ndarray, moved: MovedSound, by_hand: float) -> np.ndarray:
    """The keys [dtype=KEY] with those of the sound where it lies now; others stay, but for those on the same frames."""
    own = moved.then.holds(frames(keys) - by_hand)
    carried = keys[own]
    for field in ("co", "handle_left", "handle_right"):
        carried[field][:, 0] = moved.at_now(carried[field][:, 0].astype(np.float64) - by_hand)
    at, others = frames(carried), keys[~own]
    clear = np.abs(frames(others)[:, None] - at[None, :]).min(axis=1, initial=np.inf) > SAME_FRAME
    together = np.concatenate([others[clear], carried])
    return together[np.argsort(frames(together), kind="stable")]
