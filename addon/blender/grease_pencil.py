# SPDX-License-Identifier: GPL-3.0-or-later
"""Grease Pencil by the names it has had: 4.3 made it anew, with other types and properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

OBJECTS = ("GREASEPENCIL", "GPENCIL")  # types of objects, since 4.3 and before
_MODIFIERS = {"GREASEPENCIL": "modifiers", "GPENCIL": "grease_pencil_modifiers"}
_TIME_OFFSET = ("GREASE_PENCIL_TIME", "GP_TIME")


def data_blocks() -> Iterator[bpy.types.ID]:
    """All Grease Pencil data of the file."""
    yield from bpy.data.grease_pencils
    yield from getattr(bpy.data, "grease_pencils_v3", ())


def time_offsets(obj: bpy.types.Object) -> list[Any]:
    """The Time Offset modifiers of an object."""
    where = _MODIFIERS.get(obj.type)
    return [one for one in (getattr(obj, where) if where else ()) if one.type in _TIME_OFFSET]


def layer_name(layer: Any) -> str:
    """What a layer is called."""
    return getattr(layer, "info", "") or layer.name


def layer_filter(modifier: Any) -> tuple[str, bool]:
    """The layer that a modifier counts for, "" for all, and whether it counts for all others instead."""
    inverted = getattr(modifier, "invert_layers", getattr(modifier, "invert_layer_filter", False))
    return getattr(modifier, "tree_node_filter", "") or getattr(modifier, "layer", ""), bool(inverted)
