# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m facewright.inference.batch.filming``: renders films for a batch, with the bpy wheel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata

from ..core.errors import WorkerError
from ..core.motion import Motion
from ..preview.render import render_preview
from .blender_protocol import Filmed, MakeFilm, Message, Order
from .serving import serve


def film(order: Order, motions: Sequence[Motion]) -> Message:
    """Render one film."""
    if not isinstance(order, MakeFilm):
        raise WorkerError(f"Expected a film to make, got {type(order).__name__}.")
    render_preview(motions[0], order.sound, order.path)
    return Filmed()


if __name__ == "__main__":
    sys.exit(serve(film, metadata.version("bpy")))
