# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of a data-block by the place of their F-curve: its data path, and the index where that is an array."""

from __future__ import annotations

from typing import Any

import bpy

Place = tuple[str, int]


def number_at(block: Any, place: Place) -> float:
    """The number at a place. Raises ValueError where there is none."""
    path, index = place
    found = block.path_resolve(path)
    if isinstance(found, str):  # the menu of a custom property, which is a number by itself
        owner, key = _custom(block, path)
        found = owner[key]
    return float(found[index] if hasattr(found, "__len__") else found)


def set_number_at(block: Any, place: Place, value: float) -> None:
    """Set the number at a place, in its own type; nothing happens where there is none."""
    path, index = place
    try:
        found = block.path_resolve(path)
    except ValueError:  # deleted since
        return
    if hasattr(found, "__len__") and not isinstance(found, str):
        if found[index] != value:
            found[index] = value
    elif path.endswith('"]'):
        owner, key = _custom(block, path)
        if owner[key] != _as(owner[key], value):
            owner[key] = _as(owner[key], value)
            block.update_tag()  # or drivers that read it would not be evaluated
    else:
        before, _, last = path.rpartition(".")
        if found != _as(found, value):
            setattr(block.path_resolve(before) if before else block, last, _as(found, value))


def _custom(block: Any, path: str) -> tuple[Any, str]:
    """The owner of a custom property, and its name."""
    begin = path.rfind('["')
    owner = block.path_resolve(path[:begin]) if begin else block
    return owner, bpy.utils.unescape_identifier(path[begin + 2 : -2])


def _as(like: Any, value: float) -> Any:
    return value if isinstance(like, float) else type(like)(round(value))
