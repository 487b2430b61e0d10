# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons made of drawn pictures, kept in memory while the add-on is enabled."""

from __future__ import annotations

from typing import Any

import bpy.utils.previews  # pyright: ignore[reportMissingImports]
import numpy as np


class Pictures:
    """Icons by name; it is empty before `register` and after `unregister`."""

    def __init__(self) -> None:
        self._previews: Any = None

    def register(self) -> None:
        """Begin to keep pictures."""
        self._previews = bpy.utils.previews.new()

    def unregister(self) -> None:
        """Free all pictures."""
        if self._previews is not None:
            bpy.utils.previews.remove(self._previews)
            self._previews = None

    def __contains__(self, name: str) -> bool:
        return self._previews is not None and name in self._previews

    def icon(self, name: str) -> int:
        """The number of the icon of this name, as layouts take it; 0 where there is none."""
        return self._previews[name].icon_id if name in self else 0

    def add(self, name: str, picture: np.ndarray, small: np.ndarray | None = None) -> None:
        """Keep a picture, and a small one for menus; does nothing while not registered.

        Parameters
        ----------
        name : str
            A name that no picture has yet.
        picture, small : ndarray [shape=(S, S, 4)]
            Square, the bottom row first; without `small` Blender scales the picture down.
        """
        if self._previews is None:
            return
        preview = self._previews.new(name)
        preview.image_size = picture.shape[:2]
        if small is not None:
            preview.icon_size = small.shape[:2]
        preview.image_pixels_float.foreach_set(np.ascontiguousarray(picture).ravel())
        if small is not None:
            preview.icon_pixels_float.foreach_set(np.ascontiguousarray(small).ravel())
