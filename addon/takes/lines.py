# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that a character says: each a sound and its start, with the takes that were made of it.

One line is active: the character's Speech, Seed, style and adjustments are its own. Those of the others are kept with
them until they are chosen. A file from before there were lines has none stored; all its takes are one line then.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from itertools import pairwise

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...inference.core.errors import FacewrightError
from ..blender import changes, sequencer
from ..blender.rna import OVERRIDABLE, RELATIVE_PATH, LineItem, Table, TakeItem, settings_of
from ..blender.sequencer import Speech
from . import store
from .store import Take

FORM = ("source", "filepath", "strip", "frame", "seed")  # of a character's settings: how its active line is made


class FacewrightLine(bpy.types.PropertyGroup):
    """A line as it is saved, under the name of its sound."""

    key: StringProperty(description="Random name of this line; takes and keys refer to it", override=OVERRIDABLE)
    take: StringProperty(description="Key of the take that is previewed and baked", override=OVERRIDABLE)
    lock: BoolProperty(
        name="Lock",
        description="Generate, Bake and Unbake leave this line as it is",
        override=OVERRIDABLE,
    )
    source: EnumProperty(items=(("FILE", "File", ""), ("STRIP", "Strip", "")), override=OVERRIDABLE)
    filepath: StringProperty(subtype="FILE_PATH", options=RELATIVE_PATH, override=OVERRIDABLE)
    strip: StringProperty(override=OVERRIDABLE)
    frame: FloatProperty(default=1.0, override=OVERRIDABLE)
    seed: IntProperty(override=OVERRIDABLE)
    adjusted: StringProperty(
        description="Sliders and style while another line is active, as JSON; empty before it was", override=OVERRIDABLE
    )
    heard: StringProperty(description="Phonemes and loudness of the sound, packed", override=OVERRIDABLE)
    heard_key: StringProperty(description="The sound they were heard in", override=OVERRIDABLE)


def items(root: bpy.types.Object) -> Table[LineItem]:
    """The lines that are stored, in the order of the list."""
    return settings_of(root).lines


def active(root: bpy.types.Object) -> LineItem | None:
    """The line that is chosen in the list; None where none is stored."""
    settings = settings_of(root)
    return settings.lines[settings.line_index] if 0 <= settings.line_index < len(settings.lines) else None


def of(root: bpy.types.Object, item: TakeItem) -> LineItem | None:
    """The line of a take; those of no line that is known belong to the first."""
    lines = items(root)
    return next((line for line in lines if line.key == item.line), lines[0] if len(lines) else None)


def takes_of(root: bpy.types.Object, line: LineItem | None) -> list[TakeItem]:
    """The takes of a line; all takes of a character that has no lines."""
    return [item for item in store.items(root) if line is None or of(root, item) == line]


def chosen(root: bpy.types.Object, line: LineItem) -> TakeItem | None:
    """The take of a line that is previewed and baked; None where it has none."""
    takes = takes_of(root, line)
    return next((item for item in takes if item.key == line.take), takes[0] if takes else None)


def spoken(root: bpy.types.Object) -> Iterator[tuple[str, Take]]:
    """The key and the take of every line that has one; "" of a character that has no lines."""
    table = items(root)
    if not len(table):
        take = store.get(root)
        if take is not None:
            yield "", take
        return
    wanted = {line.key: line.take for line in table}
    found: dict[str, TakeItem] = {}
    for item in store.items(root):
        line, key = item.line, item.key
        line = line if line in wanted else table[0].key
        if line not in found or key == wanted[line]:
            found[line] = item
    for line in wanted:
        take = store.read(found[line]) if line in found else None
        if take is not None:
            yield line, take


def bakeable(root: bpy.types.Object) -> bool:
    """Whether a character has a line with a take that is not locked."""
    kept = locked(root)
    return any(key not in kept for key, _ in spoken(root))


def locked(root: bpy.types.Object) -> dict[str, str]:
    """The names of lines that are locked, by their keys."""
    return {line.key: line.name for line in items(root) if line.lock}


def key_of(root: bpy.types.Object) -> str:
    """The key of the active line; "" of a character that has no lines."""
    line = active(root)
    return "" if line is None else line.key


def owner(root: bpy.types.Object, key: str | None = None) -> str:
    """Whose the sound of a line is in the Sequencer: of the active line, or of that with a key."""
    return (key_of(root) if key is None else key) or root.name


def said_by(root: bpy.types.Object, speech: Speech) -> LineItem | None:
    """The line that a speech is: that of its strip, or the one that begins at its frame; None for a new one."""
    for line in items(root):
        if (line.source == "STRIP") != bool(speech.strip):
            continue
        if line.strip == speech.strip if speech.strip else abs(line.frame - speech.frame) < 1e-3:
            return line
    return None


def add(
    scene: bpy.types.Scene,
    root: bpy.types.Object,
    made: Sequence[Take],
    names: Sequence[str] = (),
    texts: Sequence[str | None] = (),
    key: str = "",
) -> LineItem:
    """Add takes of one speech to its line, which is made where there is none, and make both active.

    Parameters
    ----------
    scene : bpy.types.Scene
        Whose Sequencer has the sounds.
    root, made, names, texts
        As of `store.add`.
    key : str
        Of the line; "" for the one that the speech is (`said_by`).
    """
    ensure(scene, root)
    speech = made[0].speech
    line = next((one for one in items(root) if one.key == key), None) or said_by(root, speech) or _empty(root)
    if line is None:
        line = _new(root)
    _describe(root, line, speech, made[0].seed)
    with changes.batch(root):
        choose(root, line)
        store.add(root, made, names, texts, line=line.key)
    return line


def new(scene: bpy.types.Scene, root: bpy.types.Object, frame: float, *, reuse: bool = True) -> LineItem:
    """Add a line that has no sound yet, and make it the active one; an active one without takes is used again."""
    ensure(scene, root)
    line = (_empty(root) if reuse else None) or _new(root)
    line.name, line.source, line.frame = "New line", settings_of(root).source, frame
    choose(root, line)
    return line


def choose(root: bpy.types.Object, line: LineItem) -> None:
    """Make a line the active one."""
    settings_of(root).line_index = next(place for place, one in enumerate(items(root)) if one == line)


def remove(root: bpy.types.Object, line: LineItem) -> None:
    """Remove a line and its takes; keys that were baked stay."""
    settings, key = settings_of(root), line.key
    going = {item.key for item in takes_of(root, line)}
    with changes.batch(root):
        for place in reversed(range(len(settings.takes))):
            if settings.takes[place].key in going:
                settings.takes.remove(place)
        settings.lines.remove(next(place for place, one in enumerate(settings.lines) if one.key == key))
        settings.line_index = max(min(settings.line_index, len(settings.lines) - 1), 0)


def show_chosen(root: bpy.types.Object) -> None:
    """Let the settings of a character be those of its active line."""
    settings, line = settings_of(root), active(root)
    if line is None:
        return
    with changes.batch(root):
        for field in FORM:
            setattr(settings, field, getattr(line, field))
        item = chosen(root, line)
        settings.take_index = -1 if item is None else _place(root, item)


def keep_form(root: bpy.types.Object) -> None:
    """Keep what the artist set for the active line with it."""
    line = active(root)
    if line is not None and not changes.in_batch():
        for field in FORM:
            setattr(line, field, getattr(settings_of(root), field))


def keep_choice(root: bpy.types.Object) -> None:
    """Keep which take is chosen with its line, and make that line the active one."""
    item = store.active_item(root)
    line = None if item is None else of(root, item)
    if item is None or line is None:
        return
    line.take = item.key
    if line != active(root):
        with changes.batch(root):
            choose(root, line)


def settle(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Write down where the sounds of all lines are heard now, as their strips were moved or retimed."""
    with changes.batch(root):
        for item in store.items(root):
            line = of(root, item)
            now = sequencer.follow(scene, store.about(item).speech, owner(root, "" if line is None else line.key))
            store.lay(item, now.frame, now.speed)
            if line is not None and item.key == line.take:
                line.frame = now.frame
        show_chosen(root)


def ensure_unlocked(line: LineItem | None) -> None:
    """Raise an error that says what to do when a line is locked."""
    if line is not None and line.lock:
        raise FacewrightError(f"Line '{line.name}' is locked. Unlock it in the list of lines, or choose another.")


def overlapping(scene: bpy.types.Scene, root: bpy.types.Object) -> list[str]:
    """A sentence for every line that begins before the one before it has ended."""
    placed = []
    for key, take in spoken(root):
        timeline = sequencer.speech_timeline(scene, take.speech, owner(root, key))
        name = next((line.name for line in items(root) if line.key == key), "")
        placed.append((timeline.frame(take.motion.start), timeline.frame(take.motion.end), name))
    placed.sort()
    return [
        f"Line '{later[2]}' begins at frame {later[0]:g}, before '{earlier[2]}' ends at {earlier[1]:g}: "
        "it takes over there."
        for earlier, later in pairwise(placed)
        if later[0] < earlier[1] - 1e-3
    ]


def ensure(scene: bpy.types.Scene, root: bpy.types.Object) -> None:
    """Store a line with the takes of a character that was saved before there were lines."""
    if len(items(root)) or not len(store.items(root)):
        return
    item = store.active_item(root) or store.items(root)[0]
    line = _new(root)
    _describe(root, line, store.about(item).speech, store.about(item).seed)
    line.take = item.key
    settings_of(root).line_shown = line.key
    sequencer.claim(scene, root.name, line.key)
    for take in store.items(root):
        take.line = line.key


def _new(root: bpy.types.Object) -> LineItem:
    line = items(root).add()
    line.key = secrets.token_hex(8)
    return line


def _empty(root: bpy.types.Object) -> LineItem | None:
    """The active line where it has no take yet, to be filled."""
    line = active(root)
    return line if line is not None and not line.lock and not takes_of(root, line) else None


def _describe(root: bpy.types.Object, line: LineItem, speech: Speech, seed: int) -> None:
    line.name = speech.strip or bpy.path.display_name_from_filepath(speech.path)
    line.source = "STRIP" if speech.strip else "FILE"
    line.strip, line.frame, line.seed = speech.strip or "", speech.frame, seed
    if not speech.strip:
        line.filepath = store.as_written(root, speech.path)


def _place(root: bpy.types.Object, item: TakeItem) -> int:
    return next(place for place, one in enumerate(store.items(root)) if one.key == item.key)


def register() -> None:
    bpy.utils.register_class(FacewrightLine)


def unregister() -> None:
    bpy.utils.unregister_class(FacewrightLine)
