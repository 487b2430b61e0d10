# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines shown live on their character while the artist scrubs or plays, before anything is baked.

After each frame change controls are set to the values that a bake would key there. The artist's own values are put back
when the preview is switched off and whenever the file is saved, so that a preview is never stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ...inference.retarget.performance import evaluate
from ...inference.retarget.rig import Rig
from ..adjust import performance
from ..blender.lookup import object_of
from ..blender.rna import bake_settings_of
from ..character.character import Character, of_parts
from ..takes import store
from ..targets.control import Values


@dataclass(frozen=True)
class _Part:
    """A data-block that is driven (by uid, since undo replaces it), and the artist's own values of its controls."""

    uid: int
    target: Values
    rig: Rig
    before: dict[str, float]


@dataclass(frozen=True)
class _Shown:
    """A take that a character shows, and the scene whose frames it is shown on."""

    scene_uid: int
    take: store.Take | None  # None of one that only listens
    parts: tuple[_Part, ...]


_shown: dict[int, _Shown] = {}  # by session_uid of the character's root


def is_on(root: bpy.types.Object) -> bool:
    """Whether the character shows its take."""
    return root.session_uid in _shown


def shown(root: bpy.types.Object) -> store.Take | None:
    """The take that the character shows; None where it shows none, or only listens."""
    shown = _shown.get(root.session_uid)
    return None if shown is None else shown.take


def start(scene: bpy.types.Scene, character: Character, take: store.Take | None) -> None:
    """Show the take on the character, in place of the one it shows now; None where it only listens to its partner."""
    stop(character.root)
    shown = of_parts(character, scene, [name.lower() for name in bake_settings_of(scene).parts])
    parts = (
        _Part(p.block.session_uid, p.target, p.rig, {name: p.target.value(p.block, name) for name in p.rig.controls})
        for p in shown.parts
    )
    _shown[character.root.session_uid] = _Shown(scene.session_uid, take, tuple(parts))
    show(scene)


def stop(root: bpy.types.Object) -> None:
    """Put the artist's values back."""
    shown = _shown.pop(root.session_uid, None)
    if shown is not None:
        _restore(shown)


def stop_all() -> None:
    """Put the artist's values back everywhere."""
    for shown in _shown.values():
        _restore(shown)
    _shown.clear()


def show(scene: bpy.types.Scene, *, afresh: bool = True) -> None:
    """Set all characters that show a take to the scene's current frame; `afresh` as in `evaluate.motion_of`."""
    if not _shown:
        return
    idle = list[bpy.types.Object]()  # those who only listen, and whose partner is gone
    for uid, shown in _shown.items():
        root = object_of(uid)
        if root is None or shown.scene_uid != scene.session_uid:
            continue  # its take lies on the frames of another scene
        now = np.array([scene.frame_current_final])
        takes = performance.takes_with(root, shown.take)
        lines = [*performance.all_placed(scene, root, takes.items(), afresh=afresh).values()]
        if not lines:
            idle.append(root)
            continue
        for part, block in _blocks(shown):
            values = evaluate(part.rig, lines, now)[0]
            for name, value in zip(part.rig.controls, values.tolist(), strict=True):
                part.target.set_value(block, name, value)
    for root in idle:
        stop(root)


def refresh(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Show a character's take anew after an adjustment changed, if it is shown."""
    if is_on(root):
        show(scene, afresh=False)


def _restore(shown: _Shown) -> None:
    for part, block in _blocks(shown):
        for name, value in part.before.items():
            part.target.set_value(block, name, value)
        if block.animation_data is not None:
            block.update_tag(refresh={"TIME"})  # controls that an Action moves get its values of this frame


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
def _on_undo(scene: bpy.types.Scene, *_: object) -> None:
    show(scene)


@persistent
def _on_update(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Show takes anew after keys or drivers of adjustments were edited, of which Blender tells in no other way."""
    keys_edited = bool(_shown) and any(isinstance(update.id, bpy.types.Action) for update in depsgraph.updates)
    stale = False
    for uid, shown in _shown.items():
        root = object_of(uid)
        if root is not None and shown.scene_uid == scene.session_uid:
            stale |= performance.is_stale(scene, root, shown.take, keys_edited=keys_edited)
    if stale:
        show(scene, afresh=False)


@persistent
def _before_save(*_: object) -> None:
    for shown in _shown.values():
        _restore(shown)


@persistent
def _after_save(*_: object) -> None:
    show(bpy.context.scene, afresh=False)


@persistent
def _before_load(*_: object) -> None:
    _shown.clear()
    store.clear()
    performance.forget()


_HANDLERS = (
    ("frame_change_post", _on_frame),
    ("depsgraph_update_post", _on_update),
    ("undo_post", _on_undo),
    ("redo_post", _on_undo),
    ("save_pre", _before_save),
    ("save_post", _after_save),
    ("save_post_fail", _after_save),
    ("load_pre", _before_load),
)


def register() -> None:
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    stop_all()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    store.clear()
