# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own values of what a preview moves, kept on the data-blocks themselves while it moves them.

Blender's undo and redo bring back each data-block as it was at a step, with what was shown on it then, and nothing in
Python's memory: so the artist's values lie beside those shown, as a custom property of the same data-block. Wherever
that is, what the data-block shows is a preview; wherever it is not, its values are the artist's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from typing import Any

import bpy

from ..blender.numbers import Place, number_at, set_number_at
from ..targets.registry import targets

OWN = "facewright_own"
_NAMED = re.compile(r'^(.+?)\["((?:[^"\\]|\\.)*)"\](.*)$')  # what is one of many: key_blocks["jawOpen"].value


@dataclass(frozen=True)
class _Kept:
    """A value, where it is, and where among how many what has it lies: a shape key or bone may be renamed meanwhile."""

    path: str
    index: int
    value: float
    number: int = -1
    of: int = 0

    @classmethod
    def now(cls, block: Any, place: Place) -> _Kept:
        many, name, _ = _parted(block, place[0])
        where = (-1, 0) if many is None else (many.find(name), len(many))
        return cls(*place, number_at(block, place), *where)

    def place_now(self, block: Any) -> Place:
        """Its place under the name of today."""
        many, name, rest = _parted(block, self.path)
        if many is None or name in many or len(many) != self.of:
            return self.path, self.index
        return many[self.number].path_from_id() + rest, self.index


def keep(block: Any, places: Collection[Place]) -> None:
    """Keep the artist's values of these places and no others, and put those of others back.

    Values that are kept already stay; of new places they are what the data-block has now.
    """
    kept = _read(block)
    if kept.keys() == set(places):
        return
    going = kept.keys() - set(places)
    for place in going:
        set_number_at(block, kept[place].place_now(block), kept[place].value)
    if going:
        follow_action(block)
    if places:
        block[OWN] = json.dumps([astuple(kept.get(place) or _Kept.now(block, place)) for place in places])
    elif OWN in block:
        del block[OWN]


def follow_action(block: Any) -> None:
    """Let what an Action moves get its value of this frame."""
    if block.animation_data is not None:
        block.update_tag(refresh={"TIME"})


def holders() -> Iterator[Any]:
    """All data-blocks on which values are kept."""
    seen = set()
    for target in targets():
        for block in target.blocks():
            if OWN in block and block.as_pointer() not in seen:
                seen.add(block.as_pointer())
                yield block


def _read(block: Any) -> dict[Place, _Kept]:
    found = [_Kept(*fields) for fields in json.loads(block.get(OWN, "[]"))]
    return {(one.path, one.index): one for one in found}


def _parted(block: Any, path: str) -> tuple[Any, str, str]:
    """Of a path: the shape keys, bones or modifiers it chooses from (None where it does not), the name, the rest."""
    if parts := _NAMED.match(path):
        with suppress(ValueError):
            many = block.path_resolve(parts[1])
            if isinstance(many, bpy.types.bpy_prop_collection):
                return many, bpy.utils.unescape_identifier(parts[2]), parts[3]
    return None, "", ""
