# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines shown live on their character while the artist scrubs or plays, before anything is baked.

After each frame change controls are set to the values that a bake would key there. The artist's own values are put back
when the preview is switched off and whenever the file is saved, so that a preview is never stored. Meanwhile they are
kept where Blender's undo keeps what is shown (`own_values`), and the root has a mark that says that it shows its take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ...inference.retarget.performance import Placed, Played
from ...inference.retarget.rig import Rig
from ..adjust import performance
from ..blender.lookup import object_of, scene_of
from ..blender.numbers import Place
from ..blender.rna import bake_settings_of
from ..blender.sequencer import Sounds
from ..character.character import Character, of_parts
from ..takes import store
from ..targets.control import Values
from . import own_values

# Custom property of a root that shows its take: uids of the scene and, since a copy has it, too, of the root itself.
SHOWN = "facewright_shown"


@dataclass
class _Part:
    """A data-block that is driven, by uid, since undo replaces it."""

    uid: int
    target: Values
    rig: Rig
    played: Played | None = None

    def at(self, frame: float, lines: tuple[Placed, ...]) -> list[float]:
        """The values of its controls on a frame."""
        if self.played is None or self.played.lines != lines:
            self.played = Played(self.rig, lines)
        return self.played.at(frame).tolist()


@dataclass(frozen=True)
class _Shown:
    """A take that a character shows, and the scene whose frames it is shown on."""

    scene_uid: int
    take: store.Take | None  # None of one that only listens
    face: frozenset[str]  # what of it is shown, of `core.parts`
    parts: tuple[_Part, ...]


_shown: dict[int, _Shown] = {}  # by session_uid of the character's root
_objects = 0  # how many there were when copies of characters were looked for
_unsettled: set[int] = set()  # uids of scenes in which Actions may still be evaluated over what was set just now


def is_on(root: bpy.types.Object) -> bool:
    """Whether the character shows its take."""
    return root.session_uid in _shown


def shown(root: bpy.types.Object) -> store.Take | None:
    """The take that the character shows; None where it shows none, or only listens."""
    shown = _shown.get(root.session_uid)
    return None if shown is None else shown.take


def start(scene: bpy.types.Scene, character: Character, take: store.Take | None) -> None:
    """Show the take on the character, in place of the one it shows now; None where it only listens to its partner."""
    take_up(scene, character, take)
    show(scene)


def take_up(scene: bpy.types.Scene, character: Character, take: store.Take | None) -> None:
    """Let a character show a take from the next frame or `show` on."""
    root = character.root
    before = _shown.get(root.session_uid)
    face = frozenset(name.lower() for name in bake_settings_of(scene).parts)
    parts = [_Part(p.block.session_uid, p.target, p.rig) for p in of_parts(character, scene, face).parts]
    now = _Shown(scene.session_uid, take, face, tuple(parts))
    _shown[root.session_uid] = now
    root[SHOWN] = _mark(now, root)
    _unsettled.add(scene.session_uid)
    _keep_own(block for shown in (before, now) if shown is not None for _, block in _blocks(shown))


def marked() -> Iterator[tuple[bpy.types.Scene, bpy.types.Object]]:
    """The characters that show their takes by their marks, each with the scene on whose frames they do."""
    for root in [obj for obj in bpy.data.objects if SHOWN in obj]:
        scene_uid, _, uid = str(root[SHOWN]).partition(" ")
        scene = scene_of(int(scene_uid))
        if scene is not None and uid == str(root.session_uid):
            yield scene, root


def stop(root: bpy.types.Object) -> None:
    """Put the artist's values back."""
    root.pop(SHOWN, None)
    shown = _shown.pop(root.session_uid, None)
    if shown is not None:
        _keep_own(block for _, block in _blocks(shown))


def stop_all() -> None:
    """Put the artist's values back everywhere."""
    forget_all_but(())
    put_back()


def forget_all_but(roots: Iterable[bpy.types.Object]) -> list[_Shown]:
    """Forget what all but some roots show, and return it; nothing of the scene changes."""
    staying = {root.session_uid for root in roots}
    return [_shown.pop(uid) for uid in [*_shown] if uid not in staying]


def put_back(ended: Iterable[_Shown] = ()) -> None:
    """Put the artist's values back wherever they are kept and nothing is shown, as on copies of a character.

    Where undo `ended` what was shown, Actions move it again: the values that came back may be those of another frame.
    """
    for root in [obj for obj in bpy.data.objects if SHOWN in obj and not is_on(obj)]:
        del root[SHOWN]
    seen = {part.uid for shown in _shown.values() for part in shown.parts}
    _keep_own(block for block in own_values.holders() if block.session_uid not in seen)
    for block in [block for shown in ended for part, block in _blocks(shown) if part.uid not in seen]:
        own_values.follow_action(block)


def show(scene: bpy.types.Scene, *, afresh: bool = True) -> None:
    """Set all characters that show a take to the scene's current frame; `afresh` as in `evaluate.motion_of`."""
    if not _shown:
        return
    sounds = Sounds(scene)
    idle: list[bpy.types.Object] = []  # those who only listen, and whose partner is gone
    for uid, shown in _shown.items():
        root = object_of(uid)
        if root is None or shown.scene_uid != scene.session_uid:
            continue  # its take lies on the frames of another scene
        takes = performance.takes_with(root, shown.take)
        lines = performance.all_placed(
            scene, root, takes.items(), parts=shown.face, afresh=afresh, sounds=sounds
        ).values()
        if not lines:
            idle.append(root)
            continue
        for part, block in _blocks(shown):
            values = part.at(scene.frame_current_final, tuple(lines))
            part.target.set_values(block, dict(zip(part.rig.controls, values, strict=True)))
    for root in idle:
        stop(root)


def refresh(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Show a character's take anew after an adjustment changed, if it is shown."""
    if is_on(root):
        show(scene, afresh=False)


def _mark(shown: _Shown, root: bpy.types.Object) -> str:
    return f"{shown.scene_uid} {root.session_uid}"


def _keep_own(blocks: Iterable[Any]) -> None:
    """Keep the artist's values of what is shown on some data-blocks, and put back what is shown no more."""
    for block in list(blocks):
        own_values.keep(block, list(dict.fromkeys(_places(block))))


def _places(block: Any) -> Iterator[Place]:
    """Where characters show something on a data-block, which several may share."""
    for part in [part for shown in _shown.values() for part in shown.parts if part.uid == block.session_uid]:
        for name in part.rig.controls:
            with suppress(KeyError):  # deleted or renamed since
                yield part.target.curve(block, name)


def _blocks(shown: _Shown) -> Iterator[tuple[_Part, Any]]:
    """The parts whose data-block still exists, with it."""
    for target in {id(part.target): part.target for part in shown.parts}.values():
        found = {block.session_uid: block for block in target.blocks()}
        for part in shown.parts:
            if part.target is target and part.uid in found:
                yield part, found[part.uid]


@persistent
def _on_frame(scene: bpy.types.Scene, *_: object) -> None:
    show(scene, afresh=False)


@persistent
def _on_update(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Show takes anew after keys or drivers of adjustments were edited, of which Blender tells in no other way.

    And over Actions: these were evaluated now if their keys were edited, or as the first thing after undo. A copy of a
    character has not been previewed yet: it gets the artist's values.
    """
    global _objects
    if _shown and _objects != (count := len(bpy.data.objects)):
        _objects = count
        put_back()
    keys_edited = bool(_shown) and any(isinstance(update.id, bpy.types.Action) for update in depsgraph.updates)
    stale = keys_edited or scene.session_uid in _unsettled
    _unsettled.discard(scene.session_uid)
    for uid, shown in _shown.items():
        root = object_of(uid)
        if root is not None and shown.scene_uid == scene.session_uid:
            stale |= performance.is_stale(scene, root, shown.take, keys_edited=keys_edited)
    if stale:
        show(scene, afresh=False)


@persistent
def _before_save(*_: object) -> None:
    _saved.update(_shown)
    stop_all()


@persistent
def _after_save(*_: object) -> None:
    _shown.update(_saved)
    _unsettled.update(shown.scene_uid for shown in _saved.values())
    for root, shown in [(object_of(uid), shown) for uid, shown in _saved.items()]:
        if root is not None:
            root[SHOWN] = _mark(shown, root)
            _keep_own(block for _, block in _blocks(shown))
    _saved.clear()
    show(bpy.context.scene, afresh=False)


@persistent
def _before_load(*_: object) -> None:
    _shown.clear()
    store.clear()
    performance.forget()


@persistent
def _after_load(*_: object) -> None:
    put_back()  # Blender's automatic save may have written a file with a preview in it


_saved: dict[int, _Shown] = {}  # what is shown again after the save
_HANDLERS = (
    ("frame_change_post", _on_frame),
    ("depsgraph_update_post", _on_update),
    ("save_pre", _before_save),
    ("save_post", _after_save),
    ("save_post_fail", _after_save),
    ("load_pre", _before_load),
    ("load_post", _after_load),
)


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    stop_all()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    store.clear()
