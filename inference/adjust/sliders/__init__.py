# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders: adjustments of motion that is already made. Each is a pure function from Motion to Motion, by rule.

A slider is one file in this folder, found by itself, with

* ``ORDER`` (lower runs earlier), ``LABEL``, ``ABOUT`` (a sentence for the artist), ``GROUP`` (where it stands),
* ``NEUTRAL``, ``LOW``, ``HIGH`` (a value) and ``UNIT`` ("", "ms"),
* ``CHANNELS``: those it may change,
* ``apply(motion, value, voice) -> Motion``: `value` is one number or one for each frame [shape=(F,), float32], `voice`
  how it is said in each frame (`core.analysis.Voice`). At ``NEUTRAL`` nothing changes, bit for bit,
* where it does not work without an analysis of the sound, ``NEEDS``: those parts of `KNOWN_NEEDS` it reads,
* where it changes when something moves and not how much, ``TIMING = True``: closed lips are moved in time, too.

The name of the file is the name of the slider. A file with a table ``SLIDERS`` holds several, by their names: `scale`
holds those that multiply what was generated. No slider can open a closed lip: see `lips.constraint.constrain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from ...core.analysis import Voice
from ...core.errors import StyleError
from ...core.motion import Motion
from ...core.plugins import modules_in

LOUDNESS, EFFORT, PHONEMES = "loudness", "effort", "phonemes"
KNOWN_NEEDS = frozenset({LOUDNESS, EFFORT, PHONEMES})  # parts of a `core.analysis.SpeechAnalysis`


class Slider(Protocol):
    """What each slider has; ``NEEDS`` and ``TIMING`` only some: ask `needs` and `is_timing`."""

    ORDER: int
    GROUP: str
    LABEL: str
    ABOUT: str
    UNIT: str
    NEUTRAL: float
    LOW: float
    HIGH: float
    CHANNELS: tuple[str, ...]

    def apply(self, motion: Motion, value: float | np.ndarray, voice: Voice | None = None, /) -> Motion:
        """The motion with the slider at a value; see the package."""
        ...


@cache
def sliders() -> Mapping[str, Slider]:
    """Every slider by its name, in the order they run."""
    by_name: dict[str, Any] = {}
    for name, module in modules_in(__name__).items():
        by_name |= getattr(module, "SLIDERS", {name: module})
    return MappingProxyType(dict(sorted(by_name.items(), key=lambda item: (item[1].ORDER, item[0]))))


def needs(slider: Slider) -> frozenset[str]:
    """The parts of a speech analysis that a slider does not work without."""
    return frozenset(getattr(slider, "NEEDS", ()))


def heard(voice: Voice | None, motion: Motion, slider: str, what: str, neutral: float) -> Voice:
    """The voice that a slider goes by; raises StyleError where it is missing or of another length than the motion."""
    if voice is None or len(voice) != motion.frames:
        raise StyleError(
            f"Expected {what} in each of {motion.frames} frames for the slider {slider}, got "
            f"{'nothing' if voice is None else len(voice)}. Set {slider} to {neutral:g}, or give the sound along."
        )
    return voice


def is_timing(slider: Slider) -> bool:
    """Whether a slider changes when something moves, not how much."""
    return bool(getattr(slider, "TIMING", False))
