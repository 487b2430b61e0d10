# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys as targets: where their values live, and what would keep them from moving as told."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ...inference.errors import RigError


def data_path(key: bpy.types.Key, name: str) -> str:
    """F-curve path of a shape's value on its Key data-block; quotes and accents in the name survive."""
    return key.key_blocks[name].path_from_id("value")


def ensure_editable(obj: bpy.types.Object, key: bpy.types.Key) -> None:
    """Raise a RigError that says what to do when the shape keys belong to another file."""
    if key.library is not None:
        raise RigError(
            f"The shape keys of '{obj.name}' are linked from '{bpy.path.basename(key.library.filepath)}' and cannot "
            "be animated here. Override its objects (Object > Library Override > Make) and then their meshes "
            "(Outliner, right-click a mesh, Library Override > Make), or append the character."
        )


def obstacles(obj: bpy.types.Object, key: bpy.types.Key, names: Sequence[str], values: np.ndarray) -> list[str]:
    """Sentences about shapes that will not move as the curves say.

    Parameters
    ----------
    obj, key
        The object and its shape keys.
    names : sequence of str
        The T driven shapes.
    values : ndarray [shape=(F, T)]
        What they are to become.
    """
    blocks = [key.key_blocks[name] for name in names]
    low, high = values.min(axis=0), values.max(axis=0)
    short = [
        f"{b.name} ({b.slider_min:g} to {b.slider_max:g})"
        for b, lo, hi in zip(blocks, low, high, strict=True)
        if lo < b.slider_min - 1e-3 or hi > b.slider_max + 1e-3
    ]
    driven = _driven_paths(key)
    said = [
        ("reach beyond their slider's range and are cut off there", short),
        ("are muted and will not show", [b.name for b in blocks if b.mute]),
        ("have a driver, which wins over keys", [b.name for b in blocks if b.path_from_id("value") in driven]),
    ]
    texts = [f"On '{obj.name}' {_some(which)} {what}." for what, which in said if which]
    if not key.use_relative:
        texts.append(f"'{obj.name}' uses absolute shape keys, which ignore these values: switch on Relative.")
    if obj.show_only_shape_key:
        texts.append(f"'{obj.name}' shows only its active shape key: switch off Shape Key Lock (the pin).")
    return texts


def _driven_paths(key: bpy.types.Key) -> set[str]:
    return {driver.data_path for driver in key.animation_data.drivers} if key.animation_data else set()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
