# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of bakes moved along with their sounds, hand edits and all.

What is remembered of a bake (its keys, what was there before it) goes along, so that hand edits are still told from
baked keys, and Unbake still brings back what was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ...inference.core.errors import FacewrightError
from ...inference.keys.records import shifted
from ..blender import actions, nla
from ..blender.actions import SlotRef
from ..character.character import Character
from ..takes import lines
from . import edits, influences, moved_sounds, nla_additive, records, sound_places
from .edits import Place
from .keys import at_rest
from .moved_keys import Laid, Layer, laid, layers
from .moved_sounds import MovedSound
from .sound_places import BENEATH, SoundPlace


@dataclass(frozen=True, eq=False)
class _Curve:
    """A curve of an Action, worked out and not yet written.

    Parameters
    ----------
    place, then : Place
        Where it is, and where it was baked.
    curve : bpy.types.FCurve or None
        None where the artist removed it.
    now : ndarray [dtype=KEY]
        Its keys as they are.
    laid : Laid
        As they will be.
    """

    place: Place
    then: Place
    curve: bpy.types.FCurve | None
    now: np.ndarray
    laid: Laid


def move_along(scene: bpy.types.Scene, who: Character) -> list[str]:
    """Move the keys of a character's bakes to where their sounds lie now, and the takes with them.

    All lines move at once. Those that are locked stay.

    Returns
    -------
    list of str
        Sentences on keys of the artist's that lie in the frames of a line that came there.

    Raises
    ------
    FacewrightError
        When keys cannot be moved; nothing has changed then.
    """
    found = moved_sounds.find(scene, who)
    going = [moved for moved in found if not moved.locked]
    if found and not going:
        lines.ensure_unlocked(next(line for line in lines.items(who.root) if line.key == found[0].then.line))
    for moved in going:
        _ensure_movable(scene, who, moved)
    homes: dict[tuple[str, str], list[MovedSound]] = {}
    for moved in going:
        homes.setdefault((moved.home.action.name_full, moved.home.mark), []).append(moved)
    orders = [_order(scene, who, together) for together in homes.values()]
    poses = [nla.is_poses_home(together[0].home) for together in homes.values()]
    work = [
        (together, [] if posed else _curves(who, together, order))
        for together, order, posed in zip(homes.values(), orders, poses, strict=True)
    ]
    said = _backed_up([(together[0].home, curves) for together, curves in work])
    kept = max((curve.laid.kept for _, curves in work for curve in curves), default=0)
    for (together, curves), order, posed in zip(work, orders, poses, strict=True):
        home = together[0].home
        if posed:
            kept = max(kept, _move_poses(home, order))
        else:
            _write(scene, home, curves)
        sound_places.write(home, _places(home, order))
    lines.settle(scene, who.root)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return [*said, *([_kept(kept)] if kept else [])]


def _kept(count: int) -> str:
    keys = "1 key of yours, which is" if count == 1 else f"keys of yours ({count} on a curve), which are"
    return f"A line now lies over {keys} kept."


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
    locked = lines.locked(who.root)
    for place in sound_places.places_of(home):
        there = place.later(moved.by_hand)
        if place.line in locked and there.first <= moved.now.last and there.last >= moved.now.first:
            raise FacewrightError(
                f"A sound that has moved now lies over the keys of line '{locked[place.line]}', which is locked. "
                "Unlock it in the list of lines, or move the sound elsewhere."
            )


def _moves_others(home: SlotRef, own: list[bpy.types.ID]) -> bool:
    """Whether keys also move what is not the character's own; a strip of our own in the NLA is no other."""
    if home == actions.slot_in_use(home.block):
        return edits.plays_elsewhere(home, own)
    users = bpy.data.user_map(subset={home.action}).get(home.action, ())
    return any(getattr(user, "animation_data", None) is not None and user not in own for user in users)


def _order(scene: bpy.types.Scene, who: Character, together: Sequence[MovedSound]) -> list[Layer]:
    """All lines that are baked at one place, in the order in which they are laid where they go."""
    home, going = together[0].home, {moved.then: moved.now for moved in together}
    by_hand = _others_by(together)
    moves = [
        (then, going.get(then) or moved_sounds.goes(scene, who.root, then, by_hand))
        for then in sound_places.places_of(home)
    ]
    return layers(moves, lines.locked(who.root))


def _others_by(together: Sequence[MovedSound]) -> float:
    """Frames by which keys that move with no sound go: the artist has moved them so, with all others."""
    return 0.0 if nla.is_poses_home(together[0].home) else together[0].by_hand


def _curves(who: Character, together: Sequence[MovedSound], order: Sequence[Layer]) -> list[_Curve]:
    """The curves of an Action with their lines moved, but for those that are locked."""
    home, others_by = together[0].home, _others_by(together)
    strip = nla.additive_strip(home.block)
    in_strip = strip is not None and actions.home_in(strip, home.block) == home
    curves = {(curve.data_path, curve.array_index): curve for curve in home.existing_fcurves}
    base = edits.baked_keys(home)
    now_at = {then: now for now, then in edits.renamed(home, base, curves).items()}
    rest, found = _rest(who, home, in_strip), []
    for then, baked in base.items():
        place = now_at.get(then, then)
        curve = curves.get(place)
        if curve is not None and actions.is_locked(curve):
            continue
        now = actions.read(curve) if curve is not None else baked[:0]
        as_baked = shifted(now, 0.0 if in_strip else -others_by)
        found.append(_Curve(place, then, curve, now, laid(as_baked, baked, order, rest.get(place), others_by)))
    return found


def _rest(who: Character, home: SlotRef, added: bool) -> dict[Place, float]:
    """The values of a silent face at `home`; none of drawings."""
    found: dict[Place, float] = {}
    for part in (one for one in who.parts if one.block == home.block):
        rest = at_rest(part.rig, [part.target.value(part.block, name) for name in part.rig.controls])
        values = np.array(rest) - (nla_additive.above_nothing(part, rest) if added else 0.0)
        for name, value, stepped in zip(part.rig.controls, values.tolist(), part.rig.stepped.tolist(), strict=True):
            if not stepped:
                found[part.target.curve(part.block, name)] = value
    return found


def _backed_up(work: Sequence[tuple[SlotRef, Sequence[_Curve]]]) -> list[str]:
    """Copies of Actions in which keys of the artist's come to lie on the same frame; sentences on them."""
    lost: dict[bpy.types.Action, int] = {}
    for home, curves in work:
        lost[home.action] = lost.get(home.action, 0) + sum(curve.laid.lost for curve in curves)
    said = []
    for action in (action for action, count in lost.items() if count):
        copy = records.backup(action, "before move")
        said.append(
            f"Keys of yours came to lie on the same frame, of which one is left ({lost[action]} are gone). "
            f"'{copy.name}' is a copy as it was, with a fake user."
        )
    return said


def _write(scene: bpy.types.Scene, home: SlotRef, curves: Sequence[_Curve]) -> None:
    base = edits.baked_keys(home) | {one.then: one.laid.baked for one in curves}
    records.carry(home, {one.then: (one.now, one.laid.keys) for one in curves if one.curve is not None})
    for one in curves:
        if one.curve is not None:
            actions.replace_keys(home, one.place, one.laid.keys, one.curve)
    edits.remember(home, base, scene)
    strip = nla.additive_strip(home.block)
    if strip is not None and actions.home_in(strip, home.block) == home:
        nla.add_strip(home, strip.blend_in)


def _move_poses(home: SlotRef, order: Sequence[Layer]) -> int:
    """Move the influences of poses; how many keys of the artist's lie in the frames of lines that came there."""
    kept = 0

    def move(_: str, keys: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal kept
        done = laid(keys, base, order, 0.0)
        kept = max(kept, done.kept)
        return done.keys, done.baked

    influences.work_over(home, move)
    return kept


def _places(home: SlotRef, order: Sequence[Layer]) -> list[SoundPlace]:
    """Where the sounds lie then, in the order of their bakes; what lies beneath gives its frames up to lines."""
    now = {layer.then: layer.now for layer in order}
    spans = [layer.now.span for layer in order if layer.then.line != BENEATH]
    return [
        piece
        for then in sound_places.places_of(home)
        for piece in (sound_places.cut(now[then], spans) if then.line == BENEATH else [now[then]])
    ]
