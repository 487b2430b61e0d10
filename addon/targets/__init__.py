# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be driven on a character: one file for each kind of control, all with the functions of `Target`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import bpy
import numpy as np


class Target(Protocol):
    """A kind of control: a module with these functions. `block` is the data-block that carries the keys."""

    def blocks(self) -> Iterable[bpy.types.ID]:
        """All data-blocks of this kind in the file."""
        ...

    def value(self, block: Any, name: str) -> float:
        """What a control stands at now."""
        ...

    def set_value(self, block: Any, name: str, value: float) -> None:
        """Move a control; nothing happens when it is gone."""
        ...

    def curve(self, block: Any, name: str) -> tuple[str, int]:
        """Data path and array index of its F-curve."""
        ...

    def ensure_editable(self, obj: bpy.types.Object, block: Any) -> None:
        """Raise a RigError that says what to do when the data-block cannot be keyed."""
        ...

    def obstacles(self, obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
        """Sentences about what will not move as the values [shape=(F, T)] say."""
        ...
