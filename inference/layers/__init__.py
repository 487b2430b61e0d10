# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers: what is added to the model's motion by rule. Each is a pure function from Motion to Motion.

A layer is one file in this folder with an integer ``ORDER`` (lower runs earlier) and a function
``apply(motion, rng, style) -> Motion`` that keeps channels, frame rate and length. It is found by itself. One that
makes each frame out of that frame, its time and chance alone says so with ``POINTWISE = True`` and runs live, too; the
end of the motion may matter to its last ``AHEAD`` seconds. One that goes by the frames before runs live where it has
``stream(motion, style, state) -> (motion, state)``, which goes on from part to part (None at first); it needs no
chance, and comes before those that are pointwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any
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


def stream_layers(motion: Motion, states: Mapping[str, Any], style: Style = NEUTRAL) -> tuple[Motion, dict[str, Any]]:
    """Run the layers that go by the frames before on the next part of a motion.

    Parameters
    ----------
    motion : Motion
        Goes on where the part before ended.
    states : mapping
        What the part before gave; empty for the first.
    style : Style
        As for `apply_layers`.
    """
    after = dict(states)
    for layer in layers():
        if (stream := getattr(layer, "stream", None)) is not None:
            motion, after[layer.__name__] = stream(motion, style, states.get(layer.__name__))
    return motion, after
