# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers: what is added to the model's motion by rule. Each is a pure function from Motion to Motion.

A layer is one file in this folder with an integer ``ORDER`` (lower runs earlier) and a function
``apply(motion, rng, style) -> Motion`` that keeps channels, frame rate and length. It is found by itself. One that
makes each frame out of that frame, its time and chance alone says so with ``POINTWISE = True``; it runs live, too, and
so does `pauses`, which goes by the frames before. The end of the motion may matter to its last ``AHEAD`` seconds.
"""

from __future__ import annotations

from types import ModuleType
from zlib import crc32

import numpy as np

from ..core.motion import Motion
from ..core.plugins import modules_in
from ..styles.style import NEUTRAL, Style

AHEAD = 0.08  # s


def layers() -> list[ModuleType]:
    """Every layer module found, in the order they run."""
    return list(modules_in(__name__).values())


def apply_layers(motion: Motion, seed: int, *, style: Style = NEUTRAL, pointwise: bool = False) -> Motion:
    """Run all layers, or only the pointwise ones.

    Each draws from its own generator, so a new layer leaves the others' takes as they were.

    Parameters
    ----------
    motion : Motion
        What the model says, a style at work on it.
    seed : int
        Of the take.
    style : Style
        Says how often to blink, how far to look around and where the mouth rests.
    pointwise : bool
        Whether to run only layers that make each frame out of that frame, its time and chance, as live frames need.
    """
    for layer in layers():
        if pointwise and not getattr(layer, "POINTWISE", False):
            continue
        name = layer.__name__.rpartition(".")[2]
        motion = layer.apply(motion, np.random.default_rng([seed, crc32(name.encode())]), style)
    return motion
