# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers: rules that add to the model's motion what sound does not tell, such as blinks; one file each.

A layer has an integer ``ORDER`` (lower runs earlier) and a pure function ``apply(motion, rng, style) -> Motion`` that
keeps channels, frame rate and length. It is found by itself.

To run live, too, it says how. With ``POINTWISE = True`` each frame depends on that frame, its time and the random
generator alone; only the last ``AHEAD`` seconds may depend on where the motion ends. With ``stream(motion, style,
state) -> (motion, state)`` it goes on from part to part of a motion (the state is None at first), by the frames before;
such a layer draws no random numbers and comes before the pointwise ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any
from zlib import crc32

import numpy as np

from ..core.motion import Motion
from ..core.plugins import modules_in
from ..styles.style import NEUTRAL, Style

AHEAD = 0.08  # s
STREAMED, POINTWISE, WHOLE = "streamed", "pointwise", "whole"  # kinds of layers: the last has to see a whole motion


def layers() -> list[ModuleType]:
    """All layer modules in this folder, in the order in which they run."""
    return list(modules_in(__name__).values())


def kind_of(layer: ModuleType) -> str:
    """``STREAMED``, ``POINTWISE`` or ``WHOLE``: what a layer has to see of a motion."""
    if hasattr(layer, "stream"):
        return STREAMED
    return POINTWISE if getattr(layer, "POINTWISE", False) else WHOLE


def apply_layers(
    motion: Motion, seed: int, *, style: Style = NEUTRAL, kinds: Collection[str] = (STREAMED, POINTWISE, WHOLE)
) -> Motion:
    """Run all layers, or only those of some kinds.

    Each draws from a generator of its own, so another layer in the folder does not change what these draw.

    Parameters
    ----------
    motion : Motion
        The model's motion, in its style.
    seed : int
        The take's seed.
    style : Style
        Says how often to blink, how far to look around and where the mouth rests.
    kinds : collection of str
        Those of `kind_of`; live frames, for one, were streamed and need only what is pointwise.
    """
    for layer in layers():
        if kind_of(layer) not in kinds:
            continue
        name = layer.__name__.rpartition(".")[2]
        motion = layer.apply(motion, np.random.default_rng([seed, crc32(name.encode())]), style)
    return motion


def stream_layers(motion: Motion, states: Mapping[str, Any], style: Style = NEUTRAL) -> tuple[Motion, dict[str, Any]]:
    """Run the layers that have `stream` on the next part of a motion; the part, and their states after it.

    Parameters
    ----------
    motion : Motion
        The part; it begins where the part before ended.
    states : mapping
        The states after the part before; empty for the first part.
    style : Style
        As for `apply_layers`.
    """
    after = dict(states)
    for layer in layers():
        if (stream := getattr(layer, "stream", None)) is not None:
            motion, after[layer.__name__] = stream(motion, style, states.get(layer.__name__))
    return motion, after
