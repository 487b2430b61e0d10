# SPDX-License-Identifier: GPL-3.0-or-later
"""A new take of two: regions of the face, a range of frames, or both, from another take of the same speech."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ....inference.core.errors import FacewrightError, MotionError
from ....inference.core.regions import MOUTH_REGIONS
from ....inference.core.timeline import Timeline
from ....inference.takes import mix as compose
from ....inference.takes.recipe import Mixed, Recipe
from ...blender import sequencer
from ...blender.rna import OVERRIDABLE, settings_of
from ...character import character
from ...preview import preview
from ...takes import lines, store
from ...takes.store import Take

PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "MOUTH": ("Mouth", (*MOUTH_REGIONS, "visemes")),
    "CHEEKS": ("Cheeks", ("cheeks",)),
    "BROWS": ("Brows", ("brows",)),
    "LIDS": ("Lids", ("lids",)),
    "GAZE": ("Gaze", ("gaze",)),
    "HEAD": ("Head", ("head",)),
}
_ITEMS = tuple((name, label, f"Take the {label.lower()} from the other take") for name, (label, _) in PARTS.items())
_UPPER = {"BROWS", "LIDS", "GAZE"}


@dataclass(frozen=True)
class Mix:
    """What comes from the other take: some parts of the face, on some frames (first, last, blend) or on all."""

    parts: frozenset[str]
    frames: tuple[int, int, int] | None = None


class TakeMix(bpy.types.PropertyGroup):
    """The artist's choices under Mix Two Takes."""

    other: StringProperty(name="From", description="The other take", override=OVERRIDABLE)
    parts: EnumProperty(
        name="Parts",
        description="What comes from the other take; shift-click for several",
        items=_ITEMS,
        default=_UPPER,
        options={"ENUM_FLAG"},
        override=OVERRIDABLE,
    )
    use_range: BoolProperty(name="Only Frames", description="Take it on some frames only", override=OVERRIDABLE)
    first: IntProperty(name="First", description="First frame of the other take", default=1, override=OVERRIDABLE)
    last: IntProperty(name="Last", description="Last frame of the other take", default=50, override=OVERRIDABLE)
    blend: IntProperty(
        name="Blend",
        description="Frames, inside of these, over which one take turns into the other",
        default=5,
        min=0,
        override=OVERRIDABLE,
    )


def mixed(timeline: Timeline, base: Take, other: Take, mix: Mix) -> Take:
    """A copy of the take `base` with parts or frames of `other`; `timeline` is that of `base`.

    Raises
    ------
    FacewrightError
        When the takes are not of the same speech, or nothing or everything is to come from the other one.
    """
    _ensure_same_speech(base, other)
    everything = mix.parts == set(PARTS)
    if not mix.parts or (everything and mix.frames is None):
        raise MotionError(
            "Expected some parts of the face, or all of them on some frames, to come from the other take, got "
            f"{'everything' if everything else 'nothing'}. Choose parts, or set Only Frames."
        )
    regions = () if everything else tuple(region for part in PARTS if part in mix.parts for region in PARTS[part][1])
    span = None if mix.frames is None else _seconds(timeline, base, mix.frames)
    motion = compose.mix(base.motion, other.motion, regions, span)
    return replace(base, motion=motion, recipe=_recipe(base, other, regions, span))


def _ensure_same_speech(base: Take, other: Take) -> None:
    sounds = [take.recipe.sound.sha256 if take.recipe else None for take in (base, other)]
    spoken = [(take.speech.path, take.speech.start, take.speech.duration) for take in (base, other)]
    if not (None not in sounds and sounds[0] == sounds[1]) and spoken[0] != spoken[1]:
        raise MotionError("Expected two takes of the same speech, got two that say different things. Choose another.")


def _seconds(timeline: Timeline, take: Take, frames: tuple[int, int, int]) -> tuple[float, float, float]:
    """Begin, end and blend in seconds of the take; raises FacewrightError where the frames lie outside of it."""
    first, last, blend = frames
    begin, end = timeline.seconds(first), timeline.seconds(last)
    if first >= last or end <= take.motion.start or begin >= take.motion.end:
        ends = [round(timeline.frame(second)) for second in (take.motion.start, take.motion.end)]
        raise FacewrightError(
            f"Expected first and last frame within the take, which lasts from {ends[0]} to {ends[1]}, got {first} to "
            f"{last}."
        )
    return begin, end, min(blend / timeline.fps, (end - begin) / 2)


def _recipe(
    base: Take, other: Take, regions: tuple[str, ...], span: tuple[float, float, float] | None
) -> Recipe | None:
    if base.recipe is None or other.recipe is None:
        return None
    return replace(base.recipe, how=Mixed(base.recipe.how, other.recipe.how, regions, span))


def _named(base: str, other: str, mix: Mix) -> str:
    """A name for the new take, such as "Take 1 + brows 20-40 of Take 2"."""
    words = "" if mix.parts == set(PARTS) else " ".join(PARTS[part][0].lower() for part in PARTS if part in mix.parts)
    where = "" if mix.frames is None else f"{mix.frames[0]}-{mix.frames[1]}"
    return f"{base} + {' '.join(word for word in (words, where) if word)} of {other}"[:60]


class FACEWRIGHT_OT_take_mix(bpy.types.Operator):
    """Make a new take: the active one, with what is chosen above from the other"""

    bl_idname = "facewright.take_mix"
    bl_label = "Mix into New Take"
    bl_options: ClassVar = {"UNDO"}

    other: StringProperty(name="From", description="Name of the other take", options={"SKIP_SAVE"})
    parts: EnumProperty(name="Parts", items=_ITEMS, options={"ENUM_FLAG", "SKIP_SAVE"})
    first: IntProperty(name="First", options={"SKIP_SAVE"})
    last: IntProperty(name="Last", options={"SKIP_SAVE"})
    blend: IntProperty(name="Blend", default=5, min=0, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj: Any = context.view_layer.objects.active
        if obj is None or len(store.items(character.family_root(obj))) < 2:
            cls.poll_message_set("Two takes are needed: generate another one.")
        elif store.get(character.family_root(obj)) is None:
            cls.poll_message_set("The curves of the active take are not in this file: make it again first.")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        try:
            who = character.find(context.view_layer.objects.active, scene)
            name, other, mix = self._chosen(who.root)
            base, item = store.get(who.root), store.active_item(who.root)
            assert base is not None and item is not None  # poll has checked it
            timeline = sequencer.speech_timeline(scene, base.speech, lines.owner(who.root))
            take = mixed(timeline, base, other, mix)
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        lines.add(scene, who.root, [take], [_named(item.name, name, mix)])
        preview.start(scene, who, take)
        new = store.active_item(who.root)
        assert new is not None  # it was just added
        self.report({"INFO"}, f"New take: '{new.name}'.")
        return {"FINISHED"}

    def _chosen(self, root: bpy.types.Object) -> tuple[str, Take, Mix]:
        """The other take and what to take from it: as given, otherwise as set in the panel."""
        given, settings = self.properties.is_property_set, settings_of(root).take_mix
        name: str = self.other if given("other") else settings.other
        others = [item.name for item in store.items(root) if item != store.active_item(root)]
        if len(others) == 1 and not given("other"):
            name = others[0]
        item = next((item for item in store.items(root) if item.name == name), None)
        other = store.read(item) if item is not None else None
        if other is None or item == store.active_item(root):
            what = "one whose curves are not in this file" if item is not None else "none"
            what = "the active one itself" if item == store.active_item(root) else what
            raise MotionError(f"Expected the name of another take, got {what} ('{name}'). Choose one under From.")
        parts = frozenset(self.parts if given("parts") else PARTS if given("first") else settings.parts)
        if given("first") or given("last"):
            return name, other, Mix(parts, (self.first, self.last, self.blend))
        frames = (settings.first, settings.last, settings.blend)
        return name, other, Mix(parts, frames if settings.use_range and not given("parts") else None)


register, unregister = bpy.utils.register_classes_factory((TakeMix, FACEWRIGHT_OT_take_mix))
