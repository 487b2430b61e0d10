# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the preview at the active take: when another is chosen, a mapping or adjustment changes, and after undo."""

from __future__ import annotations

from contextlib import suppress

import bpy
from bpy.app.handlers import persistent

from ...inference.core.errors import FacewrightError
from ..blender import changes, sequencer
from ..blender.changes import Change
from ..blender.rna import settings_of
from ..character import character
from ..character.family import DOUBLE_OF
from ..dialogue import partners
from ..takes import lines, store
from ..takes.store import Take
from . import preview


def show(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Show the active take and play its sound with the scene; without one, put the artist's values back."""
    take = store.get(root)
    if take is not None:
        _hear(scene, root, take)
    start(scene, root)


def start(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Show the active take, or how the character listens; without any, put the artist's values back."""
    take = store.get(root)
    if take is None and not partners.partners_of(scene, root):
        preview.stop(root)
        return
    try:
        preview.start(scene, character.find(root, scene), take)
    except FacewrightError:  # the family lost its shape keys since; the panel says so
        preview.stop(root)


def start_again(root: bpy.types.Object) -> None:
    """Show a character's take anew after its mapping changed, if it is shown."""
    if preview.is_on(root):
        start(bpy.context.scene, root)


def _chosen(root: bpy.types.Object) -> None:
    show(bpy.context.scene, root)


def _adjusted(root: bpy.types.Object) -> None:
    preview.refresh(bpy.context.scene, root)


_LISTENERS = {Change.ACTIVE_TAKE: _chosen, Change.MAPPING: start_again, Change.ADJUSTMENTS: _adjusted}


def _hear(scene: bpy.types.Scene, root: bpy.types.Object, take: Take) -> None:
    """Choose the sound of a take as the character's speech, and put a sound file into the Sequencer to be heard."""
    settings = settings_of(root)
    speech = take.speech
    if speech.strip:
        settings.source, settings.strip = "STRIP", speech.strip
    elif settings.source != "FILE" or sequencer.absolute(root, settings.filepath) != speech.path:
        settings.source, settings.filepath = "FILE", speech.path
        sequencer.hear(scene, speech, take.motion.frames / take.motion.fps, lines.owner(root))


@persistent
def _on_undo(scene: bpy.types.Scene, *_: object) -> None:
    """Show what was shown at this step of Blender's history: with its takes, mapping and active take."""
    ended = preview.forget_all_but(obj for obj in bpy.data.objects if DOUBLE_OF in obj)
    for where, root in [*preview.marked()]:
        take = store.get(root)
        if (take is not None or partners.is_set(root)) and DOUBLE_OF not in root:
            with suppress(FacewrightError):  # its family has nothing to show it with at this step
                preview.take_up(where, character.find(root, where), take)
    preview.put_back(ended)
    preview.show(scene)


def register() -> None:
    for change, listener in _LISTENERS.items():
        changes.listen(change, listener)
    for handlers in (bpy.app.handlers.undo_post, bpy.app.handlers.redo_post):
        handlers.append(_on_undo)


def unregister() -> None:
    for change in _LISTENERS:
        changes.forget(change)
    for handlers in (bpy.app.handlers.undo_post, bpy.app.handlers.redo_post):
        handlers.remove(_on_undo)
