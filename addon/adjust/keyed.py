# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed adjustments: their F-curves, evaluated over the frames of a take.

They are read from the Action in use and, below it, from strips of the Nonlinear Animation editor, into which an Action
is moved when a bake assigns another one. An adjustment that is not keyed keeps its current value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..blender import actions
from .properties import ADJUSTMENTS, PREFIX


@dataclass(frozen=True)
class Keyed:
    """An adjustment's F-curve, and the NLA strip that plays it, if any."""

    curve: bpy.types.FCurve
    strip: Any = None

    def at(self, frames: np.ndarray) -> np.ndarray:
        """Values at scene frames [shape=(F,)]."""
        return np.array([self.curve.evaluate(frame) for frame in self._own(frames).tolist()], np.float32)

    def fingerprint(self) -> tuple:
        """All that decides the curve's values, to compare: keys, handles, modifiers, and where the strip lies."""
        points = self.curve.keyframe_points
        numbers = np.empty(2 * len(points), np.float32)
        coordinates: list[Any] = []
        for name in ("co", "handle_left", "handle_right"):
            points.foreach_get(name, numbers)
            coordinates.append(numbers.tobytes())
        interpolation = np.empty(len(points), np.int32)
        points.foreach_get("interpolation", interpolation)
        span = () if self.strip is None else (self.strip.frame_start, self.strip.frame_end, self.strip.scale)
        modifiers = tuple(value for modifier in self.curve.modifiers for value in _numbers_of(modifier))
        return (*coordinates, interpolation.tobytes(), self.curve.extrapolation, span, modifiers)

    def _own(self, frames: np.ndarray) -> np.ndarray:
        """Scene frames as frames of the Action; before and after its strip the first and last one are held."""
        if self.strip is None:
            return np.asarray(frames, np.float64)
        inside = np.clip(frames, self.strip.frame_start, self.strip.frame_end) - self.strip.frame_start
        return self.strip.action_frame_start + inside / max(self.strip.scale, 1e-6)


def keyed(root: bpy.types.Object) -> dict[str, Keyed]:
    """The keyed adjustments of a character, by field; the Action in use comes before strips, upper before lower."""
    data = root.animation_data
    if data is None:
        return {}
    found: dict[str, Keyed] = {}
    slot = actions.slot_in_use(root)
    for curve in slot.existing_fcurves if slot else ():
        _note(found, Keyed(curve))
    for strip in _strips(data):
        slot = actions.home_in(strip, root)
        for curve in slot.existing_fcurves if slot else ():
            _note(found, Keyed(curve, strip))
    return found


def _note(found: dict[str, Keyed], new: Keyed) -> None:
    """Add a curve if it is an adjustment's, is not muted, and none was found for that before."""
    path = new.curve.data_path
    if path.startswith(PREFIX) and path[len(PREFIX) :] in ADJUSTMENTS and not new.curve.mute:
        found.setdefault(path[len(PREFIX) :], new)


def _strips(data: bpy.types.AnimData) -> Iterator[Any]:
    """Strips that are not muted, the topmost first."""
    for track in reversed(data.nla_tracks):
        yield from (strip for strip in reversed(track.strips) if not (track.mute or strip.mute))


def _numbers_of(modifier: bpy.types.FModifier) -> Iterator[Any]:
    """The settings of a modifier: its numbers, switches and choices."""
    for setting in modifier.bl_rna.properties:
        if setting.type in {"FLOAT", "INT", "BOOLEAN", "ENUM"} and not getattr(setting, "is_array", False):
            yield getattr(modifier, setting.identifier)
