# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene's frame rate, and the timeline of what begins at one of its frames."""

from __future__ import annotations

import bpy

from ...inference.core.timeline import Timeline


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames per second of the scene; 29.97 and 23.976 come from ``fps_base``."""
    return scene.render.fps / scene.render.fps_base


def timeline_of(scene: bpy.types.Scene, first_frame: float) -> Timeline:
    """The timeline of a take whose second 0 falls on `first_frame`, which may lie between frames."""
    return Timeline(frame_rate(scene), first_frame)
