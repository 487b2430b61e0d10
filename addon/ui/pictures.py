# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for the interface that are drawn when first asked for, and kept for as long as the add-on is on."""

from __future__ import annotations

from typing import Any

import bpy.utils.previews  # pyright: ignore[reportMissingImports]
import numpy as np


class Pictures:
    """Icons by name.

    Nothing is drawn before `register` and after `unregister`: Blender has no interface to show it in then.
    """

    def __init__(self) -> None:
        self._made: Any = None

    def register(self) -> None:
        """Begin to keep pictures."""
        self._made = bpy.utils.previews.new()

    def unregister(self) -> None:
        """Let them all go."""
        if self._made is not None:
            bpy.utils.previews.remove(self._made)
            self._made = None

    def __contains__(self, name: str) -> bool:
        return self._made is not None and name in self._made

    def icon(self, name: str) -> int:
        """The icon of this name; 0 where there is none."""
        return self._made[name].icon_id if name in self else 0

    def add(self, name: str, picture: np.ndarray, small: np.ndarray | None = None) -> None:
        """Keep a picture, and a small one for menus.

        Parameters
        ----------
        name : str
            Not among them yet.
        picture, small : ndarray [shape=(S, S, 4)]
            Square, first row below; Blender makes the small one itself where it is not given.
        """
        if self._made is None:
            return
        preview = self._made.new(name)
        preview.image_size = picture.shape[:2]
        if small is not None:
            preview.icon_size = small.shape[:2]
        preview.image_pixels_float.foreach_set(np.ascontiguousarray(picture).ravel())
        if small is not None:
            preview.icon_pixels_float.foreach_set(np.ascontiguousarray(small).ravel())
