# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping of a character: a table that the artist edits, saved, appended and overridden with its root.

While the table is empty, names are matched anew each time; the first edit writes the matched lines into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from zlib import crc32

import bpy
import numpy as np
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ...inference.core.channels import CHANNELS
from ...inference.core.errors import RigError
from ...inference.retarget.convention import SHAPE_KEY
from ...inference.retarget.rig import Line
from ..blender import changes
from ..blender.changes import Change
from ..blender.rna import OVERRIDABLE, MappingItem, settings_of
from ..targets.registry import kinds
from .family import names

# Blender evaluates a class' annotations where a comprehension does not see names of this file: so the choices are here.
_CURVES = (
    ("linear", "Linear", "As it is"),
    ("ease", "Ease", "Slow at both ends: poses are held, not mixed"),
    ("power", "Power", "Raised to a power: below 1 lifts small movements, above 1 presses them down"),
)
# A .blend holds the number of a choice, so numbers are made from names and stay when kinds of controls are added.
_KINDS = tuple((kind, label, "", crc32(kind.encode()) >> 1) for kind, label in kinds().items())


def _channels(_self: MappingItem, _context: bpy.types.Context, typed: str) -> list[str]:
    return [name for name in CHANNELS if typed.lower() in name.lower()]


def _controls(self: MappingItem, context: bpy.types.Context, typed: str) -> list[str]:
    there = names(self.id_data, context.scene, self.kind)
    return [name for name in there if typed.lower() in name.lower()]


def _renamed(self: MappingItem, context: bpy.types.Context) -> None:
    if not changes.in_batch():  # who changes many rows names them at the end
        give_names(self.id_data)
    _changed(self, context)


def give_names(root: bpy.types.Object) -> None:
    """Name the rows of the table after their sources and targets, for the search field of the list.

    Library overrides find rows by name, so each name is unique and stays while it says what the row is, and rows that
    come from the library keep theirs.
    """
    override, table = root.override_library, settings_of(root).mapping
    of_library = set() if override is None else {item.name for item in settings_of(override.reference).mapping}
    taken, unnamed = set(of_library), []
    for item in table:
        if item.name in of_library:
            continue
        if item.name in taken or not _says(item):
            unnamed.append(item)
        taken.add(item.name)
    numbers: dict[str, int] = {}  # the last one given, for a table of thousands of rows
    for item in unnamed:
        plain = f"{item.source} {item.target}"
        number = next(n for n in count(numbers.get(plain, 1)) if _numbered(plain, n) not in taken)
        numbers[plain], item.name = number, _numbered(plain, number)
        taken.add(item.name)


def _says(item: MappingItem) -> bool:
    plain, _, number = item.name.rpartition(" ")
    own = f"{item.source} {item.target}"
    return item.name == own or (plain == own and number.isdigit())


def _numbered(plain: str, number: int) -> str:
    return plain if number == 1 else f"{plain} {number}"


def _changed(self: MappingItem, _context: bpy.types.Context) -> None:
    changes.announce(self.id_data, Change.MAPPING)


def _switched(self: MappingItem, context: bpy.types.Context) -> None:
    if not changes.in_batch() and settings_of(self.id_data).solo >= 0:
        self.kept = self.use  # switched by hand during another row's solo: it stays so when the solo ends
    _changed(self, context)


class FacewrightMappingLine(bpy.types.PropertyGroup):
    """One channel that moves one control."""

    source: StringProperty(
        name="Source",
        description="The channel of the take",
        search=_channels,
        update=_renamed,
        override=OVERRIDABLE,
    )
    target: StringProperty(
        name="Target",
        description="What it moves, by name, wherever the character has it: a shape key, a bone, a property ...",
        search=_controls,
        update=_renamed,
        override=OVERRIDABLE,
    )
    use: BoolProperty(
        name="Use",
        description="Whether this line moves anything",
        default=True,
        update=_switched,
        override=OVERRIDABLE,
    )
    gain: FloatProperty(
        name="Gain",
        description="How strongly: 1 is as the take says, 0 not at all, below 0 the other way round",
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        update=_changed,
        override=OVERRIDABLE,
    )
    offset: FloatProperty(
        name="Offset",
        description="Added to the target at all times, also in silence",
        soft_min=-1.0,
        soft_max=1.0,
        update=_changed,
        override=OVERRIDABLE,
    )
    min: FloatProperty(
        name="Min",
        description="The target never goes below",
        soft_min=-1.0,
        soft_max=1.0,
        update=_changed,
        override=OVERRIDABLE,
    )
    max: FloatProperty(
        name="Max",
        description="The target never goes above",
        default=1.0,
        soft_min=0.0,
        soft_max=2.0,
        update=_changed,
        override=OVERRIDABLE,
    )
    curve: EnumProperty(
        name="Curve",
        description="How the value of the channel is reshaped before the gain",
        items=_CURVES,
        update=_changed,
        override=OVERRIDABLE,
    )
    power: FloatProperty(
        name="Power",
        description="Exponent of the curve",
        default=1.0,
        min=0.05,
        max=20.0,
        soft_min=0.25,
        soft_max=4.0,
        update=_changed,
        override=OVERRIDABLE,
    )
    kind: EnumProperty(
        name="Kind",
        description="What the target is; location, rotation (radians) and scale are along its own axes",
        items=_KINDS,
        default=SHAPE_KEY,
        update=_changed,
        override=OVERRIDABLE,
    )
    where: StringProperty(
        name="Only On",
        description="The one object on which the target is moved; empty for every mesh that has it",
        update=_changed,
        override=OVERRIDABLE,
    )
    kept: BoolProperty(description="Whether the line was on before another one was soloed", override=OVERRIDABLE)


def stored(root: bpy.types.Object) -> tuple[Line, ...] | None:
    """The lines in the table; None where it is empty and lines are matched by name."""
    settings = settings_of(root)
    if not len(settings.mapping):
        return None
    return tuple(line_of(item) for item in settings.mapping if item.source and item.target)


def without_solo(root: bpy.types.Object) -> tuple[Line, ...] | None:
    """The lines as `stored`, but on and off as they will be when the solo of a row ends."""
    settings = settings_of(root)
    if settings.solo < 0 or not len(settings.mapping):
        return stored(root)
    return tuple(replace(line_of(item), use=item.kept) for item in settings.mapping if item.source and item.target)


def store(root: bpy.types.Object, lines: Sequence[Line]) -> None:
    """Replace the lines of the table.

    From a library override no row can be removed, so rows that are left over are switched off.

    Raises
    ------
    RigError
        When the table cannot be edited, or a line is of a kind that this version does not know.
    """
    ensure_editable(root)
    unknown = [line for line in lines if line.kind not in kinds()]
    if unknown:
        raise RigError(
            f"Expected '{unknown[0].target}' to be one of {', '.join(kinds())}, got '{unknown[0].kind}'. Correct the "
            "mapping, or update facewright."
        )
    settings = settings_of(root)
    with changes.batch(root, Change.MAPPING):
        settings.solo = -1
        for index, line in enumerate(lines):
            item = settings.mapping[index] if index < len(settings.mapping) else settings.mapping.add()
            _write(item, line)
        for index in reversed(range(len(lines), len(settings.mapping))):
            if root.override_library is None:
                settings.mapping.remove(index)
            else:
                settings.mapping[index].use = False
        give_names(root)
        settings.mapping_index = min(settings.mapping_index, max(len(lines) - 1, 0))


def ensure_editable(root: bpy.types.Object) -> None:
    """Raise a RigError that says what to do where the table cannot be edited; see to it that edits are saved."""
    if root.library is not None:
        raise RigError(
            f"'{root.name}' is linked from '{bpy.path.basename(root.library.filepath)}'. Make a library override of it "
            "(Object > Library Override > Make), or append it, to give it a mapping of its own here."
        )
    if root.override_library is not None:
        root.override_library.is_system_override = False  # or the change would be lost when the file is opened again


def line_of(item: MappingItem) -> Line:
    """A row of the table as a line; where Min is above Max the two change places."""
    low, high = sorted((_plain(item.min), _plain(item.max)))
    return Line(
        channel=item.source,
        target=item.target,
        gain=_plain(item.gain),
        offset=_plain(item.offset),
        low=low,
        high=high,
        use=item.use,
        curve=item.curve,
        power=_plain(item.power),
        kind=item.kind or SHAPE_KEY,
        where=item.where,
    )


def _write(item: MappingItem, line: Line) -> None:
    item.source, item.target, item.use = line.channel, line.target, line.use
    item.gain, item.offset, item.min, item.max = line.gain, line.offset, line.low, line.high
    item.curve, item.power, item.kind, item.where = line.curve, line.power, line.kind, line.where


def _plain(value: float) -> float:
    """A number as the artist typed it: Blender keeps 0.1 as 0.10000000149."""
    return float(str(np.float32(value)))


register, unregister = bpy.utils.register_classes_factory((FacewrightMappingLine,))
