# SPDX-License-Identifier: GPL-3.0-or-later
"""How the add-on's properties are declared in Blender, and what type they have when they are read.

Blender adds properties to its own types while it runs, where no type checker sees them. So they are read through the
functions here, which say what comes back: ``settings_of(root).seed`` is an int. A test compares each of these types
with the class that is registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import bpy

OVERRIDABLE = {"LIBRARY_OVERRIDABLE"}  # for `override=` of a property that a library override may differ in
# For `options=` of a path that may begin with "//"; before 4.5 every path may.
RELATIVE_PATH = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()

Item = TypeVar("Item", bound="Group", covariant=True)


class Group(Protocol):
    """What every group of properties has."""

    id_data: Any  # the data-block that holds it
    bl_rna: Any
    name: str

    def is_property_set(self, name: str) -> bool:
        """Whether a property was ever given a value."""
        ...


class Table(Protocol[Item]):
    """A list of groups of properties, as Blender keeps it."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Item]: ...
    def __getitem__(self, place: int) -> Item: ...

    def add(self) -> Item:
        """Append a new item."""
        ...

    def remove(self, place: int) -> None:
        """Take one item away."""
        ...

    def clear(self) -> None:
        """Take all items away."""
        ...

    def find(self, name: str) -> int:
        """Place of the item with a name, -1 where there is none."""
        ...


class TakeItem(Group, Protocol):
    """A take as it is saved; see `takes.store.FacewrightTake`."""

    star: bool
    key: str
    line: str
    about: str
    recipe: str
    motion: str


class LineItem(Group, Protocol):
    """A line of a character as it is saved; see `takes.lines.FacewrightLine`."""

    key: str
    take: str
    lock: bool
    source: str
    filepath: str
    strip: str
    frame: float
    seed: int
    adjusted: str
    heard: str
    heard_key: str


class MappingItem(Group, Protocol):
    """A line of the mapping as it is saved; see `character.mapping.FacewrightMappingLine`."""

    source: str
    target: str
    use: bool
    gain: float
    offset: float
    min: float
    max: float
    curve: str
    power: float
    kind: str
    where: str
    kept: bool


class MixSettings(Group, Protocol):
    """What is chosen for mixing two takes; see `ui.takes.mix.TakeMix`."""

    other: str
    parts: set[str]
    use_range: bool
    first: int
    last: int
    blend: int


class CharacterSettings(Group, Protocol):
    """What is set for a character; see `settings.CharacterSettings`. Adjustments are read by `adjustment`."""

    source: str
    filepath: str
    strip: str
    begins: str
    frame: float
    seed: int
    preview: bool
    heard: str
    heard_key: str
    take_count: int
    variation: float
    speaks: str
    partner: bpy.types.Object | None
    partner_name: str
    listening: float
    listening_seed: int
    listening_lock: bool
    lines: Table[LineItem]
    line_index: int
    line_shown: str
    takes: Table[TakeItem]
    take_index: int
    take_mix: MixSettings
    mapping: Table[MappingItem]
    hold: float
    mapping_index: int
    solo: int


class StyleSettings(Group, Protocol):
    """The style of a character as it is saved; see `styles.store.FacewrightStyle`."""

    content: str


class BakeSettings(Group, Protocol):
    """How a scene is baked; see `bake.mode.BakeFields`."""

    into: str
    keys: str
    interpolation: str
    error: float
    parts: set[str]
    use_range: bool
    first: int
    last: int
    blend: int
    keep_edits: bool


class PunchSettings(Group, Protocol):
    """What Punch In makes again; see `ui.takes.punch`."""

    first: int
    last: int
    blend: int
    parts: set[str]
    own_first: int
    own_last: int
    own_blend: int


def settings_of(root: bpy.types.Object) -> CharacterSettings:
    """What is set for the character with this root."""
    return root.facewright


def style_settings_of(root: bpy.types.Object) -> StyleSettings:
    """Where the style of the character with this root is saved."""
    return root.facewright_style


def bake_settings_of(scene: bpy.types.Scene) -> BakeSettings:
    """How a scene is baked."""
    return scene.facewright_bake


def punch_settings_of(scene: bpy.types.Scene) -> PunchSettings:
    """What Punch In makes again in a scene."""
    return scene.facewright_punch


def lines_chosen(scene: bpy.types.Scene) -> str:
    """Which lines Generate and Bake act on: "LINE", "CHARACTER" or "SCENE"."""
    return scene.facewright_lines


def adjustment(settings: CharacterSettings, field: str) -> float:
    """Value of an adjustment by the name of its property, such as "slider_jaw"."""
    return getattr(settings, field)


def set_adjustment(settings: CharacterSettings, field: str, value: float) -> None:
    """Give an adjustment a value by the name of its property."""
    setattr(settings, field, value)
