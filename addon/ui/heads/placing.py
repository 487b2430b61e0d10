# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a new head stands: at the 3D cursor, or beside what is there already; and how it comes into view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

_SOLID = {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL", "GPENCIL"}
_GAP = 0.25  # of the head's width, to what it stands beside
_SMALL = 0.1  # of the view's height: a head that is seen no larger is looked for


def beside_others(
    context: bpy.types.Context, wanted: tuple[float, float, float], low: np.ndarray, high: np.ndarray
) -> tuple[float, float, float]:
    """The place for a head of this extent [shape=(3,)] nearest to a wanted one, to its right, clear of all objects."""
    place, width = np.array(wanted, float), float(high[0] - low[0])
    boxes = sorted(_boxes(context), key=lambda box: box[0][0])
    while True:
        inside = [box for box in boxes if (place + low < box[1]).all() and (place + high > box[0]).all()]
        if not inside:
            return float(place[0]), float(place[1]), float(place[2])
        place[0] = max(box[1][0] for box in inside) - low[0] + _GAP * width


def bring_into_view(context: bpy.types.Context, objects: Sequence[bpy.types.Object]) -> None:
    """Frame the view on the objects, which are selected, unless they are seen whole and large enough."""
    area: Any = context.area
    region = next((one for one in area.regions if one.type == "WINDOW"), None)
    if region is None:
        return
    context.view_layer.update()
    corners = np.concatenate([np.stack(_box(obj)) for obj in objects if obj.type in _SOLID])
    seen = (
        np.column_stack([corners, np.ones(len(corners))]) @ np.array(area.spaces.active.region_3d.perspective_matrix).T
    )
    ahead = seen[:, 3] > 0
    places = seen[ahead, :2] / seen[ahead, 3:]  # from -1 to 1 within the view
    if not ahead.all() or np.abs(places).max() > 1 or np.ptp(places[:, 1]) / 2 < _SMALL:
        with context.temp_override(area=area, region=region):
            bpy.ops.view3d.view_selected()


def _boxes(context: bpy.types.Context) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for obj in context.view_layer.objects:
        if obj.type in _SOLID and obj.visible_get(view_layer=context.view_layer):
            yield _box(obj)


def _box(obj: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest corner of an object in the world."""
    corners = np.array([obj.matrix_world @ Vector(corner) for corner in obj.bound_box])
    return corners.min(axis=0), corners.max(axis=0)
