# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: what was generated for each character, kept on its root and saved, appended and linked with it.

A take holds its recipe, from which it can be made again bit for bit, and its motion, so that it can be shown as soon as
the file is opened. Very long motion is left out if there is a recipe. The active take is the one previewed and baked.
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
from ..blender import belonging, changes
from ..blender.rna import OVERRIDABLE, Table, TakeItem, settings_of
from ..blender.sequencer import Speech, absolute


@dataclass(frozen=True, eq=False)
class Take:
    """Motion for one speech. Second 0 of the motion is the start of the speech.

    Parameters
    ----------
    motion : Motion
        As generated, before adjustments.
    speech : Speech
        The sound, and where it lies on the timeline.
    seed : int
        The first of the seeds it was made with.
    provider : str
        Processor of the inference, "CPU" or "CUDA"; of captured takes "from video".
    recipe : Recipe or None
        How it was made; None where that is not known.
    """

    motion: Motion
    speech: Speech
    seed: int
    provider: str
    recipe: Recipe | None = None


@dataclass(frozen=True)
class About:
    """What a list shows of a take, known without unpacking its motion."""

    speech: Speech
    seed: int
    provider: str
    seconds: float


class FacewrightTake(bpy.types.PropertyGroup):
    """A take as it is saved, under its name."""

    star: BoolProperty(name="Star", description="Mark a take worth keeping", override=OVERRIDABLE)
    key: StringProperty(description="Random name of this motion; every motion has its own", override=OVERRIDABLE)
    line: StringProperty(description="Key of the line it is a take of", override=OVERRIDABLE)
    about: StringProperty(description="Sound, seed and length, as JSON", override=OVERRIDABLE)
    recipe: StringProperty(description="How the take was made, as JSON", override=OVERRIDABLE)
    motion: StringProperty(description="The curves, packed; empty for long takes", override=OVERRIDABLE)


_read: dict[str, Take] = {}  # by key: a key stands for one motion, so undo, copies and links may share an entry


def items(root: bpy.types.Object) -> Table[TakeItem]:
    """The character's takes, in the order of the list."""
    settings = settings_of(root)
    return settings.takes


def active_item(root: bpy.types.Object) -> TakeItem | None:
    """The take that is chosen in the list; None where the list is empty."""
    settings = settings_of(root)
    return settings.takes[settings.take_index] if 0 <= settings.take_index < len(settings.takes) else None


def get(root: bpy.types.Object) -> Take | None:
    """The active take; None where there is none, or its motion is neither in the file nor in memory."""
    item = active_item(root)
    return None if item is None else read(item)


def read(item: TakeItem) -> Take | None:
    """A take of the list; None where its motion is neither in the file nor in memory and has to be made again."""
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
    """Sound, seed and length of a take of the list; the path of the sound is absolute."""
    known = _parsed(item.about)
    path = absolute(item.id_data, known.speech.path)
    return known if path == known.speech.path else replace(known, speech=replace(known.speech, path=path))


def recipe_of(item: TakeItem) -> Recipe | None:
    """The recipe of a take of the list; None when it has none, or one that this version cannot read."""
    return _recipe(item.recipe)


def store(root: bpy.types.Object, take: Take, text: str | None = None) -> None:
    """Write a take into the place of the active one, or add it to an empty list; `text` as in `add`."""
    item = active_item(root)
    if item is None:
        add(root, [take], texts=[text])
    else:
        _write(item, take, text)


def add(
    root: bpy.types.Object,
    made: Sequence[Take],
    names: Sequence[str] = (),
    texts: Sequence[str | None] = (),
    *,
    line: str = "",
) -> None:
    """Add takes, and make the first of them the active one. A take made again keeps its place, name and star.

    Parameters
    ----------
    root : bpy.types.Object
        Of the character.
    made : sequence of Take
    names : sequence of str
        A name for each; without them takes are numbered.
    texts : sequence of str or None
        Their motions as `pack_within` packs them, where that is done already: it takes time for long takes.
    line : str
        Key of the line that they are takes of.
    """
    places = []
    table = items(root)
    for number, take in enumerate(made):
        place = next((k for k, item in enumerate(table) if _is_again(item, take, line)), len(table))
        if place == len(table):
            name = _free_name([item.name for item in table], names[number] if names else "")
            new = table.add()
            new.name, new.line = name, line
        _write(table[place], take, texts[number] if texts else None)
        places.append(place)
    if places:
        belonging.claim(root)
        choose(root, places[0])


def choose(root: bpy.types.Object, place: int) -> None:
    """Make a take the active one without a change of the preview."""
    settings = settings_of(root)
    with changes.batch(root):
        settings.take_index = place


def move(moved: Sequence[TakeItem], frame: float) -> None:
    """Let takes of a sound file begin at another frame. That needs no inference."""
    for item in moved:
        known = _parsed(item.about)
        if not known.speech.strip:
            item.about = _text(replace(known, speech=replace(known.speech, frame=frame)))


def lay(item: TakeItem, frame: float, speed: float) -> None:
    """Write down where the sound of a take begins, and how fast it is heard."""
    known = _parsed(item.about)
    item.about = _text(replace(known, speech=replace(known.speech, frame=frame, speed=speed)))


def clear() -> None:
    """Forget the motions in memory; those in the file stay."""
    _read.clear()


def _write(item: TakeItem, take: Take, text: str | None) -> None:
    """Write a take into an item of the list; `text` is its motion where that is packed already."""
    before = _read.get(item.key)
    if before is None or before.motion is not take.motion:
        old, item.key = item.key, secrets.token_hex(8)
        for line in settings_of(item.id_data).lines:
            line.take = item.key if old and line.take == old else line.take
        if take.recipe is None:
            text = pack(take.motion)
        item.motion = pack_within(take.motion) if text is None else text
    item.recipe = take.recipe.to_json() if take.recipe else ""
    seconds = take.motion.frames / take.motion.fps
    speech = replace(take.speech, path=as_written(item.id_data, take.speech.path))
    item.about = _text(About(speech, take.seed, take.provider, seconds))
    _read[item.key] = take


def _is_again(item: TakeItem, take: Take, line: str) -> bool:
    """Whether a take is that of an item, made again: of the same line, by the same recipe, for the same sound."""
    if take.recipe is None or item.line != line or item.recipe != take.recipe.to_json():
        return False
    return _parsed(item.about).speech.strip == take.speech.strip


def _free_name(taken: Sequence[str], wanted: str) -> str:
    """A name that no take has: the wanted one, that with a number behind it, or else Take 1, Take 2 ..."""
    if wanted and wanted not in taken:
        return wanted
    first = 2 if wanted else 1
    numbered = (f"{wanted or 'Take'} {k}" for k in range(first, len(taken) + first + 1))
    return next(name for name in numbered if name not in taken)


def as_written(root: bpy.types.Object, path: str) -> str:
    """The path of a sound as the artist wrote it for the character, which may be relative to the .blend."""
    written = settings_of(root).filepath
    return written if written.startswith("//") and bpy.path.abspath(written) == path else path


def _text(known: About) -> str:
    fields = asdict(known)
    if known.speech.speed == 1.0:  # as versions before wrote it, and can read it
        del fields["speech"]["speed"]
    return json.dumps(fields)


@lru_cache(maxsize=256)
def _parsed(text: str) -> About:
    fields = json.loads(text) if text else {"speech": {"path": ""}, "seed": 0, "provider": "", "seconds": 0.0}
    return About(**{**fields, "speech": Speech(**fields["speech"])})


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
