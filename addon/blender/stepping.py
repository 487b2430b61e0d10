# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating a scene on other frames without calling any handler.

``Scene.frame_set`` runs the frame handlers of every add-on, and a change of ``Scene.frame_current`` the depsgraph
handlers. But a depsgraph that is updated looks at the frame of its scene by itself, and writing properties of a whole
collection at once (``foreach_set``) announces nothing. So frames are written that way, and no handler is called.
"""

from __future__ import annotations

from math import floor

import bpy
import numpy as np


class FrameStepper:
    """Steps one scene; the frames of all others are written back as they are.

    Parameters
    ----------
    scene : bpy.types.Scene
        No window may show it.
    """

    def __init__(self, scene: bpy.types.Scene) -> None:
        scenes = bpy.data.scenes
        self._place = list(scenes).index(scene)
        self._current, self._rest = np.empty(len(scenes), np.int32), np.empty(len(scenes), np.float32)
        scenes.foreach_get("frame_current", self._current)
        scenes.foreach_get("frame_subframe", self._rest)
        layer = scene.view_layers[0]
        scene.statistics(layer)  # makes a depsgraph; what else does makes it the one that moves the artist's own bones
        self._depsgraph = layer.depsgraph

    def evaluate(self, frame: float, times: int = 1) -> bpy.types.Depsgraph:
        """Evaluate the scene at a frame, which may lie between frames.

        Each evaluation takes drivers that depend on each other in a circle one step further: `times` says how many.
        Blender evaluates the same frame only once, so they lie in turn on it and right beside it, the last on it.
        """
        whole = floor(frame)
        for left in reversed(range(times)):
            self._current[self._place] = whole
            self._rest[self._place] = np.float32(frame - whole)
            if left % 2:
                self._rest[self._place] += np.float32(2) * np.spacing(np.float32(abs(frame) + 1))
            bpy.data.scenes.foreach_set("frame_current", self._current)
            bpy.data.scenes.foreach_set("frame_subframe", self._rest)
            self._depsgraph.update()
        return self._depsgraph
