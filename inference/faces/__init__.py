# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that curves can move: the `FaceModel` type and the built-in head.

Reading order of the built-in head: `form` (the surface) -> `sheet`, `lips`, `lids`, `ear`, `skin` (its mesh) -> `eyes`,
`teeth`, `tongue`, `brows` (the pieces) -> `rest` (all of it, and the fields to move it by) -> `shapes_*`, `visemes` ->
`paint` -> `builtin`.
"""

from .builtin import builtin_head
from .model import FaceModel, Material, Part

__all__ = ["FaceModel", "Material", "Part", "builtin_head"]
