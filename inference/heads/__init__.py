# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that curves can move: the `FaceModel` type and the built-in head.

Reading order of the built-in head: `form` (the surface); `sheet`, `lips`, `lids`, `ear`, `nostrils`, `skin` (its mesh);
`piece`, `eyes`, `teeth`, `tongue`, `brows`, `hair` (what is separate); `rest` (all of it, and the fields that move it);
`shapes_*`, `visemes`; `paint`; `builtin`.
"""

from .builtin import builtin_head
from .model import FaceModel, Material, Part

__all__ = ["FaceModel", "Material", "Part", "builtin_head"]
