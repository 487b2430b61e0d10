# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist sets for each character: on the root of its family, saved and appended with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..inference.errors import FacewrightError
from ..inference.pipeline import LARGEST_SEED
from . import character, preview, speech, takes
from .mapping import OVERRIDABLE, FacewrightMappingLine

_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()


def _sound_strips(_self: CharacterSettings, context: bpy.types.Context, _typed: str) -> list[str]:
    return [strip.name for strip in speech.sound_strips(context.scene)]


def _preview_is_on(self: CharacterSettings) -> bool:
    return preview.is_on(self.id_data)


def _switch_preview(self: CharacterSettings, on: bool) -> None:
    root = self.id_data
    take = takes.get(root)
    if not on or take is None:
        preview.stop(root)
        return
    try:
        preview.start(bpy.context.scene, character.find(root, bpy.context.scene), take)
    except FacewrightError:  # the family lost its shape keys since; the panel says so
        preview.stop(root)


def _move_take(self: CharacterSettings, context: bpy.types.Context) -> None:
    """A new start frame moves the take there is, and its sound, at once: nothing need be inferred for that."""
    root, scene = self.id_data, context.scene
    take = takes.get(root)
    if take is None or take.speech.strip or take.speech.frame == self.frame:
        return
    take = replace(take, speech=replace(take.speech, frame=self.frame))
    takes.store(root, take)
    speech.hear(scene, take.speech, take.motion.frames / take.motion.fps, root.name)
    if preview.is_on(root):
        _switch_preview(self, True)


@persistent
def _before_save(*_: object) -> None:
    """Let the libraries of overridden characters have settings to differ from.

    Reading them makes them. Where a library was saved before facewright was used on it, Blender would otherwise take
    all settings of the override for one pointer, which it cannot save.
    """
    for obj in bpy.data.objects:
        if obj.override_library is not None and obj.override_library.reference is not None:
            _ = obj.override_library.reference.facewright.seed  # type: ignore[attr-defined]


class CharacterSettings(bpy.types.PropertyGroup):
    """The recipe of a character's take (which sound, from which frame, which seed) and its mapping."""

    if TYPE_CHECKING:
        source: str
        filepath: str
        strip: str
        frame: float
        seed: int
        preview: bool
        mapping: bpy.types.bpy_prop_collection
        mapping_index: int
        solo: int
    else:
        source: EnumProperty(
            name="Source",
            description="Where the speech comes from",
            items=(
                ("FILE", "File", "A sound file; it is put in the Sequencer at the start frame"),
                ("STRIP", "Strip", "The visible part of a sound strip in the Sequencer, where it lies"),
            ),
            override=OVERRIDABLE,
        )
        filepath: StringProperty(
            name="Sound",
            description="The speech: WAV, FLAC, OGG, Opus, MP3 or AIFF",
            subtype="FILE_PATH",
            options=_RELATIVE,
            override=OVERRIDABLE,
        )
        strip: StringProperty(
            name="Strip",
            description="The sound strip of the Sequencer that this character speaks",
            search=_sound_strips,
            override=OVERRIDABLE,
        )
        frame: FloatProperty(
            name="Start Frame",
            description="Frame at which the sound begins; may lie between frames",
            default=1.0,
            precision=2,
            step=100,
            update=_move_take,
            override=OVERRIDABLE,
        )
        seed: IntProperty(
            name="Seed",
            description="The same seed gives the same take. Another one moves blinks and gaze",
            min=0,
            max=LARGEST_SEED,
            override=OVERRIDABLE,
        )
        preview: BoolProperty(
            name="Preview",
            description="Show the take on the character while scrubbing and playing. Off puts your own values back",
            get=_preview_is_on,
            set=_switch_preview,
            options={"SKIP_SAVE"},
        )
        mapping: CollectionProperty(
            type=FacewrightMappingLine,
            name="Mapping",
            description="What moves what; empty where names are matched by themselves",
            override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"},
        )
        mapping_index: IntProperty(name="Active Line", description="Line shown below the list", override=OVERRIDABLE)
        solo: IntProperty(description="Line that moves alone; -1 for none", default=-1, override=OVERRIDABLE)


def register() -> None:
    bpy.utils.register_class(CharacterSettings)
    bpy.types.Object.facewright = PointerProperty(type=CharacterSettings, override=OVERRIDABLE)
    bpy.app.handlers.save_pre.append(_before_save)


def unregister() -> None:
    bpy.app.handlers.save_pre.remove(_before_save)
    del bpy.types.Object.facewright
    bpy.utils.unregister_class(CharacterSettings)
