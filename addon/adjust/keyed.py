# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed dials: the F-curves of a character's properties over the frames of a take.

They are read from the Action in use and, below it, from strips of the Nonlinear Animation editor, where an Action ends
up when a bake puts another one to use. What is not keyed stands where it stands.
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
    """A dial's F-curve, and the strip it is played by, if any."""

    curve: bpy.types.FCurve
    strip: Any = None

    def at(self, frames: np.ndarray) -> np.ndarray:
        """Values at scene frames [shape=(F,)]."""
        return np.array([self.curve.evaluate(frame) for frame in self._own(frames).tolist()], np.float32)

    def mark(self) -> tuple:
        """What is another one whenever the curve is."""
        points = self.curve.keyframe_points
        numbers = np.empty(2 * len(points), np.float32)
        seen: list[Any] = []
        for name in ("co", "handle_left", "handle_right"):
            points.foreach_get(name, numbers)
            seen.append(numbers.tobytes())
        shapes = np.empty(len(points), np.int32)
        points.foreach_get("interpolation", shapes)
        place = () if self.strip is None else (self.strip.frame_start, self.strip.frame_end, self.strip.scale)
        bends = tuple(value for modifier in self.curve.modifiers for value in _plain(modifier))
        return (*seen, shapes.tobytes(), self.curve.extrapolation, place, bends)

    def _own(self, frames: np.ndarray) -> np.ndarray:
        """Frames of the Action; before and after its strip it is held."""
        if self.strip is None:
            return np.asarray(frames, np.float64)
        inside = np.clip(frames, self.strip.frame_start, self.strip.frame_end) - self.strip.frame_start
        return self.strip.action_frame_start + inside / max(self.strip.scale, 1e-6)


def keyed(root: bpy.types.Object) -> dict[str, Keyed]:
    """The dials of a character that are keyed, with their curves."""
    data = root.animation_data
    if data is None:
        return {}
    found: dict[str, Keyed] = {}
    home = actions.slot_in_use(root)
    for curve in home.existing_fcurves if home else ():
        _note(found, Keyed(curve))
    for strip in _strips(data):
        home = actions.home_in(strip, root)
        for curve in home.existing_fcurves if home else ():
            _note(found, Keyed(curve, strip))
    return found


def _note(found: dict[str, Keyed], one: Keyed) -> None:
    path = one.curve.data_path
    if path.startswith(PREFIX) and path[len(PREFIX) :] in ADJUSTMENTS and not one.curve.mute:
        found.setdefault(path[len(PREFIX) :], one)


def _strips(data: bpy.types.AnimData) -> Iterator[Any]:
    """Strips that play, the topmost first."""
    for track in reversed(data.nla_tracks):
        yield from (strip for strip in reversed(track.strips) if not (track.mute or strip.mute))


def _plain(modifier: bpy.types.FModifier) -> Iterator[Any]:
    for one in modifier.bl_rna.properties:
        if one.type in {"FLOAT", "INT", "BOOLEAN", "ENUM"} and not getattr(one, "is_array", False):
            yield getattr(modifier, one.identifier)
