# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since a conversation was worked out: Blender tells of it while it evaluates, and here it is noted.

A played frame moves faces, and they are evaluated again. So only what may change a conversation counts: scenes,
collections, what carries the heads, the objects that hold lines and settings, and the Actions that move any of these.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
from bpy.app.handlers import persistent

SAID, PLACES = "said", "places"  # what somebody says or is set to; where somebody is

_followed: dict[int, tuple[frozenset[int], frozenset[int]]] = {}  # uid of a root -> of what it depends on, of movers
_news: dict[int, set[str]] = {}  # uid of a root -> what may have changed


def follow(root: bpy.types.Object, blocks: Iterable[bpy.types.ID], movers: Iterable[bpy.types.ID]) -> None:
    """Watch, for a character, some data-blocks, and those that move somebody in its conversation."""
    movers = frozenset(mover.session_uid for mover in movers)
    _followed[root.session_uid] = frozenset(block.session_uid for block in blocks) | movers, movers


def leave(uid: int) -> None:
    """Watch nothing for a character any more, given the session uid of its root."""
    _followed.pop(uid, None)
    _news.pop(uid, None)


def tell_all() -> None:
    """Let every conversation be worked out again."""
    for uid in _followed:
        _news.setdefault(uid, set()).update((SAID, PLACES))


def has_news(root: bpy.types.Object) -> bool:
    """Whether something may have changed for a character."""
    return root.session_uid in _news


def news(root: bpy.types.Object) -> set[str]:
    """What may have changed for a character since the last call."""
    return _news.pop(root.session_uid, set())


@persistent
def _on_update(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Note whose conversation depends on what was just evaluated."""
    if not _followed:
        return
    moved = set[int]()
    for update in depsgraph.updates:
        block = update.id.original
        if isinstance(block, (bpy.types.Scene, bpy.types.Collection)):
            for uid in _followed:
                _news.setdefault(uid, set()).add(SAID)
        elif isinstance(block, bpy.types.Action) or (
            isinstance(block, bpy.types.Object) and update.is_updated_transform
        ):
            moved.add(block.session_uid)
    for uid, (depends, movers) in _followed.items():
        if not depends.isdisjoint(moved):
            _news.setdefault(uid, set()).update((SAID, *([] if movers.isdisjoint(moved) else [PLACES])))


def register() -> None:
    bpy.app.handlers.depsgraph_update_post.append(_on_update)


def unregister() -> None:
    bpy.app.handlers.depsgraph_update_post.remove(_on_update)
    _followed.clear()
    _news.clear()
