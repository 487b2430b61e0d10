# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist sets for each character: on the root of its family, saved and appended with it."""

from __future__ import annotations

from typing import Any

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

from ..inference.core.timing import LARGEST_SEED, VARIATION
from ..inference.retarget.drawings import HOLD
from .adjust import of_lines
from .adjust.properties import blender_properties
from .bake import copies
from .blender import changes, sequencer
from .blender.changes import Change
from .blender.rna import OVERRIDABLE, RELATIVE_PATH, CharacterSettings, settings_of
from .character.mapping import FacewrightMappingLine
from .dialogue import watch
from .preview import active_take, preview
from .takes import lines
from .takes import store as takes
from .ui.takes import mix


def _sound_strips(_self: CharacterSettings, context: bpy.types.Context, _typed: str) -> list[str]:
    return [strip.name for strip in sequencer.sound_strips(context.scene)]


def _preview_is_on(self: CharacterSettings) -> bool:
    return preview.is_on(self.id_data)


def _switch_preview(self: CharacterSettings, on: bool) -> None:
    if on:
        active_take.start(bpy.context.scene, self.id_data)
    else:
        preview.stop(self.id_data)


def _move_take(self: CharacterSettings, context: bpy.types.Context) -> None:
    """Move the takes of the active line, and their sound, to the new start frame at once; nothing is inferred anew."""
    if changes.in_batch():
        return
    root, scene = self.id_data, context.scene
    frame = self.frame
    copies.own_lines(scene, root)
    with changes.batch(root):
        self.frame = frame
    before = takes.get(root)
    lines.keep_form(root)
    takes.move(lines.takes_of(root, lines.active(root)), self.frame)
    take = takes.get(root)
    if take is None or take is before:
        return
    sequencer.hear(scene, take.speech, take.motion.frames / take.motion.fps, lines.owner(root))
    active_take.start_again(root)


def _keep_form(self: CharacterSettings, _context: bpy.types.Context) -> None:
    lines.keep_form(self.id_data)


def _choose_line(self: CharacterSettings, _context: bpy.types.Context) -> None:
    lines.show_chosen(self.id_data)
    of_lines.switch(self.id_data)
    changes.announce(self.id_data, Change.ACTIVE_TAKE)


def _choose_take(self: CharacterSettings, _context: bpy.types.Context) -> None:
    lines.keep_choice(self.id_data)
    changes.announce(self.id_data, Change.ACTIVE_TAKE)


def _show_again(self: CharacterSettings, _context: bpy.types.Context) -> None:
    changes.announce(self.id_data, Change.MAPPING)


def _choose_partner(self: CharacterSettings, context: bpy.types.Context) -> None:
    self.partner_name = "" if self.partner is None else self.partner.name
    watch.tell_all()
    if not takes.items(self.id_data):  # nothing but listening is to be seen of it
        active_take.start(context.scene, self.id_data)
    _show_again(self, context)


@persistent
def _before_save(*_args: object) -> None:
    """Let the libraries of overridden characters have settings to differ from.

    Reading them makes them. Where a library was saved before facewright was used on it, Blender would otherwise take
    all settings of the override for one pointer, which it cannot save.
    """
    for obj in bpy.data.objects:
        if obj.override_library is not None and obj.override_library.reference is not None:
            _ = settings_of(obj.override_library.reference).seed


class CharacterFields:
    """What a character says (which sound, from which frame, which seed), its takes, its adjustments and its mapping.

    Adjustments are put in by `register`.
    """

    source: EnumProperty(
        name="Source",
        description="Where the speech comes from",
        items=(
            ("FILE", "File", "A sound file; it is put in the Sequencer at the start frame"),
            ("STRIP", "Strip", "The visible part of a sound strip in the Sequencer, where it lies"),
        ),
        update=_keep_form,
        override=OVERRIDABLE,
    )
    filepath: StringProperty(
        name="Sound",
        description="The speech: WAV, FLAC, OGG, Opus, MP3 or AIFF",
        subtype="FILE_PATH",
        options=RELATIVE_PATH,
        update=_keep_form,
        override=OVERRIDABLE,
    )
    strip: StringProperty(
        name="Strip",
        description="The sound strip of the Sequencer that this character speaks",
        search=_sound_strips,
        update=_keep_form,
        override=OVERRIDABLE,
    )
    begins: EnumProperty(
        name="Starts At",
        description="Where the sound of a new character begins",
        items=(
            ("SCENE", "Scene Start", "The first frame of the scene"),
            ("PLAYHEAD", "Playhead", "The current frame"),
            ("FRAME", "Frame", "A frame of your own"),
        ),
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
        description="The same seed gives the same take. Another one changes brows, blinks, gaze and head; jaw and "
        "lips follow the voice",
        min=0,
        max=LARGEST_SEED,
        update=_keep_form,
        override=OVERRIDABLE,
    )
    preview: BoolProperty(
        name="Preview",
        description="Show the take on the character while scrubbing and playing. Off puts your own values back",
        get=_preview_is_on,
        set=_switch_preview,
        options={"SKIP_SAVE"},
    )
    take_count: IntProperty(
        name="Takes",
        description="How many takes to generate at once, with this seed and those after it",
        default=1,
        min=1,
        max=20,
        override=OVERRIDABLE,
    )
    variation: FloatProperty(
        name="Variation",
        description="How much jaw and lips of takes with other seeds differ. At 0 hardly at all; head and eyes "
        "always do",
        default=VARIATION,
        min=0.0,
        max=1.0,
        step=1,
        override=OVERRIDABLE,
    )
    speaks: StringProperty(
        name="Speaks",
        description="Which sounds of the Sequencer are this character's: numbers or names of channels, names of "
        "strips, or patterns such as ann_*, with commas between",
        override=OVERRIDABLE,
    )
    partner: PointerProperty(
        type=bpy.types.Object,
        name="Partner",
        description="Whom this character talks to and looks at: another character, whose lines it listens to, or any "
        "object",
        update=_choose_partner,
        override=OVERRIDABLE,
    )
    partner_name: StringProperty(description="What the partner was called when it was chosen", override=OVERRIDABLE)
    listening: FloatProperty(
        name="How Much",
        description="How far head and brows answer while the partner speaks. At 0 only eyes and lids move",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        update=_show_again,
        override=OVERRIDABLE,
    )
    listening_seed: IntProperty(
        name="Seed",
        description="The same seed gives the same nods, blinks and glances",
        min=0,
        max=LARGEST_SEED,
        update=_show_again,
        override=OVERRIDABLE,
    )
    listening_lock: BoolProperty(
        name="Lock",
        description="Bake and Unbake leave the keys of listening as they are",
        override=OVERRIDABLE,
    )
    lines: CollectionProperty(
        type=lines.FacewrightLine,
        name="Lines",
        description="What this character says in the scene",
        override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"},
    )
    line_index: IntProperty(
        name="Active Line",
        description="The line whose speech, takes and sliders are shown, and that is generated and baked",
        update=_choose_line,
        override=OVERRIDABLE,
    )
    line_shown: StringProperty(description="Key of the line whose sliders these are", override=OVERRIDABLE)
    takes: CollectionProperty(
        type=takes.FacewrightTake,
        name="Takes",
        description="What was generated for this character",
        override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"},
    )
    take_index: IntProperty(
        name="Active Take",
        description="The take that is previewed and baked",
        update=_choose_take,
        override=OVERRIDABLE,
    )
    take_mix: PointerProperty(type=mix.TakeMix, override=OVERRIDABLE)
    heard: StringProperty(description="Phonemes and loudness of the sound, packed", override=OVERRIDABLE)
    heard_key: StringProperty(description="The sound they were heard in", override=OVERRIDABLE)
    mapping: CollectionProperty(
        type=FacewrightMappingLine,
        name="Mapping",
        description="What moves what; empty where names are matched by themselves",
        override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"},
    )
    hold: FloatProperty(
        name="Hold at Least (s)",
        description="Seconds for which each drawing of a mouth is shown at least, to the nearest frame. Lips close "
        "on p, b and m all the same",
        default=HOLD,
        min=0.0,
        soft_max=0.5,
        max=5.0,
        precision=3,
        step=1,
        update=_show_again,
        override=OVERRIDABLE,
    )
    mapping_index: IntProperty(name="Active Line", description="Line shown below the list", override=OVERRIDABLE)
    solo: IntProperty(description="Line that moves alone; -1 for none", default=-1, override=OVERRIDABLE)


_registered: Any = None


def register() -> None:
    global _registered
    adjustments = type("AdjustmentFields", (), {"__annotations__": blender_properties()})
    _registered = type(
        "CharacterSettings",
        (adjustments, CharacterFields, bpy.types.PropertyGroup),
        {"__doc__": CharacterFields.__doc__, "__module__": __name__},
    )
    bpy.utils.register_class(_registered)
    # Blender has read them now, and bpy 4.2 as a module crashes as it exits while they are held.
    adjustments.__annotations__.clear()
    bpy.types.Object.facewright = PointerProperty(type=_registered, override=OVERRIDABLE)
    bpy.app.handlers.save_pre.append(_before_save)


def unregister() -> None:
    global _registered
    bpy.app.handlers.save_pre.remove(_before_save)
    del bpy.types.Object.facewright
    bpy.utils.unregister_class(_registered)
    _registered = None
