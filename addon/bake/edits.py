# SPDX-License-Identifier: GPL-3.0-or-later
"""What was baked last, and what is locked: with these a bake tells an artist's own keys from its own.

The keys of the last bake are remembered on the Action itself, packed, for each slot: they are saved, appended and
copied with it. Ranges are locked by pairs of timeline markers, curves by Blender's own lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError
from ...inference.keys.merge import EVERYWHERE, Merged, Span, as_if_baked, count_edits, merge
from ...inference.keys.records import pack, records, shape_only, unpack
from ...inference.keys.reduce import Keys
from ..blender import actions, nla, saved_paths
from ..blender.actions import MEMORY, SlotRef
from ..character.character import Part
from .mode import ADDITIVE, EXISTING, Mode

RATE = "facewright_rate"  # custom property of Actions: fps and fps_base of the scene
LOCK, UNLOCK = "facewright lock", "facewright unlock"  # names of timeline markers

Place = tuple[str, int]  # data path and array index of a curve


@dataclass(frozen=True, eq=False)
class CurveChange:
    """One curve of a bake, worked out and not yet written.

    Parameters
    ----------
    place : tuple of str and int
        Where the curve is.
    now, keys, baked : ndarray [dtype=KEY]
        Its keys as they are, as they will be, and what will be remembered as baked.
    kept : int
        How many keys that the artist changed, moved, added or deleted stay so.
    replaced : int
        How many of the artist's own keys, never baked, the bake removes.
    """

    place: Place
    now: np.ndarray
    keys: np.ndarray
    baked: np.ndarray
    kept: int
    replaced: int = 0


def slot_to_protect(part: Part, mode: Mode) -> SlotRef | None:
    """Where the keys are that the bake has to work around; None when there are none.

    Raises
    ------
    FacewrightError
        When they were to be changed, but are linked.
    """
    if mode.into == ADDITIVE:
        return nla.additive_home(part.block)
    home = actions.slot_in_use(part.block)
    if home is not None and home.action.library is not None and mode.into == EXISTING:
        raise FacewrightError(
            f"Action '{home.action.name}' in use on '{part.obj.name}' is linked and cannot be changed here. "
            "Bake into a new Action."
        )
    return home


def locked_ranges(scene: bpy.types.Scene) -> list[Span]:
    """Frames from each marker "facewright lock" to the next "facewright unlock", or to the end of time."""
    ranges, begin = [], None
    for marker in sorted(scene.timeline_markers, key=lambda marker: marker.frame):
        name = marker.name.strip().lower()
        if name == LOCK and begin is None:
            begin = float(marker.frame)
        elif name == UNLOCK and begin is not None:
            ranges.append((begin, float(marker.frame)))
            begin = None
    return ranges + ([(begin, float(np.inf))] if begin is not None else [])


def baked_keys(home: SlotRef) -> dict[Place, np.ndarray]:
    """The keys baked last at `home`, by place; empty when nothing was baked."""
    data = memory(home)
    try:
        held = unpack(data) if data else {}
    except ValueError:  # written by nobody we know: as if nothing had been baked
        return {}
    places = [(saved_paths.current(path), int(index)) for index, path in (name.split("|", 1) for name in held)]
    return dict(zip(places, held.values(), strict=True))


def remember(home: SlotRef, baked: dict[Place, np.ndarray], scene: bpy.types.Scene | None = None) -> None:
    """Store on the Action what was baked, and at which frame rate where that counts, for the next bake."""
    if scene is not None:
        home.action[RATE] = (float(scene.render.fps), scene.render.fps_base)
    restore_memory(home, pack({f"{index}|{path}": shape_only(keys) for (path, index), keys in baked.items()}))


def hold_still(home: SlotRef, values: dict[Place, float], frame: float) -> None:
    """Key values that stay at `home`, each once, and remember these keys as baked."""
    keys = {
        place: records(Keys(np.array([frame]), np.array([value]), np.zeros(1), False))
        for place, value in values.items()
    }
    for place, held in keys.items():
        actions.replace_keys(home, place, held, None)
    remember(home, keys)


def rate(home: SlotRef) -> tuple[float, float] | None:
    """``fps`` and ``fps_base`` of the scene that was baked; None when nothing was."""
    found = home.action.get(RATE)
    return (float(found[0]), float(found[1])) if found is not None and memory(home) else None


def memory(home: SlotRef) -> bytes:
    """The keys baked last, packed as they are stored on the Action; empty when nothing was baked."""
    held = home.action.get(MEMORY, {})
    return next((held[mark] for mark in home.marks if mark in held), b"")


def restore_memory(home: SlotRef, data: bytes) -> None:
    """Put back what `memory` gave."""
    held = home.action[MEMORY].to_dict() if MEMORY in home.action else {}
    for mark in home.marks:
        held.pop(mark, None)
    if data:
        held[home.mark] = data
    home.action[MEMORY] = held


def renamed(home: SlotRef, base: dict[Place, np.ndarray], curves: dict[Place, bpy.types.FCurve]) -> dict[Place, Place]:
    """Curves whose data path changed since the last bake, as a shape key or bone was renamed: place now -> place then.

    They are recognized by their keys, of which at least half must be as they were baked, unless nothing else but a
    renaming explains that there is nothing any more at the place of then. Of several that fit, the name decides.
    """
    lost = {place: keys for place, keys in base.items() if place not in curves and len(keys)}
    fits: list[tuple[float, float, Place, Place]] = []
    for now in [place for place in curves if place not in base] if lost else ():
        keys, here = actions.read(curves[now]), resolves(home.block, now)
        for then, baked in lost.items():
            edits = count_edits(keys, baked) / len(baked)
            if now[1] == then[1] and (edits <= 0.5 or (here and not resolves(home.block, then))):
                fits.append((edits, -SequenceMatcher(None, now[0].lower(), then[0].lower()).ratio(), now, then))
    found: dict[Place, Place] = {}
    for _, _, now, then in sorted(fits):
        if now not in found and then in lost:
            found[now] = then
            del lost[then]
    return found


def resolves(block: bpy.types.ID, place: Place) -> bool:
    """Whether there is something at a place of a data-block."""
    try:
        block.path_resolve(place[0])
    except ValueError:
        return False
    return True


def follow_renames(
    home: SlotRef, base: dict[Place, np.ndarray], curves: dict[Place, bpy.types.FCurve]
) -> dict[Place, Place]:
    """As `renamed`; `base` then also has the baked keys under the places of now.

    Blender 4.4 and 4.5 rename the curves of all slots when a shape key of one data-block is renamed. Curves that
    animate nothing under the new name get their old data path back.
    """
    names = renamed(home, base, curves)
    for new, old in [*names.items()]:
        if not resolves(home.block, new) and resolves(home.block, old) and home.action.library is None:
            curves[old] = curves.pop(new)
            curves[old].data_path = old[0]
            del names[new]
    base |= {new: base[old] for new, old in names.items()}
    return names


def plays_elsewhere(home: SlotRef, own: Iterable[bpy.types.ID]) -> bool:
    """Whether the slot also animates other data-blocks than `own`, or is played by a strip of the NLA."""
    for user in bpy.data.user_map(subset={home.action}).get(home.action, ()):
        data = getattr(user, "animation_data", None)
        if data is None:
            continue
        here = None if user in own else actions.slot_in_use(user)
        if here is not None and (here.action, here.mark) == (home.action, home.mark):
            return True
        if any(actions.home_in(strip, home.block) == home for strip in nla.strips_of(user)):
            return True
    return False


def modified(part: Part, curves: Iterable[bpy.types.FCurve]) -> list[str]:
    """A sentence on curves whose modifiers change what is baked into them."""
    count = sum(any(not one.mute for one in curve.modifiers) for curve in curves)
    what = "1 curve has modifiers, which change" if count == 1 else f"{count} curves have modifiers, which change"
    return [f"On '{part.obj.name}', {what} what is baked."] if count else []


def count_removed(now: np.ndarray, keys: np.ndarray) -> int:
    """How many keys of a curve are not among others."""
    there = set(map(tuple, keys["co"].tolist()))
    return sum(tuple(one) not in there for one in now["co"].tolist())


def merged(
    now: np.ndarray,
    new: np.ndarray,
    base: np.ndarray | None,
    spans: Sequence[Span],
    *,
    first: Sequence[Span] = (),
    locked: Sequence[Span] = (),
    keep_edits: bool = True,
) -> Merged:
    """The new keys of one curve, worked in around the artist's edits; see `merge`.

    A whole bake replaces all of the last one, wherever that lies; of keys that were never baked, only those in its way.
    """
    if not keep_edits and base is not None:
        base = as_if_baked(now, base, spans=spans, locked=locked)
    if base is None and tuple(spans) == (EVERYWHERE,):
        spans = [(float(new["co"][0, 0]), float(new["co"][-1, 0]))]
    return merge(now, new, base, spans=spans, first=first, locked=locked)
