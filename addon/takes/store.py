# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: what was generated for each character, kept on its root and saved, appended and linked with it.

A take holds its recipe, from which it can be made again bit for bit, and its motion, so that it is there when the file
is opened; very long motion is left out if there is a recipe. Which one is active decides what is previewed and baked.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import bpy
from bpy.props import BoolProperty, StringProperty

from ...inference.core.errors import RecipeError
from ...inference.core.motion import Motion
from ...inference.takes.packing import pack, pack_within, unpack
from ...inference.takes.recipe import Recipe, from_json
from ..blender import changes
from ..blender.rna import OVERRIDABLE, Table, TakeItem, settings_of
from ..blender.sequencer import Speech, absolute


@dataclass(frozen=True, eq=False)
class Take:
    """Motion for one speech. Second 0 of the motion is the start of the speech.

    Parameters
    ----------
    motion : Motion
        As generated: what the artist dials afterwards is not in it.
    speech : Speech
        What is said, and where it lies on the timeline.
    seed : int
        The first of those it was made with.
    provider : str
        "CPU" or "CUDA".
    recipe : Recipe or None
        How it was made; None where nobody knows.
    """

    motion: Motion
    speech: Speech
    seed: int
    provider: str
    recipe: Recipe | None = None


@dataclass(frozen=True)
class About:
    """What is known of a take without its motion."""

    speech: Speech
    seed: int
    provider: str
    seconds: float


class FacewrightTake(bpy.types.PropertyGroup):
    """A take as it is saved, under its name."""

    star: BoolProperty(name="Star", description="Mark a take worth keeping", override=OVERRIDABLE)
    key: StringProperty(description="Another one for every other motion", override=OVERRIDABLE)
    about: StringProperty(description="Sound, seed and length, as JSON", override=OVERRIDABLE)
    recipe: StringProperty(description="How the take was made, as JSON", override=OVERRIDABLE)
    motion: StringProperty(description="The curves, packed; empty for long takes", override=OVERRIDABLE)


_read: dict[str, Take] = {}  # by key: motion never changes under a key, so undo, copies and links may share them


def items(root: bpy.types.Object) -> Table[TakeItem]:
    """The character's takes, in the order of the list."""
    settings = settings_of(root)
    return settings.takes


def active_item(root: bpy.types.Object) -> TakeItem | None:
    """The take that is chosen in the list."""
    settings = settings_of(root)
    return settings.takes[settings.take_index] if 0 <= settings.take_index < len(settings.takes) else None


def get(root: bpy.types.Object) -> Take | None:
    """The active take, if there is one and its motion is at hand."""
    item = active_item(root)
    return None if item is None else read(item)


def read(item: TakeItem) -> Take | None:
    """A take of the list; None when its motion is not at hand and has to be made again."""
    take = _read.get(item.key)
    if take is None:
        motion = unpack(item.motion) if item.motion else None
        if motion is None:
            return None
        known = about(item)
        take = Take(motion, known.speech, known.seed, known.provider, recipe_of(item))
    if take.speech != (speech := about(item).speech):
        take = replace(take, speech=speech)
    _read[item.key] = take
    return take


def about(item: TakeItem) -> About:
    """What is known of a take of the list."""
    known = _parsed(item.about)
    path = absolute(item.id_data, known.speech.path)
    return known if path == known.speech.path else replace(known, speech=replace(known.speech, path=path))


def recipe_of(item: TakeItem) -> Recipe | None:
    """The recipe of a take of the list; None when it has none, or one that this version cannot read."""
    return _recipe(item.recipe)


def store(root: bpy.types.Object, take: Take, text: str | None = None) -> None:
    """Make this the character's active take, in place of the one there is; `text` as in `add`."""
    item = active_item(root)
    if item is None:
        add(root, [take], texts=[text])
    else:
        _write(item, take, text)


def add(
    root: bpy.types.Object, made: Sequence[Take], names: Sequence[str] = (), texts: Sequence[str | None] = ()
) -> None:
    """Add takes; the first of them is the active one. One that is made again keeps its place, name and star.

    Where `texts` has motions as `packed_within` gives them no time is spent on that here.
    """
    chosen = []
    every = items(root)
    for number, take in enumerate(made):
        place = next((k for k, item in enumerate(every) if _is_again(item, take)), len(every))
        if place == len(every):
            name = _free_name([one.name for one in every], names[number] if names else "")
            every.add().name = name
        _write(every[place], take, texts[number] if texts else None)
        chosen.append(place)
    if chosen:
        choose(root, chosen[0])


def choose(root: bpy.types.Object, place: int) -> None:
    """Make a take the active one, and leave the preview alone."""
    settings = settings_of(root)
    with changes.batch(root):
        settings.take_index = place


def move(root: bpy.types.Object, frame: float) -> None:
    """Let all takes of sound files begin at another frame, as one does: nothing need be inferred for that."""
    for item in items(root):
        known = _parsed(item.about)
        if not known.speech.strip:
            item.about = _text(replace(known, speech=replace(known.speech, frame=frame)))


def clear() -> None:
    """Forget the motions in memory; those in the file stay."""
    _read.clear()


def _write(item: TakeItem, take: Take, text: str | None) -> None:
    """Put a take into its place in the list, its motion as `text` where that is packed already."""
    before = _read.get(item.key)
    if before is None or before.motion is not take.motion:
        item.key = secrets.token_hex(8)
        if take.recipe is None:
            text = pack(take.motion)
        item.motion = pack_within(take.motion) if text is None else text
    item.recipe = take.recipe.to_json() if take.recipe else ""
    seconds = take.motion.frames / take.motion.fps
    item.about = _text(About(_as_written(item, take.speech), take.seed, take.provider, seconds))
    _read[item.key] = take


def _is_again(item: TakeItem, take: Take) -> bool:
    """Whether a take is one of the list, made again."""
    if take.recipe is None or item.recipe != take.recipe.to_json():
        return False
    return _parsed(item.about).speech.strip == take.speech.strip


def _free_name(taken: Sequence[str], wanted: str) -> str:
    """The name that is wanted, or the first free one of Take 1, Take 2 ..., or of those with a number behind it."""
    if wanted and wanted not in taken:
        return wanted
    first = 2 if wanted else 1
    numbered = (f"{wanted or 'Take'} {k}" for k in range(first, len(taken) + first + 1))
    return next(name for name in numbered if name not in taken)


def _as_written(item: TakeItem, speech: Speech) -> Speech:
    """The speech with the path as the artist wrote it: relative to the .blend, if so."""
    written = settings_of(item.id_data).filepath
    if written.startswith("//") and bpy.path.abspath(written) == speech.path:
        return replace(speech, path=written)
    return speech


def _text(known: About) -> str:
    return json.dumps(asdict(known))


@lru_cache(maxsize=256)
def _parsed(text: str) -> About:
    held = json.loads(text) if text else {"speech": {"path": ""}, "seed": 0, "provider": "", "seconds": 0.0}
    return About(**{**held, "speech": Speech(**held["speech"])})


@lru_cache(maxsize=256)
def _recipe(text: str) -> Recipe | None:
    try:
        return from_json(text) if text else None
    except RecipeError:
        return None


def register() -> None:
    bpy.utils.register_class(FacewrightTake)


def unregister() -> None:
    bpy.utils.unregister_class(FacewrightTake)
    clear()
